"""Whom the ledger bars: a finding that stands, is pinned, or waits for an answer; for one application or a whole call."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.matching import Conflict

STANDING = ("upheld", "pinned")
BARRING = ("raised", *STANDING)
ABOUT = or_(Conflict.application_id == Application.id, Conflict.call_id == Application.call_id)


def barred(
    session: Session, experts: Collection[int], applications: Collection[int], statuses: Collection[str] = BARRING
) -> set[tuple[int, int]]:
    """The pairs (expert, application) of these that something bars, or that have a finding in one of these `statuses`."""
    found = rows(applications, statuses).where(Conflict.expert_id.in_(experts))
    pairs = session.execute(found.with_only_columns(Conflict.expert_id, Application.id))
    return {(expert, application) for expert, application in pairs}


def undecided(session: Session, experts: Collection[int], applications: Collection[int]) -> set[tuple[int, int]]:
    """The pairs about which a question is open."""
    return barred(session, experts, applications, ("raised",))


def rows(applications: Collection[int], statuses: Collection[str] = BARRING) -> Select[Conflict, int]:
    """Every finding about one of these applications, with the application: one about the whole call comes once for each, last."""
    about = select(Conflict, Application.id).join(Application, ABOUT)
    own_first = Conflict.call_id.is_not(None), Conflict.id
    return about.where(Application.id.in_(applications), Conflict.status.in_(statuses)).order_by(*own_first)
