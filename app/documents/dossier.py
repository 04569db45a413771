"""A dossier's content by the form: what was entered, what is missing, what is wrong, what panellists will see.

Content is `{section: {field: value}}` with the names of form.py: texts as typed, whole numbers and money as int, dates as ISO
text, flags as bool, lines and words as lists of text, rows as lists of `{column: text}`. What does not parse stays as typed,
so that a draft loses nothing; `check` names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.documents import characters, identifiers
from app.documents.conditions import Content as Content
from app.documents.conditions import asked, holds
from app.documents.conditions import empty as empty
from app.documents.conditions import value as value
from app.documents.form import SECTION, SECTIONS, SLOT, SLOTS, Field, Section, Slot
from app.documents.veil import Veil

FILE_MB = 50  # the largest file, unless the call's `extra` says otherwise
DEFAULT_SLOTS = (
    "D02",
    "D03",
)  # what a call demands when it says nothing else; a call pins its own list in `extra["slots"]`
_BETWEEN = re.compile(r"[,;·、，/\n]")  # between names in one box
CONDITIONAL = tuple(slot.code for slot in SLOTS if slot.when)  # and `extra["conditional_slots"]` those asked for by condition


@dataclass(frozen=True)
class Problem:
    """What is wrong or missing, and where: `section.field`, `section.field.row.column`, or a slot such as `D03`."""

    place: str
    code: str
    hard: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def section(self) -> str:
        return "files" if "." not in self.place else self.place.split(".")[0]


@dataclass(frozen=True)
class Interested:
    """Somebody with an interest in the product; without an organisation only the name is known.

    `identifier` is what was entered to tell them from namesakes: ORCID, national researcher number or mail.
    """

    name: str
    organisation: str
    role: str
    unit: str = ""
    identifier: str = ""


@dataclass(frozen=True)
class Shown:
    """One field of a view, with its value as entered."""

    field: Field
    value: Any


@dataclass(frozen=True)
class ViewSection:
    section: Section
    fields: tuple[Shown, ...]


def parse(section: str, entered: Callable[[str], Sequence[str]]) -> dict[str, Any]:
    """A section's values from a form: `entered(name)` gives the texts sent under a name; rows send `field.column` once a row."""
    return {f.name: _parse_rows(f, entered) if f.kind == "rows" else _parse(f, entered(f.name)) for f in SECTION[section].fields}


def check(content: Content) -> list[Problem]:
    """Everything entered that breaks a rule: kinds, ranges, lengths, choices, identifiers. Empty fields: `missing`.

    What is not asked for does not count, so it cannot be wrong.
    """
    found: list[Problem] = []
    for section in SECTIONS:
        values = content.get(section.key) or {}
        for f in section.fields:
            if asked(f, content):
                faults = _check(f, values.get(f.name), f"{section.key}.{f.name}")
                found += _overridden(faults, values.get(f.override)) if f.override else faults
    return found + _check_together(content)


def missing(content: Content, files: Iterable[str], slots: Iterable[str] = DEFAULT_SLOTS) -> list[Problem]:
    """Required fields left empty and demanded slots without a file; `files` are the slots that hold one."""
    found: list[Problem] = []
    for section in SECTIONS:
        values = content.get(section.key) or {}
        for f in (f for f in section.fields if asked(f, content)):
            place = f"{section.key}.{f.name}"
            if f.required and empty(values.get(f.name)):
                found.append(Problem(place, "dossier.missing"))
            for n, row in enumerate(values.get(f.name) or [] if f.kind == "rows" else []):
                found += [
                    Problem(f"{place}.{n}.{c.name}", "dossier.missing")
                    for c in f.columns
                    if c.required and empty(row.get(c.name)) and holds(c.when, content, row)
                ]
    held = set(files)
    return found + [Problem(code, "dossier.file_missing") for code in slots if code != "D01" and code not in held]


def left(content: Content, files: Iterable[str], slots: Iterable[str] = DEFAULT_SLOTS) -> list[Problem]:
    """What stands between this dossier and its submission."""
    return missing(content, files, slots) + [p for p in check(content) if p.hard]


