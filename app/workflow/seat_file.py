"""A list of seats as a file: the panel list as it was exported, changed elsewhere, and read back against a draft.

Panels that the file does not name stay as they are; of those it names it holds every seat, an empty expert being an empty seat.
Nothing is applied that has one bad row: each is named with its line, field and reason.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app import journal
from app.affinities import Kept
from app.errors import Invalid
from app.i18n import catalogue
from app.workflow import bench as benches
from app.workflow.bench import Bench, Cost, Laid, Sitting
from config import LANGUAGES
from reviewers.seat_types import SEAT_TYPES

COLUMNS = {
    "panel": "Panel", "seat": "Seat", "substitute_rank": "Substitute", "seat_type": "Seat type", "expert_id": "Expert id",
}  # fmt: skip
NEEDED = ("panel", "seat", "expert_id")
MOST = 8 << 20
ROWS_MOST = 50_000


@dataclass(frozen=True)
class Bad:
    """A row that stops the file: `line` counted from 1 with the header, `code` and `data` say why."""

    line: int
    field: str
    code: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One panel that the file changes."""

    before: Laid
    after: Laid
    cost: Cost

    @property
    def left(self) -> tuple[int, ...]:
        stays = {seat.expert for seat in self.after.seats}
        return tuple(seat.expert for seat in self.before.seats if seat.expert not in stays)

    @property
    def came(self) -> tuple[int, ...]:
        was = {seat.expert for seat in self.before.seats}
        return tuple(seat.expert for seat in self.after.seats if seat.expert not in was)


@dataclass(frozen=True)
class Plan:
    """What a file would do to a draft. `digest` names exactly these differences, so that what was shown is what is applied."""

    rows: int
    panels: int
    bad: tuple[Bad, ...]
    differences: tuple[Difference, ...]
    cost: Cost

    @property
    def digest(self) -> str:
        return journal.sha256([
            [d.before.number, [[s.ordinal, s.expert, s.seat_type] for s in d.before.seats],
             [[s.ordinal, s.expert, s.seat_type] for s in d.after.seats]] for d in self.differences
        ])  # fmt: skip


@dataclass(frozen=True)
class _Row:
    line: int
    panel: int
    ordinal: int
    expert: int | None
    seat_type: str


def plan(session: Session, bench: Bench, content: bytes, kept: Kept | None) -> Plan:
    """Read the file and weigh it against the panels as they stand. Raises Invalid when it is no such file at all."""
    bad: list[Bad] = []
    rows = list(_rows(bench, content, bad))
    by_panel: dict[int, list[_Row]] = {}
    for row in rows:
        by_panel.setdefault(row.panel, []).append(row)
    changed = {}
    for number, own in by_panel.items():
        after = _changed(bench.panels[number], own, kept, bad)
        if after != bench.panels[number]:
            changed[number] = after
    differences = _weighed(session, bench, changed, by_panel, bad)
    named = tuple(sorted(bad, key=lambda one: (one.line, one.field)))
    return Plan(len(rows), len(by_panel), named, differences, _sum(bench, differences))


def _rows(bench: Bench, content: bytes, bad: list[Bad]) -> Iterator[_Row]:
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = _header(next(reader, []))
        experts = {who.external_id: own for own, who in bench.pool.items()}
        kinds = _seat_types()
        seen: dict[tuple[int, int], int] = {}
        for n, cells in enumerate(reader, 2):
            if n > ROWS_MOST:
                raise Invalid("seat_file.too_long", most=ROWS_MOST)
            if not any(cells):
                continue
            row = _row(bench, reader.line_num, dict(zip(header, cells, strict=False)), experts, kinds, bad)
            if row is None:
                continue
            if (first := seen.setdefault((row.panel, row.ordinal), row.line)) != row.line:
                bad.append(Bad(row.line, "seat", "seat_file.seat_twice", {"first": first}))
                continue
            yield row
    except UnicodeDecodeError as error:
        raise Invalid("seat_file.not_utf8") from error
    except csv.Error as error:
        raise Invalid("seat_file.broken", line=reader.line_num) from error


def _header(cells: Sequence[str]) -> list[str]:
    """The keys of the columns, whichever language the file was exported in."""
    known = {key: key for key in COLUMNS}
    for language in LANGUAGES:
        known |= {catalogue(language).gettext(label).casefold(): key for key, label in COLUMNS.items()}
        known |= {label.casefold(): key for key, label in COLUMNS.items()}
    names = [known.get(cell.strip().casefold(), "") for cell in cells]
    if missing := [name for name in NEEDED if name not in names]:
        raise Invalid("seat_file.columns", missing=", ".join(missing))
    return names


def _seat_types() -> dict[str, str]:
    return {word.casefold(): code for code, kind in SEAT_TYPES.items() for word in (code, kind.ko, kind.en)} | {"": ""}


