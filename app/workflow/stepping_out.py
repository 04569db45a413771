"""A member steps out of a dossier or leaves the panel: what becomes of sheets, table, results, the seat and the next in order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.models.applications import Application
from app.models.calls import Call
from app.models.matching import Panel, PanelDossier, Seat
from app.models.people import Account, AccountRole
from app.workflow import deliberations, door, seating
from app.workflow.actors import Actor
from app.workflow.conflicts import barring

SCORING = frozenset({"eligible", "assigned", "in_review", "re_review"})
AFTER_SCORING = frozenset({"interview", "site_check", "panel_deliberation"})


def steps_out(session: Session, seat: Seat, applications: Sequence[Application], *, actor: Actor, now: datetime) -> None:
    """The sheets of these dossiers are void and the member is away from the table."""
    seating.void_sheets(session, seat, [application.id for application in applications], actor=actor, now=now)
    for application in applications:
        deliberations.leaves_the_table(session, seat, application, now=now)


def leaves(session: Session, seat: Seat, target: str, *, actor: Actor, now: datetime, **said: Any) -> None:
    """The seat is given up, and the next in order is asked while the panel still scores; later nobody new is."""
    door.advance(session, seat, target, actor=actor, now=now, **said)
    if any(d.application.status in SCORING for d in seat.panel.dossiers):
        seating.replace(session, seat, now=now)
    else:
        seating.hand_over(seat)
        seating.note_replacement(session, seat, None, (), now=now, why="review_over")


def leaves_if_barred(session: Session, seat: Seat, *, actor: Actor, now: datetime) -> None:
    """Barred from every dossier of the panel, the seat is given up; barred from some, the member steps out of those only."""
    if seating.barred_from(session, seat) >= {d.application_id for d in seat.panel.dossiers}:
        leaves(session, seat, "recused", actor=actor, now=now)


def exclude_barred(
    session: Session,
    expert_id: int,
    application_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
    statuses: Collection[str] = barring.BARRING,
    challenged: bool = False,
) -> list[Seat]:
    """Whoever is barred from every dossier of a panel leaves it and is told; barred from some, the member steps out of those.

    Substitutes stay where they are: nobody asks them while they are barred.
    """
    mine = select(PanelDossier.panel_id).where(PanelDossier.application_id.in_(application_ids))
    seats = session.execute(
        select(Seat)
        .join(Panel, Panel.id == Seat.panel_id)
        .where(Seat.expert_id == expert_id, Seat.panel_id.in_(mine), Seat.status.in_(seating.SEATED), Panel.closed_at.is_(None))
        .order_by(Seat.id)
    ).scalars()
    left = []
    for seat in seats.all():
        barred = seating.barred_from(session, seat, statuses)
        steps_out(session, seat, [d.application for d in seat.panel.dossiers if d.application_id in barred], actor=actor, now=now)
        if barred >= {d.application_id for d in seat.panel.dossiers}:
            asked, seated = seat.status != "drawn", seat.status in ("accepted", "pledged", "active")
            leaves(session, seat, "challenged_out" if challenged and seated else "excluded", actor=actor, now=now)
            if asked:
                tell_member(session, seat, "challenge_upheld" if challenged else "seat_excluded", now)
            left.append(seat)
    return left


def tell_member(session: Session, seat: Seat, template: str, now: datetime) -> None:
    """A letter about the seat, which names the call and no dossier."""
    own = select(Account).where(Account.person_id == seat.expert.person_id, Account.status != "disabled").order_by(Account.id)
    account = session.execute(own.limit(1)).scalar_one_or_none()
    language = account.language if account else seat.expert.language
    call = seat.panel.round.call
    if to := account.mail if account else seat.expert.mail:
        mail.send(
            session, template, to=to, language=language, key=f"{template}:{seat.public_id}", now=now,
            name=seat.expert.person.name, call=call.title_ko if language == "ko" else call.title_en,
        )  # fmt: skip


def tell_coordinators(session: Session, seat: Seat, ground: str, note: str, now: datetime) -> None:
    """Whoever runs calls learns that a member stepped out, and of which panel."""
    tell_all_coordinators(
        session, "member_left", key=f"member_left:{seat.public_id}", further=f":{ground}", now=now, call=seat.panel.round.call,
        member=seat.expert.person.name, panel=seat.panel.number, ground=ground, note=note,
    )  # fmt: skip


def tell_all_coordinators(
    session: Session, template: str, *, key: str, now: datetime, call: Call, further: str = "", **told: Any
) -> None:
    """One letter to each coordinator, in their language; the key with the account in it says which letter it is."""
    held = select(AccountRole.account_id).where(AccountRole.role == "coordinator", AccountRole.ended_at.is_(None))
    for account in session.execute(select(Account).where(Account.id.in_(held), Account.status == "active")).scalars():
        mail.send(
            session, template, to=account.mail, language=account.language, now=now, key=f"{key}:{account.id}{further}",
            name=account.person.name, call=call.title_ko if account.language == "ko" else call.title_en, **told,
        )  # fmt: skip