def demanded(extra: Mapping[str, Any], content: Content) -> tuple[str, ...]:
    """The slots a call demands of this dossier: those the `extra` of its rules lists, and those whose condition holds."""
    listed = {*extra.get("slots", DEFAULT_SLOTS), *extra.get("conditional_slots", CONDITIONAL)}
    return tuple(slot.code for slot in SLOTS if slot.code in listed and holds(slot.when, content))


def reopened(items: Iterable[str]) -> frozenset[str]:
    """The places a supplement opens: those named, and every field or slot whose condition reads one of them."""
    named = frozenset(items)
    fields = {f"{s.key}.{f.name}" for s in SECTIONS for f in s.fields if f.when and f.when.place in named}
    return named | fields | {slot.code for slot in SLOTS if slot.when and slot.when.place in named}


def file_mb(extra: Mapping[str, Any]) -> int:
    """The largest file a call takes in, from the `extra` of its rules."""
    return int(extra.get("file_mb", FILE_MB))


def panel_view(content: Content, veil: Veil) -> list[ViewSection]:
    """Exactly what panellists read: the fields marked for them that hold something, in the order of the form, names covered where
    the call is blind."""
    seen = _view(content, lambda f: f.panel)
    return [ViewSection(s.section, tuple(Shown(f.field, veil.over_all(f.value)) for f in s.fields)) for s in seen]


def full_view(content: Content) -> list[ViewSection]:
    """Every field that holds something, for the applicant and the coordinator."""
    return _view(content, lambda f: True)


def panel_slots() -> tuple[Slot, ...]:
    return tuple(slot for slot in SLOTS if slot.panel)


def label(place: str) -> dict[str, str]:
    """The words for a field (`section.field`), a cell of its rows, or a slot; KeyError when the form has no such place."""
    section, _, name = place.partition(".")
    if not name:
        slot = SLOT[section]
        return {"ko": f"{slot.code} {slot.ko}", "en": f"{slot.code} {slot.en}"}
    part = SECTION[section]
    name, *cell = name.split(".")
    named = {f.name: f for f in part.fields}[name]
    words = {"ko": f"{part.ko}: {named.ko}", "en": f"{part.en}: {named.en}"}
    if not cell:
        return words
    if len(cell) != 2 or not cell[0].isdecimal():
        raise KeyError(place)
    row, column = int(cell[0]) + 1, {c.name: c for c in named.columns}[cell[1]]
    return {"ko": f"{words['ko']} {row}번째 줄 {column.ko}", "en": f"{words['en']}, row {row}, {column.en}"}


def title(content: Content) -> str:
    return str(value(content, "product.name_ko") or value(content, "product.name_en") or "")


def sub_fields(content: Content) -> tuple[str, ...]:
    """The codes chosen, in their rank; one that is not asked for does not count."""
    ranked = (f for f in SECTION["classification"].fields if f.name.startswith("field_") and asked(f, content))
    codes = (str(value(content, f"classification.{f.name}") or "") for f in ranked)
    return tuple(dict.fromkeys(code for code in codes if len(code) == 3))


def passages(content: Content) -> tuple[str, ...]:
    """The texts that say what the product is, the summary first: what matching reads."""
    narrative = content.get("narrative") or {}
    names = ("summary", "novelty", "impact", "procurement", "market")
    return tuple(str(narrative[name]).strip() for name in names if not empty(narrative.get(name)))


def subject(content: Content) -> tuple[str, ...]:
    """The texts that say in which field the product is: names, summary, what is new, keywords. None before there is a summary."""
    names = (str(value(content, f"product.{name}") or "").strip() for name in ("name_ko", "name_en"))
    summary, novelty = (str(value(content, f"narrative.{name}") or "").strip() for name in ("summary", "novelty"))
    keywords = ", ".join(str(word) for word in value(content, "classification.keywords") or [])
    return tuple(text for text in (*names, summary, novelty, keywords) if text) if summary else ()


