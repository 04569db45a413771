"""The assignment board: dossiers, the panel of one, candidates for a seat with the cost of choosing each, edits on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import NotFound
from app.models.experts import Work
from app.models.matching import MatchRun, RunSeat
from app.models.people import Organisation
from app.queries import drafts
from app.queries import matching as runs
from app.queries.drafts import EditRow
from app.queries.matching import WEAK_SHARE, RunRow
from app.queries.run_measures import Measures, measure
from app.queries.run_panels import WhyWork, asked_out, why
from app.workflow import bench as benches
from app.workflow import bench_dossiers, permissions, readiness
from app.workflow.actors import Actor
from app.workflow.bench import Barrier, Bench, Cost, Judged, Laid, Sitting, Someone
from reviewers import identity

LINES, CANDIDATES = 50, 25
SHOWS = ("all", "weak", "gaps", "open", "barred", "locked")
SORTS = ("number", "mean", "empty")
ONLYS = ("", "free", "newcomers")


@dataclass(frozen=True)
class Wish:
    """What the address asks for. `panel` 0 and `seat` 0 mean: the board chooses."""

    panel: int = 0
    seat: int = 0
    show: str = "all"
    sort: str = "number"
    find: str = ""  # among dossiers
    who: str = ""  # among candidates
    only: str = ""
    page: int = 1
    more: int = 1
    what_if: str = ""  # public id of an expert, or "remove"


@dataclass(frozen=True)
class Line:
    """One panel in the list of dossiers."""

    number: int
    label: str
    title: str
    seated: int
    wanted: int
    mean: float
    weak: bool
    open: int  # questions of conflict about somebody seated
    barred: int  # seats whose holder a conflict bars
    locked: int

    @property
    def empty(self) -> int:
        return self.wanted - self.seated


@dataclass(frozen=True)
class Place:
    """One place of the chosen panel, taken or empty; `who` None where it is empty."""

    ordinal: int
    seat_type: str
    who: Someone | None
    affinity: float
    load: int
    locked: bool
    barriers: tuple[Barrier, ...]
    out: bool  # steps out of the dossiers that the barriers name, and judges the others
    works: tuple[WhyWork, ...]
    reasons: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Candidate:
    who: Someone
    affinity: float
    load: int
    substitute: int  # rank among the substitutes of this panel, 0 for nobody of them
    barriers: tuple[Barrier, ...]
    out: bool
    cost: Cost


@dataclass(frozen=True)
class Trial:
    """A change as it would be, not saved: `candidate` None when the place would be emptied."""

    place: Place
    candidate: Candidate | None
    cost: Cost


@dataclass(frozen=True)
class Chosen:
    """The panel that the board is about."""

    number: int
    dossiers: tuple[tuple[str, str], ...]
    labels: Mapping[int, str]  # of its dossiers, by application
    applicant: str
    mean: float
    places: tuple[Place, ...]
    seat: int
    asked_out: frozenset[int]  # experts of a name that the applicant asks to leave out: advice only
    previous: int
    next: int

    @property
    def place(self) -> Place:
        return next(place for place in self.places if place.ordinal == self.seat)

    @property
    def locked(self) -> int:
        return sum(place.locked for place in self.places)


@dataclass(frozen=True)
class Board:
    run: RunRow
    base: RunRow | None  # the run that a draft was copied from
    measures: Measures
    editable: bool
    lines: tuple[Line, ...]
    counts: Mapping[str, int]
    total: int
    page: int
    last: int
    chosen: Chosen | None
    candidates: tuple[Candidate, ...]
    n_candidates: int
    measured: bool  # the affinities of all pairs were kept with the run
    trial: Trial | None
    edits: tuple[EditRow, ...]  # the last few
    outdated: Mapping[str, int]


def board(session: Session, call_id: str, run_id: str, wish: Wish, *, kept: Kept | None, actor: Actor) -> Board:
    row = runs.run(session, call_id, run_id, actor=actor)
    if not row.stored:
        raise NotFound("not_found")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one()
    bench = benches.lay_out(session, run)
    applications = benches.applications_of(session, bench)
    conflicts = readiness.standing(session, bench)
    every = _lines(bench, applications, conflicts)
    kinds = {
        "all": lambda _: True,
        "weak": lambda line: line.weak,
        "gaps": lambda line: line.empty > 0,
        "open": lambda line: line.open > 0,
        "barred": lambda line: line.barred > 0,
        "locked": lambda line: line.locked > 0,
    }
    shown = [line for line in every if kinds[wish.show](line) and _found(line, wish.find)]
    shown.sort(key={"number": lambda x: (x.label, x.number), "mean": lambda x: (x.mean, x.number),
                    "empty": lambda x: (-x.empty, x.mean, x.number)}[wish.sort])  # fmt: skip
    last = max(1, -(-len(shown) // LINES))
    number = wish.panel if wish.panel in bench.panels else shown[0].number if shown else 0
    at = next((n for n, line in enumerate(shown) if line.number == number), 0)
    page = min(max(wish.page, 1), last) if wish.page else at // LINES + 1
    chosen, candidates, n_candidates, trial = None, list[Candidate](), 0, None
    if number:
        panel = bench.panels[number]
        barred = benches.barriers(session, run, panel.applications)
        chosen = _chosen(session, bench, panel, wish, applications, barred, [line.number for line in shown], at)
        likings = bench_dossiers.likings(bench, panel, kept, barred)
        candidates, n_candidates, tried = _candidates(session, bench, panel, chosen.place, likings, barred, wish)
        trial = _trial(bench, panel, chosen, tried, wish)
    return Board(
        run=row,
        base=runs.run(session, call_id, run.base.public_id, actor=actor) if run.base else None,
        measures=measure(bench),
        editable=run.status == "draft" and permissions.may(actor, "matching.edit"),
        lines=tuple(shown[(page - 1) * LINES : page * LINES]),
        counts={kind: sum(map(keep, every)) for kind, keep in kinds.items()},
        total=len(shown),
        page=page,
        last=last,
        chosen=chosen,
        candidates=tuple(candidates),
        n_candidates=n_candidates,
        measured=kept is not None,
        trial=trial,
        edits=tuple(drafts.edits(session, run_id, actor=actor, most=8)),
        outdated=_changed_since(run, readiness.checks(run, bench, applications, conflicts)),
    )


def _changed_since(run: MatchRun, checks: Sequence[readiness.Check]) -> dict[str, int]:
    """What changed since the run was computed: code → how many. Of a deployed run people look after elsewhere."""
    if run.status not in ("done", "draft"):
        return {}
    told = ("dossiers", "barred", "open", "gone", "loads", "rules")
    return {check.code: check.n for check in checks if check.code in told and check.n}


def _lines(bench: Bench, applications: Mapping[int, Judged], standing: Mapping[tuple[int, int], bool]) -> list[Line]:
    usual = sum(panel.mean for panel in bench.panels.values()) / max(len(bench.panels), 1)
    return [
        Line(
            number=panel.number,
            label=", ".join(applications[own].label for own in panel.applications),
            title=" · ".join(applications[own].title for own in panel.applications),
            seated=len(panel.seats),
            wanted=panel.wanted,
            mean=panel.mean,
            weak=panel.mean < WEAK_SHARE * usual,
            open=sum(standing.get((own, seat.expert)) is False for own in panel.applications for seat in panel.seats),
            barred=sum(standing.get((own, seat.expert)) is True for own in panel.applications for seat in panel.seats),
            locked=sum(seat.locked for seat in panel.seats),
        )
        for panel in bench.panels.values()
    ]


def _found(line: Line, words: str) -> bool:
    text = f"{line.label} {line.title}".casefold()
    return all(word in text for word in words.casefold().split())


def _chosen(
    session: Session, bench: Bench, panel: Laid, wish: Wish, applications: Mapping[int, Judged],
    barred: Mapping[int, list[Barrier]], order: Sequence[int], at: int,
) -> Chosen:  # fmt: skip
    rows = {
        row.ordinal: row
        for row in session.execute(select(RunSeat).where(RunSeat.run_panel_id == panel.id, RunSeat.substitute_rank == 0)).scalars()
    }
    ids = {work["work_id"] for row in rows.values() for work in row.works}
    works = {work.public_id: work for work in session.execute(select(Work).where(Work.public_id.in_(ids))).scalars()}
    places = tuple(_place(bench, panel, n, rows.get(n), works, barred) for n in range(1, panel.wanted + 1))
    first = applications[panel.applications[0]]
    applicant = session.execute(select(Organisation.name).where(Organisation.id == first.organisation_id)).scalar_one()
    here = panel.number in order
    names = asked_out(session, panel.applications)
    return Chosen(
        number=panel.number,
        dossiers=tuple((applications[own].label, applications[own].title) for own in panel.applications),
        labels={own: applications[own].label for own in panel.applications},
        applicant=applicant,
        mean=panel.mean,
        places=places,
        seat=wish.seat if 1 <= wish.seat <= panel.wanted else _weakest(panel),
        asked_out=frozenset(
            own for own, who in (bench.pool.items() if names else ()) if not names.isdisjoint(identity.name_keys(who.name))
        ),
        previous=order[at - 1] if here and at > 0 else 0,
        next=order[at + 1] if here and at + 1 < len(order) else 0,
    )


def _weakest(panel: Laid) -> int:
    """The place most worth a look: an empty one, else the lowest that is not locked."""
    if panel.empty:
        return panel.empty[0]
    order = sorted(panel.seats, key=lambda seat: (seat.locked, seat.affinity, seat.ordinal))
    return order[0].ordinal if order else 1


def _place(
    bench: Bench, panel: Laid, ordinal: int, row: RunSeat | None, works: Mapping[str, Work], barred: Mapping[int, list[Barrier]]
) -> Place:
    if row is None:
        return Place(ordinal, bench.free_type(panel), None, 0.0, 0, False, (), False, (), ())
    return Place(
        ordinal, row.seat_type, bench.pool[row.expert_id], row.affinity, bench.loads.get(row.expert_id, 0), row.locked,
        tuple(barred.get(row.expert_id, ())), bool(benches.steps_out(bench, panel, barred.get(row.expert_id, ()))),
        tuple(why(work, works.get(work["work_id"])) for work in row.works),
        tuple(row.reasons),
    )  # fmt: skip


def _candidates(
    session: Session, bench: Bench, panel: Laid, place: Place, likings: Mapping[int, float],
    barred: Mapping[int, list[Barrier]], wish: Wish,
) -> tuple[list[Candidate], int, Candidate | None]:  # fmt: skip
    """Whoever may be wanted for a place, best first, with what choosing them would do; how many in all; who is tried out.

    Only those who are shown are weighed, unless the wish is to see only who may sit here.
    """
    waiting = select(RunSeat.expert_id, RunSeat.substitute_rank).where(
        RunSeat.run_panel_id == panel.id, RunSeat.substitute_rank > 0
    )
    substitutes = {row[0]: row[1] for row in session.execute(waiting)}
    lowest = benches.lowest_but(bench, panel)

    def taking(own: int) -> Laid:
        return _with(panel, place, bench.pool[own], likings[own])

    def weighed(own: int) -> Candidate:
        who, liking = bench.pool[own], likings[own]
        cost = benches.weigh(bench, panel, taking(own), barred, lowest)
        against = tuple(barred.get(own, ()))
        out = bool(benches.steps_out(bench, panel, against))
        return Candidate(who, liking, bench.loads.get(own, 0), substitutes.get(own, 0), against, out, cost)

    here = {seat.expert for seat in panel.seats}
    order = sorted((own for own in likings if own in bench.pool and own not in here), key=lambda own: (-likings[own], own))
    tried = next((weighed(own) for own in order if bench.pool[own].public_id == wish.what_if), None)
    wanted = [own for own in order if _wanted(bench.pool[own], wish)]
    if wish.only == "free":
        wanted = [own for own in wanted if not benches.refuses(bench, panel, taking(own), barred)]
    shown = [weighed(own) for own in wanted[: CANDIDATES * max(1, wish.more)]]
    return shown, len(wanted), tried


def _with(panel: Laid, place: Place, who: Someone, liking: float) -> Laid:
    others = [seat for seat in panel.seats if seat.ordinal != place.ordinal]
    return Laid(panel.id, panel.number, panel.applications, panel.wanted,
                (*others, Sitting(place.ordinal, who.id, place.seat_type, liking, False)))  # fmt: skip


def _wanted(who: Someone, wish: Wish) -> bool:
    if wish.only == "newcomers" and not who.newcomer:
        return False
    if not wish.who:
        return True
    text = f"{who.name} {who.organisation} {who.external_id} {who.region}".casefold()
    return all(word in text for word in wish.who.casefold().split())


def _trial(bench: Bench, panel: Laid, chosen: Chosen, tried: Candidate | None, wish: Wish) -> Trial | None:
    if wish.what_if == "remove" and chosen.place.who is not None:
        left = Laid(panel.id, panel.number, panel.applications, panel.wanted,
                    tuple(seat for seat in panel.seats if seat.ordinal != chosen.seat))  # fmt: skip
        return Trial(chosen.place, None, benches.weigh(bench, panel, left, {}))
    return Trial(chosen.place, tried, tried.cost) if tried else None
