"""A dossier's content by the form: what was entered, what is missing, what is wrong, what panellists will see.

Content is `{section: {field: value}}` with the names of form.py: texts as typed, whole numbers and money as int, dates as ISO
text, flags as bool, lines and words as lists of text, rows as lists of `{column: text}`. What does not parse stays as typed,
so that a draft loses nothing; `check` names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.documents import identifiers
from app.documents.form import SECTION, SECTIONS, SLOT, SLOTS, Field, Section, Slot

Content = Mapping[str, Mapping[str, Any]]
FILE_MB = 50  # the largest file, unless the call's `extra` says otherwise
DEFAULT_SLOTS = (
    "D02",
    "D03",
)  # what a call demands when it says nothing else; a call pins its own list in `extra["slots"]`


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
class Shown:
    """One field of a view, with its value as entered."""

    field: Field
    value: Any


@dataclass(frozen=True)
class ViewSection:
    section: Section
    fields: tuple[Shown, ...]


def value(content: Content, place: str) -> Any:
    """The value at `section.field`; None when nothing was entered."""
    section, _, name = place.partition(".")
    return (content.get(section) or {}).get(name)


def parse(section: str, entered: Callable[[str], Sequence[str]]) -> dict[str, Any]:
    """A section's values from a form: `entered(name)` gives the texts sent under a name; rows send `field.column` once a row."""
    return {f.name: _parse_rows(f, entered) if f.kind == "rows" else _parse(f, entered(f.name)) for f in SECTION[section].fields}


def check(content: Content) -> list[Problem]:
    """Everything entered that breaks a rule: kinds, ranges, lengths, choices, identifiers. Empty fields: `missing`."""
    found: list[Problem] = []
    for section in SECTIONS:
        values = content.get(section.key) or {}
        for f in section.fields:
            found += _check(f, values.get(f.name), f"{section.key}.{f.name}")
    return found + _check_together(content)


def missing(content: Content, files: Iterable[str], slots: Iterable[str] = DEFAULT_SLOTS) -> list[Problem]:
    """Required fields left empty and demanded slots without a file; `files` are the slots that hold one."""
    found: list[Problem] = []
    for section in SECTIONS:
        values = content.get(section.key) or {}
        for f in section.fields:
            place = f"{section.key}.{f.name}"
            if f.required and empty(values.get(f.name)):
                found.append(Problem(place, "dossier.missing"))
            for n, row in enumerate(values.get(f.name) or [] if f.kind == "rows" else []):
                found += [
                    Problem(f"{place}.{n}.{c.name}", "dossier.missing") for c in f.columns if c.required and empty(row.get(c.name))
                ]
    held = set(files)
    return found + [Problem(code, "dossier.file_missing") for code in slots if code != "D01" and code not in held]


def left(content: Content, files: Iterable[str], slots: Iterable[str] = DEFAULT_SLOTS) -> list[Problem]:
    """What stands between this dossier and its submission."""
    return missing(content, files, slots) + [p for p in check(content) if p.hard]


def demanded(extra: Mapping[str, Any]) -> tuple[str, ...]:
    """The slots a call demands, from the `extra` of its rules."""
    return tuple(extra.get("slots", DEFAULT_SLOTS))


def file_mb(extra: Mapping[str, Any]) -> int:
    """The largest file a call takes in, from the `extra` of its rules."""
    return int(extra.get("file_mb", FILE_MB))


def panel_view(content: Content) -> list[ViewSection]:
    """Exactly what panellists read: the fields marked for them that hold something, in the order of the form."""
    return _view(content, lambda f: f.panel)


def full_view(content: Content) -> list[ViewSection]:
    """Every field that holds something, for the applicant and the coordinator."""
    return _view(content, lambda f: True)


def panel_slots() -> tuple[Slot, ...]:
    return tuple(slot for slot in SLOTS if slot.panel)


def label(place: str) -> dict[str, str]:
    """The words for a field (`section.field`) or slot; KeyError when the form has no such place."""
    section, _, name = place.partition(".")
    if not name:
        slot = SLOT[section]
        return {"ko": f"{slot.code} {slot.ko}", "en": f"{slot.code} {slot.en}"}
    part = SECTION[section]
    named = {f.name: f for f in part.fields}[name.split(".")[0]]
    return {"ko": f"{part.ko}: {named.ko}", "en": f"{part.en}: {named.en}"}