def interested(content: Content) -> tuple[Interested, ...]:
    """Everybody named who has an interest, with the organisation as far as the dossier says it: to be checked for conflicts."""

    def text(place: str) -> str:
        return str(value(content, place) or "").strip()

    named = [
        Interested(text("rnd.principal_investigator"), text("rnd.lead_institution"), "researcher"),
        Interested(text("company.representative"), text("company.name"), "officer"),
        *(
            Interested(*(str(row.get(name) or "").strip() for name in ("name", "organisation", "role", "unit", "identifier")))
            for row in value(content, "people.interest") or []
        ),
        *(
            Interested(name.strip(), "", "inventor")
            for row in value(content, "rights.ip") or []
            for name in _BETWEEN.split(str(row.get("inventors") or ""))
        ),
    ]
    placed = {person.name for person in named if person.organisation}  # a bare name elsewhere is the same person
    return tuple(dict.fromkeys(p for p in named if p.name and (p.organisation or p.name not in placed)))


def projects(content: Content) -> tuple[str, ...]:
    """The numbers of the public research behind the product."""
    numbers = (str(value(content, f"rnd.{name}") or "").strip() for name in ("ntis_project_no", "agency_no"))
    return tuple(dict.fromkeys(number for number in numbers if number))


def people(content: Content) -> tuple[str, ...]:
    """The names of everybody with an interest, each once."""
    return tuple(dict.fromkeys(person.name for person in interested(content)))


def organisations(content: Content) -> list[str]:
    """The names of every company and institution the dossier names."""
    named = [str(value(content, place) or "") for place in ("company.name", "rnd.lead_institution")]
    named += [line for line in value(content, "product.partners") or [] if isinstance(line, str)]
    named += [str(row.get("holder") or "") for row in value(content, "rights.ip") or []]
    named += [person.organisation for person in interested(content)]
    return [name.strip() for name in named if name.strip()]


def imported(
    *,
    title: str,
    summary: str,
    organisation: str = "",
    organisation_number: str = "",
    fields: Sequence[str] = (),
    keywords: Sequence[str] = (),
    people: Sequence[Mapping[str, str]] = (),
    language: str = "ko",
) -> dict[str, dict[str, Any]]:
    """The content of a dossier that came by import, in the shape of the form; only what is known is there."""
    content: dict[str, dict[str, Any]] = {
        "product": {"name_ko" if language == "ko" else "name_en": title},
        "narrative": {"summary": summary},
        "classification": {"keywords": list(keywords), **{f"field_{n}": code for n, code in enumerate(fields[:2], 1)}},
    }
    if organisation:
        content["company"] = {
            "name": organisation,
            **({"business_no": organisation_number} if organisation_number else {}),
        }
    if people:
        content["people"] = {"interest": [{"organisation": "", "role": "other", **person} for person in people]}
    return content


def _view(content: Content, seen: Callable[[Field], bool]) -> list[ViewSection]:
    views = (
        ViewSection(
            s,
            tuple(
                Shown(f, value(content, f"{s.key}.{f.name}"))
                for f in s.fields
                if seen(f) and asked(f, content) and not empty(value(content, f"{s.key}.{f.name}"))
            ),
        )
        for s in SECTIONS
    )
    return [view for view in views if view.fields]


def _parse(f: Field, texts: Sequence[str]) -> Any:
    text = characters.clean(texts[0]) if texts else ""
    if f.kind == "flag":
        return text in ("y", "yes", "1", "true", "on")
    if f.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if f.kind == "words":
        return [word.strip() for word in text.replace("，", ",").replace("、", ",").split(",") if word.strip()]
    if f.kind in ("whole", "money"):
        bare = text.replace(",", "").replace(" ", "").removesuffix("원")
        return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 18 else (text or None)
    return text


def _parse_rows(f: Field, entered: Callable[[str], Sequence[str]]) -> list[dict[str, str]]:
    columns = {c.name: entered(f"{f.name}.{c.name}") for c in f.columns}
    n = max((len(texts) for texts in columns.values()), default=0)
    rows = [{name: characters.clean(texts[at]) if at < len(texts) else "" for name, texts in columns.items()} for at in range(n)]
    chosen = {c.name for c in f.columns if c.kind == "choice"}
    return [row for row in rows if any(text for name, text in row.items() if name not in chosen)]