def _row(
    bench: Bench, line: int, values: Mapping[str, str], experts: Mapping[str, int], kinds: Mapping[str, str], bad: list[Bad]
) -> _Row | None:
    """None for a substitute, or for a bad row that was noted."""
    given = {name: value.strip().removeprefix("'").strip() for name, value in values.items()}
    if given.get("substitute_rank", "") not in ("", "0"):
        return None
    found = []
    for name in ("panel", "seat"):
        if not given[name].isascii() or not given[name].isdigit() or len(given[name]) > 9:
            found.append(Bad(line, name, "seat_file.no_number", {"value": given[name][:40]}))
    panel = bench.panels.get(int(given["panel"])) if not found else None
    if not found and panel is None:
        found.append(Bad(line, "panel", "seat_file.no_panel", {"value": given["panel"]}))
    elif panel and not 1 <= int(given["seat"]) <= panel.wanted:
        found.append(Bad(line, "seat", "seat_file.no_seat", {"value": given["seat"], "most": panel.wanted}))
    own = given["expert_id"]
    if own and own not in experts:
        found.append(Bad(line, "expert_id", "seat_file.no_expert", {"value": own[:80]}))
    kind = given.get("seat_type", "").casefold()
    if kind not in kinds:
        found.append(Bad(line, "seat_type", "seat_file.no_seat_type", {"value": given["seat_type"][:40]}))
    bad += found
    if found or panel is None:
        return None
    return _Row(line, panel.number, int(given["seat"]), experts[own] if own else None, kinds[kind])


def _changed(panel: Laid, rows: Sequence[_Row], kept: Kept | None, bad: list[Bad]) -> Laid:
    """The panel as the rows say; who stays keeps what the board knows of the seat."""
    likings: Mapping[int, float] | None = None
    seats: dict[int, Sitting] = {}
    lines = {row.ordinal: row.line for row in rows}
    experts: dict[int, int] = {}
    for row in sorted(rows, key=lambda r: r.ordinal):
        if row.expert is None:
            continue
        if (first := experts.setdefault(row.expert, row.line)) != row.line:
            bad.append(Bad(row.line, "expert_id", "seat_file.expert_twice", {"first": first}))
            continue
        was = panel.at(row.ordinal)
        kind = row.seat_type or (was.seat_type if was else "")
        if was and was.expert == row.expert:
            seats[row.ordinal] = was._replace(seat_type=kind)
            continue
        if likings is None:
            likings = kept.of(panel.applications) if kept else {}
        if row.expert not in likings:
            bad.append(Bad(row.line, "expert_id", "board.no_affinity"))
            continue
        seats[row.ordinal] = Sitting(row.ordinal, row.expert, kind, likings[row.expert], False)
    for was in panel.seats:
        if was.locked and seats.get(was.ordinal) != was:
            bad.append(Bad(lines.get(was.ordinal, rows[0].line), "seat", "seat_file.locked", {"seat": was.ordinal}))
    return replace(panel, seats=tuple(seats[n] for n in sorted(seats)))


def _weighed(
    session: Session, bench: Bench, changed: Mapping[int, Laid], rows: Mapping[int, Sequence[_Row]], bad: list[Bad]
) -> tuple[Difference, ...]:
    """Each change with its cost, and a bad row for every rule without exception; loads are those after the whole file."""
    after = Counter(bench.loads)
    for number, panel in changed.items():
        after.subtract(seat.expert for seat in bench.panels[number].seats)
        after.update(seat.expert for seat in panel.seats)
    entering = {seat.expert for panel in changed.values() for seat in panel.seats}
    then = replace(bench, loads={own: load - 1 if own in entering else load for own, load in after.items()})
    found = []
    applications = [own for panel in changed.values() for own in panel.applications]
    barred = benches.barriers_by_dossier(session, bench.run, applications)
    for number, panel in sorted(changed.items()):
        before = bench.panels[number]
        mine: dict[int, list[benches.Barrier]] = {}
        for own in panel.applications:
            for expert, barriers in barred.get(own, {}).items():
                mine.setdefault(expert, []).extend(barriers)
        cost = benches.weigh(then, before, panel, mine, bench.lowest)
        line_of = {row.expert: row.line for row in rows[number]}
        for rule in (rule for rule in cost.broken if rule.hard):
            line = line_of.get(rule.data.get("expert"), rows[number][0].line)
            bad.append(Bad(line, "expert_id", f"board.refused_{rule.rule}", rule.data))
        found.append(Difference(before, panel, cost))
    return tuple(found)


def _sum(bench: Bench, differences: Sequence[Difference]) -> Cost:
    """The cost of all differences together."""
    after = {panel.number: panel.mean for panel in bench.panels.values()} | {d.after.number: d.after.mean for d in differences}
    size = max(len(after), 1)
    return Cost(
        delta=sum(d.cost.delta for d in differences),
        mean_before=sum(panel.mean for panel in bench.panels.values()) / size,
        mean_after=sum(after.values()) / size,
        lowest_before=bench.lowest,
        lowest_after=min(after.values(), default=0.0),
        broken=tuple(rule for d in differences for rule in d.cost.broken),
    )
