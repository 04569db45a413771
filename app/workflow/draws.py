"""What a frozen list said of the people of a drawn panel, and for whom it no longer holds when a place is filled again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.lotteries import PanelDraw
from app.models.matching import Panel, PanelDossier, Seat
from app.workflow import room as rooms

SEATED = ("drawn", "invited", "accepted", "pledged", "active")


def loads(session: Session, experts: Collection[int], panel: Panel, *, others: bool = False) -> Counter[int]:
    """The dossiers that each of them has in panels of the call; `others`: only in panels that other runs made."""
    which = [Seat.expert_id.in_(experts), *([Panel.run_id != panel.run_id] if others else [])]
    return rooms.taken(session, panel.round.call_id, *which, statuses=SEATED)


def changed(session: Session, panel: Panel) -> list[str]:
    """The seats of a drawn panel whose people work elsewhere, or have other room, than list and draw said; seats by public id."""
    row = session.execute(select(PanelDraw).where(PanelDraw.run_id == panel.run_id)).scalar_one_or_none()
    if row is None or not row.seating:  # frozen before lists said how they are seated
        return []
    room = rooms.of(session, panel.round.call, panel.round.call.rules)
    elsewhere = loads(session, {seat.expert_id for seat in panel.seats}, panel, others=True)
    known = row.seating["rooms"] | row.since["rooms"]
    counted = select(func.count()).select_from(PanelDossier).join(Panel).where(Panel.run_id == panel.run_id).group_by(Panel.id)
    largest = max(session.execute(counted).scalars(), default=1)

    def holds(seat: Seat) -> bool:
        own = seat.expert.public_id
        left = max(0, room.most(seat.expert_id, seat.expert.load_cap) - elsewhere[seat.expert_id]) // largest
        return bool(row.employers.get(own) == seat.expert.organisation_id and known.get(own) == left)

    return [seat.public_id for seat in panel.seats if not holds(seat)]