def _check(f: Field, entered: Any, place: str) -> list[Problem]:
    if empty(entered):
        return []
    if f.kind == "rows":
        found = _check_many(f, entered, place)
        return found + [
            p for n, row in enumerate(entered) for c in f.columns for p in _check(c, row.get(c.name), f"{place}.{n}.{c.name}")
        ]
    if f.kind in ("lines", "words"):
        found = _check_many(f, entered, place)
        return found + [p for item in entered for p in _check_text(f, str(item), place, 300)]
    if f.kind in ("whole", "money"):
        return _check_number(f, entered, place)
    if f.kind == "date":
        return [] if _is_date(str(entered)) else [Problem(place, "dossier.not_a_date")]
    if f.kind == "choice":
        return [] if entered in {c.key for c in f.choices} else [Problem(place, "dossier.unknown_choice")]
    return [] if f.kind == "flag" else _check_text(f, str(entered), place, f.limit)


def _check_many(f: Field, entered: Sequence[Any], place: str) -> list[Problem]:
    n = len(entered)
    return [Problem(place, "dossier.too_many", data={"most": f.limit, "n": n, "over": n - f.limit})] if n > f.limit else []


def _check_text(f: Field, text: str, place: str, limit: int) -> list[Problem]:
    n = characters.count(text)
    if n > limit:
        return [Problem(place, "dossier.too_long", data={"most": limit, "n": n, "over": n - limit})]
    verdict = identifiers.CHECKS[f.rule](text) if f.rule else identifiers.Verdict(text)
    return [Problem(place, verdict.fault, verdict.hard)] if verdict.fault else []


def _overridden(faults: list[Problem], reason: Any) -> list[Problem]:
    """A check digit that does not fit stops no longer once a reason is given; people look at it."""
    if empty(reason):
        return faults
    return [replace(p, code="id.overridden", hard=False) if p.code == "id.check_digit" else p for p in faults]


def _check_number(f: Field, entered: Any, place: str) -> list[Problem]:
    if not isinstance(entered, int) or isinstance(entered, bool):
        return [Problem(place, "dossier.not_a_number")]
    if entered < f.least or (f.most is not None and entered > f.most):
        return [Problem(place, "dossier.out_of_range", data={"least": f.least, "most": f.most})]
    return []


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_together(content: Content) -> list[Problem]:
    """What only two fields together show."""
    found: list[Problem] = []
    least, most = value(content, "pilot_plan.min_units"), value(content, "pilot_plan.max_units")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        found.append(Problem("pilot_plan.max_units", "dossier.units_reversed"))
    started, ended = value(content, "rnd.started_on"), value(content, "rnd.ended_on")
    if started and ended and _is_date(started) and _is_date(ended) and ended < started:
        found.append(Problem("rnd.ended_on", "dossier.dates_reversed"))
    chosen = [value(content, f"classification.field_{n}") for n in (1, 2, 3)]
    found += [
        Problem(f"classification.field_{n}", "dossier.same_field")
        for n, code in enumerate(chosen, 1)
        if code and code in chosen[: n - 1]
    ]
    return found + _check_weights(content) + _check_classes(content)


def _check_weights(content: Content) -> list[Problem]:
    """The weights of the classification are whole shares of 100."""
    weights = [str(row.get("weight") or "") for row in value(content, "classification.nstc") or []]
    if not all(weights):
        return []  # told as missing at the row
    whole = all(text.isascii() and text.isdigit() and int(text) > 0 for text in weights)
    return [] if whole and sum(map(int, weights)) in (0, 100) else [Problem("classification.nstc", "dossier.weights_of_100")]


def _check_classes(content: Content) -> list[Problem]:
    """A detailed item number belongs to one of the classes named."""
    number, classes = value(content, "product.detail_item_no"), value(content, "product.item_class_nos")
    if not number or not classes or identifiers.detail_item_no(str(number)).fault:
        return []
    if any(not identifiers.detail_item_no(str(number), str(named)).fault for named in classes):
        return []
    return [Problem("product.detail_item_no", "id.not_of_class")]
