"""How a call's dossiers meet the pool, sub-field by sub-field: who could judge, how many places are left, what is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.experts import Expert, ExpertField
from app.models.matching import Panel, PanelDossier
from app.models.process import Promise
from app.models.suggestions import FieldSuggestion
from app.queries.experts import SEATED, THIN_SHARE
from app.queries.lookup import by_public_id
from app.queries.suggestions import first_of
from app.workflow import permissions, rules, suggestions
from app.workflow import room as rooms
from app.workflow.actors import Actor
from reviewers.fields import SubField, all_fields

NOT_JUDGED = ("draft", "withdrawn", "ineligible")


@dataclass(frozen=True)
class Row:
    """One sub-field. `places` counts an expert in each sub-field they named, so the column has no sum."""

    field: SubField
    main: int  # experts who work mainly in it
    named: int  # and all who named it
    by_works: int  # experts whose works speak for it, named or not
    places: int  # dossiers that those who named it may still take in this call
    dossiers: int  # of this call, by first choice
    waiting: int  # of them, still without a panel
    wanted: int  # seats that those need
    thin: bool  # few experts named it: less than half of an equal share of the pool

    @property
    def short(self) -> bool:
        return self.wanted > self.places

    @property
    def weak(self) -> bool:
        return self.short or (self.thin and self.dossiers > 0)


@dataclass(frozen=True)
class Doubt:
    """A dossier whose words speak for another sub-field than its first choice."""

    public_id: str
    number: str
    title: str
    language: str
    chosen: tuple[SubField, ...]
    suggested: SubField
    score: float


@dataclass(frozen=True)
class Coverage:
    rows: tuple[Row, ...]
    doubts: tuple[Doubt, ...]
    experts: int
    read: int  # experts whose works have been read for it
    dossiers: int
    dossiers_read: int
    under_way: bool

    @property
    def weak(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.weak)


def of_call(session: Session, call_id: str, *, actor: Actor) -> Coverage:
    permissions.require(actor, "experts.read")
    permissions.require(actor, "call.read")
    call = by_public_id(session, Call, call_id)
    given = rules.from_json(call.rules)
    free = _places(session, call)
    named, main, places = Counter[str](), Counter[str](), Counter[str]()
    for expert_id, code, is_main in session.execute(select(ExpertField.expert_id, ExpertField.code, ExpertField.main)):
        if expert_id in free:
            named[code] += 1
            main[code] += is_main
            places[code] += free[expert_id]
    by_works, n_read = _by_works(session)
    judged = select(Application).where(Application.call_id == call.id, Application.status.not_in(NOT_JUDGED))
    applications = session.execute(judged.order_by(Application.number)).scalars().all()
    seated = set(
        session.execute(select(PanelDossier.application_id).join(Panel).join(Round).where(Round.call_id == call.id)).scalars()
    )
    dossiers = Counter(a.field_1 for a in applications)
    waiting = Counter(a.field_1 for a in applications if a.id not in seated)
    least = THIN_SHARE * len(free) / max(len(all_fields()), 1)
    found = first_of(session, [a.id for a in applications])
    return Coverage(
        rows=tuple(
            Row(
                field,
                main[code],
                named[code],
                by_works[code],
                places[code],
                dossiers[code],
                waiting[code],
                waiting[code] * given.panel_seats,
                thin=named[code] < least,
            )
            for code, field in all_fields().items()
        ),
        doubts=tuple(_doubts(applications, found)),
        experts=len(free),
        read=n_read,
        dossiers=len(applications),
        dossiers_read=len(found),
        under_way=session.execute(
            select(Promise.id).where(Promise.kind == suggestions.REST, Promise.state == "open").limit(1)
        ).first()
        is not None,
    )


def _places(session: Session, call: Call) -> dict[int, int]:
    """Active expert → how many more dossiers of this call they may take."""
    room = rooms.of(session, call, call.rules)
    held = rooms.taken(session, call.id, statuses=SEATED)
    pool = session.execute(select(Expert.id, Expert.load_cap).where(Expert.active))
    return {own: max(room.most(own, cap) - held[own], 0) for own, cap in pool}


def _by_works(session: Session) -> tuple[Counter[str], int]:
    """Experts by the sub-fields their works speak for, and how many have been read."""
    counted, n = Counter[str](), 0
    rows = session.execute(
        select(FieldSuggestion.suggested).join(Expert, Expert.id == FieldSuggestion.expert_id).where(Expert.active)
    ).scalars()
    for suggested in rows:
        n += 1
        counted.update(one["code"] for one in suggested if one["score"] >= suggestions.SPEAKS)
    return counted, n


def _doubts(applications: Sequence[Application], found: Mapping[int, tuple[str, float]]) -> list[Doubt]:
    known = all_fields()
    return sorted(
        (
            Doubt(
                a.public_id,
                a.filed_number,
                a.title,
                a.language,
                tuple(known[code] for code in (a.field_1, a.field_2) if code in known),
                known[found[a.id][0]],
                found[a.id][1],
            )
            for a in applications
            if a.id in found and found[a.id][0] in known and found[a.id][1] >= suggestions.SURE and found[a.id][0] != a.field_1
        ),
        key=lambda doubt: -doubt.score,
    )
