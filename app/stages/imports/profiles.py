"""What a row says, in one fixed shape: an expert with works, or a dossier; its digest tells whether it changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from app import journal
from app.documents.choices import INTERESTS
from app.stages.imports.checking import Checked
from app.stages.imports.row_files import Problem, Row
from app.workflow.conflicts.facts import DECLARABLE
from reviewers.identity import identifier
from reviewers.seat_types import FREE, SEAT_TYPES

SECTORS = ("academia", "industry", "public")
WORK_KINDS = ("paper", "patent", "project", "product")
LANGUAGES = ("ko", "en")
WORKS_MOST = 500
_NUMBERED_WORK = re.compile(r"works?_(title|abstract|year|kind|url)_(\d{1,3})")


@dataclass(frozen=True)
class Profile:
    """One good row: `id` as imported, `content` in canonical form, `digest` of it."""

    line: int
    id: str
    content: dict[str, Any]
    digest: str


@dataclass
class Reading:
    """A whole file read: the good rows in their order, every problem, and columns nobody asked for."""

    profiles: list[Profile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    unreadable: bool = False  # the file as a whole: nothing of it may be stored


def read_all(rows: Iterable[Row | Problem], kind: str, tell: Callable[[int], None] | None = None) -> Reading:
    """Check every row of a file of `experts` or `dossiers`; an id that comes twice is a problem of the later row."""
    check, id_name = (expert, "expert_id") if kind == "experts" else (dossier, "application_id")
    reading = Reading()
    seen: dict[str, int] = {}
    for n, row in enumerate(rows, 1):
        if tell is not None and n % 200 == 0:
            tell(n)
        if isinstance(row, Problem):
            reading.problems.append(row)
            continue
        asked = Checked(row)
        content = check(asked)
        own = content[id_name]
        if own and own in seen:
            asked.refuse(id_name, "import.duplicate_id", first_line=seen[own])
        seen.setdefault(own, row.line)
        reading.problems += asked.problems
        reading.ignored |= {name for name in row.values if name not in asked.asked and not _NUMBERED_WORK.fullmatch(name)}
        if not asked.problems:
            reading.profiles.append(Profile(row.line, own, content, journal.sha256(content)))
    return reading


def expert(row: Checked) -> dict[str, Any]:
    works = [_work(work) for work in _works(row)]
    name = row.text("name", most=120)
    organisation = row.text("organisation", most=200, required=True)
    fields = row.fields("fields", most=4)
    for place, entry in enumerate(fields):  # the first stands for the main one where none is named
        entry["main"] = entry["main"] or (place == 0)
        entry["level"] = entry["level"] or (3 if entry["main"] else 2)
    spoken = _language(name + organisation + "".join(work["title"] for work in works[:3]))
    return {
        "expert_id": row.text("expert_id", most=80, required=True),
        "organisation": organisation,
        "organisation_no": row.registration_no("organisation_no"),
        "name": name,
        "name_en": row.text("name_en", most=120),
        "mail": row.mail("mail"),
        "sector": row.choice("sector", SECTORS),
        "seat_types": row.choices("seat_types", [code for code in SEAT_TYPES if code != FREE.code]),
        "region": row.text("region", most=40),
        "fields": fields,
        "keywords": row.texts("keywords", most=30, each=80),
        "load_cap": row.whole("load_cap", least=0, most=100),
        "language": row.choice("language", LANGUAGES, default=spoken),
        "declared": _declared(row),
        "works": works,
        **_identity(row),
    }


def dossier(row: Checked) -> dict[str, Any]:
    title = row.text("title", most=300, required=True)
    summary = row.text("summary", most=50_000, required=True)
    return {
        "application_id": row.text("application_id", most=80, required=True),
        "organisation": row.text("organisation", most=200, required=True),
        "organisation_no": row.registration_no("organisation_no"),
        "title": title,
        "summary": summary,
        "agency": row.text("agency", most=200),
        "year": row.whole("year", least=1900, most=2100),
        "fields": [entry["code"] for entry in row.fields("fields", most=2)],
        "keywords": row.texts("keywords", most=20, each=80),
        "people": _people(row),
        "language": row.choice("language", LANGUAGES, default=_language(title + summary[:500])),
        "content": row.free_object("content"),
    }


def _works(row: Checked) -> list[Checked]:
    """The column or list `works`; in CSV also works_title_1, works_abstract_1 … side by side."""
    if row.has("works"):
        return row.objects("works", WORKS_MOST)
    numbered: dict[int, dict[str, Any]] = {}
    for name, value in row.values.items():
        if row.row.from_csv and (match := _NUMBERED_WORK.fullmatch(name)):
            numbered.setdefault(int(match[2]), {})[match[1]] = value
    if not numbered:
        row.refuse("works", "import.missing_field")
    return [row.inside("works", place, numbered[place]) for place in sorted(numbered)]


def _work(work: Checked) -> dict[str, Any]:
    url = work.text("url", most=500)
    if url and not url.startswith(("https://", "http://")):
        work.refuse("url", "import.not_url")
    return {
        "title": work.text("title", most=1000, required=True),
        "abstract": work.text("abstract", most=50_000),
        "year": work.whole("year", least=1900, most=2100),
        "kind": work.choice("kind", WORK_KINDS, default="paper"),
        "url": url,
        "people": work.texts("people", most=200, each=120),
    }


def _identity(row: Checked) -> dict[str, Any]:
    """What tells the expert from namesakes, and where in the organisation they work; only what is given."""
    orcid = identifier(given) if (given := row.text("orcid", most=60)) else ""
    if given and not orcid.startswith("orcid:"):
        row.refuse("orcid", "import.not_orcid")
    number = re.sub(r"[-\s]", "", row.text("researcher_no", most=20))
    if number and not re.fullmatch(r"\d{8}", number):
        row.refuse("researcher_no", "import.not_researcher_no")
    found = {"unit": row.text("unit", most=120), "orcid": orcid.removeprefix("orcid:"), "researcher_no": number}
    return {name: value for name, value in found.items() if value}


def _declared(row: Checked) -> list[dict[str, Any]]:
    """Standing interests: organisations by name, or objects about an organisation, a person or a project."""
    out = []
    for i, value in enumerate(row.items("declared", most=100)):
        one = row.inside("declared", i, value if isinstance(value, dict) else {"organisation": value})
        ground = one.choice("ground", DECLARABLE, default="declared")
        entry = {"organisation": one.text("organisation", most=200), "ground": ground, "until": one.day("until")}
        further = {
            "organisation_no": one.registration_no("organisation_no"),
            "person": one.text("person", most=120),
            "project": one.text("project", most=40),
            "role": one.text("role", most=120),
            "since": one.day("since"),
        }
        about = (entry["organisation"], *(further[name] for name in ("organisation_no", "person", "project")))
        if not any(about) and ground != "sanction":
            one.refuse("organisation", "import.missing_field")
        if ground == "sanction" and not entry["until"]:
            one.refuse("until", "import.missing_field")
        out.append(entry | {name: text for name, text in further.items() if text})
    return out


def _people(row: Checked) -> list[Any]:
    """People with interest: names, or objects with what tells them apart; a name alone stays a text."""
    out: list[Any] = []
    for i, value in enumerate(row.items("people", most=100)):
        one = row.inside("people", i, value if isinstance(value, dict) else {"name": value})
        person = {"name": one.text("name", most=120, required=isinstance(value, dict))}
        person |= {name: one.text(name, most=most) for name, most in (("organisation", 200), ("unit", 120), ("identifier", 120))}
        person["role"] = one.choice("role", [choice.key for choice in INTERESTS])
        told = {name: text for name, text in person.items() if text}
        if told:
            out.append(told if len(told) > 1 else told.get("name", ""))
    return [each for n, each in enumerate(out) if each not in out[:n]]


def _language(text: str) -> str:
    return "ko" if re.search("[가-힣]", text) else "en"
