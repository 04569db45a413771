"""Who chairs and who reports over one dossier: the appointed member, or whoever stands in while that one may not or cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.deliberations import Absence, Deliberation
from app.models.matching import Conflict, Panel, Seat
from app.workflow.conflicts import barring


def barred(session: Session, application_id: int, seats: Sequence[Seat]) -> Mapping[int, str]:
    """Expert → ground, of those among these seats whose conflict with the dossier is raised or stands."""
    here = {seat.expert_id for seat in seats}
    rows = session.execute(barring.rows((application_id,)).where(Conflict.expert_id.in_(here)))
    return {row.expert_id: row.ground for row, _application in reversed(rows.all())}


def absent(session: Session, application_id: int, round_id: int) -> set[int]:
    """The seats recorded as not there for this dossier, and not come since."""
    rows = (
        select(Absence.seat_id)
        .join(Deliberation, Deliberation.id == Absence.deliberation_id)
        .where(Deliberation.application_id == application_id, Deliberation.round_id == round_id, Absence.ended_at.is_(None))
    )
    return set(session.execute(rows).scalars())


def attending(session: Session, panel: Panel, application: Application) -> list[Seat]:
    """The members who judge this dossier and are there: no conflict, not recorded as absent."""
    out, away = barred(session, application.id, panel.seats), absent(session, application.id, panel.round_id)
    return [s for s in panel.seats if s.status in ("active", "done") and s.expert_id not in out and s.id not in away]


def of(session: Session, panel: Panel, application: Application) -> dict[int, str]:
    """Seat → duty over this dossier. For a chair or rapporteur who is out, the technology seat of highest affinity stands in."""
    there = attending(session, panel, application)
    duties = {seat.id: seat.duty for seat in there}
    order = sorted(there, key=lambda s: (s.seat_type != "technology", -s.affinity, s.ordinal))
    for duty in ("chair", "rapporteur"):
        if duty not in duties.values():
            free = next((s for s in order if duties[s.id] == "member"), None)
            if free is not None:
                duties[free.id] = duty
    return duties
