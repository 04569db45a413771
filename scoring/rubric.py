"""Criteria, items, scale and gates as data in two languages, read from ``rubrics/*.toml`` and checked.

A rubric is named ``id@version`` and never changes once a call has pinned it; its digest proves it. The score sheet is
drawn from it, so a new criterion is a new TOML file and nothing else. Everything a person reads has ``ko`` and ``en``.

>>> rubric = load("ppir-default@1")
>>> [(c.code, c.weight, c.cut_line_pct) for c in rubric.criteria]
[('C1', 30, Decimal('60')), ('C2', 25, Decimal('60')), ('C3', 25, Decimal('60')), ('C4', 20, None)]
>>> rubric.item("C1.2").ko, rubric.item("C1.2").anchor(3).en
('탁월성', 'Evidence shows performance equal to or slightly above comparable products')
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Protocol, TypeVar

from scoring.errors import RubricInvalid, RubricNotFound
from scoring.rubric_file import Node, merge_by_code, parse

WEIGHT_SUM = 100


class Coded(Protocol):
    @property
    def code(self) -> str: ...


CodedT = TypeVar("CodedT", bound=Coded)


@dataclass(frozen=True)
class Label:
    """A text in both languages, neither of them empty."""

    ko: str
    en: str


@dataclass(frozen=True)
class Step:
    """One step of the scale: ``value`` 1 (lowest) … ``top``, with its name."""

    value: int
    ko: str
    en: str


@dataclass(frozen=True)
class Anchor:
    """What a step means for one item, so that two panellists mean the same by it."""

    step: int
    ko: str
    en: str


@dataclass(frozen=True)
class Item:
    """One thing to mark. ``points`` is its maximum; ``anchors`` follow the order of the scale."""

    code: str
    ko: str
    en: str
    points: int
    description: Label
    anchors: tuple[Anchor, ...]

    def anchor(self, step: int) -> Anchor:
        """The anchor of a step; KeyError when the scale has no such step."""
        for anchor in self.anchors:
            if anchor.step == step:
                return anchor
        raise KeyError(step)


@dataclass(frozen=True)
class Criterion:
    """A group of items. ``weight`` is the sum of their points; ``cut_line_pct`` per cent of it, None if none."""

    code: str
    ko: str
    en: str
    index: Label
    weight: int
    cut_line_pct: Decimal | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Gate:
    """A yes/no question (적/부); "no" by a majority of the panel fails the application whatever its total."""

    code: str
    ko: str
    en: str
    question: Label


@dataclass(frozen=True)
class Rubric:
    """What a sheet asks. Weights sum to 100; the scale is listed from its top step down to 1."""

    id: str
    version: int
    title: Label
    scale: tuple[Step, ...]
    criteria: tuple[Criterion, ...]
    gates: tuple[Gate, ...]
    comment_required_at: frozenset[int]
    pass_mark: Decimal
    decimals: int
    quorum: int

    @property
    def key(self) -> str:
        """``id@version``, as a call pins it."""
        return f"{self.id}@{self.version}"

    @property
    def top(self) -> int:
        """The highest step of the scale."""
        return self.scale[0].value

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in the order of the sheet."""
        return tuple(item for criterion in self.criteria for item in criterion.items)

    @property
    def item_codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items)

    @property
    def criterion_codes(self) -> tuple[str, ...]:
        return tuple(criterion.code for criterion in self.criteria)

    @property
    def gate_codes(self) -> tuple[str, ...]:
        return tuple(gate.code for gate in self.gates)

    def criterion(self, code: str) -> Criterion:
        """The criterion of this code; KeyError when there is none."""
        return _by_code(self.criteria, code)

    def item(self, code: str) -> Item:
        """The item of this code; KeyError when there is none."""
        return _by_code(self.items, code)

    def gate(self, code: str) -> Gate:
        """The gate of this code; KeyError when there is none."""
        return _by_code(self.gates, code)

    def step(self, value: int) -> Step:
        """The step of this value; KeyError when the scale has none."""
        for step in self.scale:
            if step.value == value:
                return step
        raise KeyError(value)

    def points(self, item_code: str, step: int) -> Fraction:
        """Exact points of a mark: maximum × step / top.

        >>> load("ppir-default@1").points("C2.3", 4)
        Fraction(4, 1)
        """
        return Fraction(self.item(item_code).points * self.step(step).value, self.top)

    def comment_required(self, step: int) -> bool:
        """Whether a mark of this step must be explained in words."""
        return step in self.comment_required_at

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the content in a canonical form; comments and layout of the file do not count."""
        content = asdict(self) | {"comment_required_at": sorted(self.comment_required_at)}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()


def available() -> tuple[str, ...]:
    """Keys (``id@version``) of the rubrics that come with the library, sorted.

    >>> available()
    ('ppir-ai@1', 'ppir-default@1')
    """
    return tuple(sorted(_texts_by_key()))


@lru_cache
def load(key: str) -> Rubric:
    """The rubric of this key (``id@version``), read and checked once.

    Raises RubricNotFound for an unknown key, RubricInvalid when a file breaks a rule.
    """
    texts = _texts_by_key()
    if key not in texts:
        raise RubricNotFound(key=key, available=available())
    source, text = texts[key]
    return from_toml(text, source=source)


def from_toml(text: str, *, source: str = "rubric.toml") -> Rubric:
    """A rubric from the text of a TOML file, for instance one that an administrator wants to try.

    ``extends = "id@version"`` takes over a rubric of the library; tables with the same code are merged.
    Raises RubricInvalid naming ``source``, ``field`` and ``reason``.
    """
    return _rubric(Node(source, "", _extended(parse(text, source), source, seen=())))


# --- finding the files ---------------------------------------------------------------------------------------------


@lru_cache
def _texts_by_key() -> Mapping[str, tuple[str, str]]:
    """{id@version: (file name, text)}. The key is read inside the file, so old versions may stay under any name."""
    texts: dict[str, tuple[str, str]] = {}
    for entry in sorted(files("scoring").joinpath("rubrics").iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        text = entry.read_text(encoding="utf-8")
        node = Node(entry.name, "", parse(text, entry.name))
        key = f"{node.text('id')}@{node.whole('version', least=1)}"
        if key in texts:
            raise RubricInvalid(source=entry.name, field="version", reason=f"{key} is also in {texts[key][0]}")
        texts[key] = (entry.name, text)
    return texts


def _extended(data: Mapping[str, object], source: str, seen: tuple[str, ...]) -> dict[str, object]:
    own = dict(data)
    base = own.pop("extends", None)
    if base is None:
        return own
    if not isinstance(base, str) or base not in _texts_by_key() or base in seen:
        raise RubricInvalid(source=source, field="extends", reason=f"no rubric {base!r} to extend")
    base_source, base_text = _texts_by_key()[base]
    return merge_by_code(_extended(parse(base_text, base_source), base_source, (*seen, base)), own)


# --- from tables to dataclasses --------------------------------------------------------------------------------------


def _rubric(node: Node) -> Rubric:
    node.only("id", "version", "title", "scale", "criteria", "gates", "comment_required_at", "pass_mark", "decimals",
              "quorum")  # fmt: skip
    scale = tuple(sorted(_each(node, "scale", _step), key=lambda step: -step.value))
    if [step.value for step in scale] != list(range(len(scale), 0, -1)) or len(scale) < 2:
        node.refuse("scale", "values must be 1, 2, … without a gap, two at least")
    values = tuple(step.value for step in scale)
    criteria = _each(node, "criteria", lambda child: _criterion(child, values))
    gates = _each(node, "gates", _gate)
    commented = node.whole_list("comment_required_at")
    if not set(commented) <= set(values):
        node.refuse("comment_required_at", "names a step the scale has not")
    if sum(criterion.weight for criterion in criteria) != WEIGHT_SUM:
        node.refuse("criteria", f"weights must sum to {WEIGHT_SUM}")
    _refuse_twice(node, "criteria", [c.code for c in criteria] + [i.code for c in criteria for i in c.items])
    _refuse_twice(node, "gates", [gate.code for gate in gates] + [c.code for c in criteria])
    return Rubric(
        id=node.text("id"),
        version=node.whole("version", least=1),
        title=_label(node.table("title")),
        scale=scale,
        criteria=criteria,
        gates=gates,
        comment_required_at=frozenset(commented),
        pass_mark=node.number("pass_mark", least=0, most=WEIGHT_SUM),
        decimals=node.whole("decimals", least=0, most=6),
        quorum=node.whole("quorum", least=1),
    )


def _criterion(node: Node, values: Sequence[int]) -> Criterion:
    node.only("code", "ko", "en", "index", "weight", "cut_line_pct", "items")
    items = _each(node, "items", lambda child: _item(child, values))
    weight = node.whole("weight", least=1)
    if sum(item.points for item in items) != weight:
        node.refuse("weight", f"is {weight}, but the items have {sum(item.points for item in items)} points")
    cut_line_pct = node.number("cut_line_pct", least=0, most=100) if node.has("cut_line_pct") else None
    index = _label(node.table("index"))
    return Criterion(node.text("code"), node.text("ko"), node.text("en"), index, weight, cut_line_pct, items)


def _item(node: Node, values: Sequence[int]) -> Item:
    node.only("code", "ko", "en", "points", "description", "anchors")
    anchors = tuple(sorted(_each(node, "anchors", _anchor), key=lambda anchor: -anchor.step))
    if [anchor.step for anchor in anchors] != list(values):
        node.refuse("anchors", "must hold each step of the scale once")
    points, description = node.whole("points", least=1), _label(node.table("description"))
    return Item(node.text("code"), node.text("ko"), node.text("en"), points, description, anchors)


def _step(node: Node) -> Step:
    node.only("value", "ko", "en")
    return Step(node.whole("value", least=1), node.text("ko"), node.text("en"))


def _anchor(node: Node) -> Anchor:
    node.only("step", "ko", "en")
    return Anchor(node.whole("step", least=1), node.text("ko"), node.text("en"))


def _gate(node: Node) -> Gate:
    node.only("code", "ko", "en", "question")
    return Gate(node.text("code"), node.text("ko"), node.text("en"), _label(node.table("question")))


def _label(node: Node) -> Label:
    node.only("ko", "en")
    return Label(node.text("ko"), node.text("en"))


PartT = TypeVar("PartT")


def _each(node: Node, name: str, build: Callable[[Node], PartT]) -> tuple[PartT, ...]:
    return tuple(build(child) for child in node.tables(name))


def _refuse_twice(node: Node, field: str, codes: Sequence[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            node.refuse(field, f"code {code} is used twice")


def _by_code(things: Sequence[CodedT], code: str) -> CodedT:
    for thing in things:
        if thing.code == code:
            return thing
    raise KeyError(code)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize())
    raise TypeError(type(value).__name__)