def title(content: Content) -> str:
    return str(value(content, "product.name_ko") or value(content, "product.name_en") or "")


def passages(content: Content) -> tuple[str, ...]:
    """The texts that say what the product is, the summary first: what matching reads."""
    narrative = content.get("narrative") or {}
    names = ("summary", "novelty", "impact", "procurement", "market")
    return tuple(str(narrative[name]).strip() for name in names if not empty(narrative.get(name)))


def people(content: Content) -> tuple[str, ...]:
    """Everybody named who has an interest: to be checked for conflicts."""
    rows = value(content, "people.interest") or []
    named = [
        value(content, "rnd.principal_investigator"),
        value(content, "company.representative"),
        *(row.get("name") for row in rows),
    ]
    return tuple(dict.fromkeys(str(name).strip() for name in named if not empty(name)))


def imported(
    *,
    title: str,
    summary: str,
    organisation: str = "",
    organisation_number: str = "",
    fields: Sequence[str] = (),
    keywords: Sequence[str] = (),
    people: Sequence[str] = (),
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
        content["people"] = {"interest": [{"name": name, "organisation": "", "role": "other"} for name in people]}
    return content


def empty(entered: Any) -> bool:
    """Blank text, no entry, nothing: a blank page counts as not submitted. False and 0 are answers."""
    return entered is None or entered == [] or (isinstance(entered, str) and not entered.strip())


def _view(content: Content, seen: Callable[[Field], bool]) -> list[ViewSection]:
    views = (
        ViewSection(
            s,
            tuple(
                Shown(f, value(content, f"{s.key}.{f.name}"))
                for f in s.fields
                if seen(f) and not empty(value(content, f"{s.key}.{f.name}"))
            ),
        )
        for s in SECTIONS
    )
    return [view for view in views if view.fields]


def _parse(f: Field, texts: Sequence[str]) -> Any:
    text = texts[0].replace("\r\n", "\n").strip() if texts else ""
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
    rows = [{name: texts[at].strip() if at < len(texts) else "" for name, texts in columns.items()} for at in range(n)]
    chosen = {c.name for c in f.columns if c.kind == "choice"}
    return [row for row in rows if any(text for name, text in row.items() if name not in chosen)]


def _check(f: Field, entered: Any, place: str) -> list[Problem]:
    if empty(entered):
        return []
    if f.kind == "rows":
        found = [Problem(place, "dossier.too_many", data={"most": f.limit})] if len(entered) > f.limit else []
        return found + [
            p for n, row in enumerate(entered) for c in f.columns for p in _check(c, row.get(c.name), f"{place}.{n}.{c.name}")
        ]
    if f.kind in ("lines", "words"):
        found = [Problem(place, "dossier.too_many", data={"most": f.limit})] if len(entered) > f.limit else []
        return found + [p for item in entered for p in _check_text(f, str(item), place, 300)]
    if f.kind in ("whole", "money"):
        return _check_number(f, entered, place)
    if f.kind == "date":
        return [] if _is_date(str(entered)) else [Problem(place, "dossier.not_a_date")]
    if f.kind == "choice":
        return [] if entered in {c.key for c in f.choices} else [Problem(place, "dossier.unknown_choice")]
    return [] if f.kind == "flag" else _check_text(f, str(entered), place, f.limit)


def _check_text(f: Field, text: str, place: str, limit: int) -> list[Problem]:
    if len(text) > limit:
        return [Problem(place, "dossier.too_long", data={"most": limit, "n": len(text)})]
    verdict = identifiers.CHECKS[f.rule](text) if f.rule else identifiers.Verdict(text)
    return [Problem(place, verdict.fault, verdict.hard)] if verdict.fault else []


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
    first, second = value(content, "classification.field_1"), value(content, "classification.field_2")
    if first and first == second:
        found.append(Problem("classification.field_2", "dossier.same_field"))
    return found
