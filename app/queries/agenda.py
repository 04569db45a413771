"""What a panellist's panels have to talk about, in the order in which it is best talked about: theirs to see, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.matching import Panel, Seat
from app.queries import deliberations, seen_runs
from app.queries.deliberations import Talk
from app.queries.panel_marks import locked_sheets
from app.workflow import duties, permissions, rounds, seating, triage
from app.workflow.actors import Actor
from app.workflow.triage import Triage


@dataclass(frozen=True)
class Item:
    """`place` and `rank` count only what the reader may see. `state`: now, open, ready (the chair may close it)."""

    application: str
    label: str
    title: str
    language: str
    panel: int
    duty: str
    place: int
    rank: int
    total: str
    raw_mean: str
    calibrated: str
    outcome: str
    triage: Triage
    state: str
    present: int
    approving: int
    unanswered: int
    written: bool
    pulled_at: datetime | None
    confirmed: bool
    apart: bool  # of a run computed for the reader, without a dossier they must not know

    @property
    def agreed(self) -> bool:
        return self.triage.group in (triage.HIGH, triage.LOW)

    @property
    def closable(self) -> bool:
        """By the chair, together with others."""
        return self.duty == "chair" and self.agreed and self.state == "ready"


@dataclass(frozen=True)
class Agenda:
    items: tuple[Item, ...]
    calls: tuple[Mapping[str, str], ...]

    @property
    def apart(self) -> bool:
        return any(item.apart for item in self.items)

    @property
    def closable(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.closable)

    @property
    def now(self) -> Item | None:
        return next((item for item in self.items if item.state == "now"), None)

    @property
    def next(self) -> Item | None:
        """On deck: the first still to be talked about."""
        return next((item for item in self.items if item.state == "open" and not item.agreed), None)


def of(session: Session, *, actor: Actor) -> Agenda:
    """Everything in deliberation on panels where the reader sits. A dossier they step out of leaves no gap and no number."""
    permissions.require(actor, "deliberation.answer")
    seats = session.execute(
        select(Seat).join(Panel).where(Seat.expert_id == actor.expert_id, Seat.status == "active").order_by(Panel.number)
    ).scalars()
    found: list[tuple[Seat, Application, Talk]] = []
    calls: dict[str, Mapping[str, str]] = {}
    for seat in seats:
        barred = seating.barred_from(session, seat)
        call = seat.panel.round.call
        for dossier in seat.panel.dossiers:
            application = dossier.application
            here = application.status == "panel_deliberation" and rounds.judges(seat.panel.round, application)
            if here and application.id not in barred:
                found.append((seat, application, deliberations.talk_of(session, application, seat.panel, mine=seat)))
                calls[call.code] = {"ko": call.title_ko, "en": call.title_en}
    return Agenda(_ordered(session, found), tuple(calls.values()))


def _ordered(session: Session, found: list[tuple[Seat, Application, Talk]]) -> tuple[Item, ...]:
    judged = []
    for seat, application, talk in found:
        seen = seen_runs.for_member(session, seat, application)
        if seen is not None:
            pulled, result = talk.pulled_at is not None, seen.results[application.public_id]
            judged.append((seat, application, talk, result, triage.of(result, seen.policy, pulled=pulled), seen.apart))
    ranks = triage.renumbered([row[3].total for row in judged])
    rows = sorted(zip(judged, ranks, strict=True), key=lambda row: (*row[0][4].order, row[0][1].label))
    items = []
    for place, ((seat, application, talk, result, how, apart), rank) in enumerate(rows, start=1):
        answered = talk.text and not talk.unanswered and talk.approving * 2 > len(talk.present)
        fresh = sorted(s["receipt"] for s in result.sheets) == sorted(
            s.receipt for s in locked_sheets(session, seat.panel, application)
        )
        items.append(
            Item(
                application=application.public_id,
                label=application.label,
                title=application.title,
                language=application.language,
                panel=seat.panel.number,
                duty=duties.of(session, seat.panel, application).get(seat.id, "member"),
                place=place,
                rank=rank,
                total=result.total,
                raw_mean=result.raw_mean,
                calibrated=result.calibrated,
                outcome=result.outcome,
                triage=how,
                state="now" if talk.sitting else "ready" if answered and fresh else "open",
                present=len(talk.present),
                approving=talk.approving,
                unanswered=talk.unanswered,
                written=bool(talk.text),
                pulled_at=talk.pulled_at,
                confirmed=talk.confirmed_at is not None,
                apart=apart,
            )
        )
    return tuple(items)
