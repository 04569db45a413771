"""What a coordinator sees before a run counts, and before it is taken back: checks, the people to be asked, those asked already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import mail
from app.clock import end_of_day_kst, today_kst
from app.errors import NotFound
from app.models.experts import Expert
from app.models.matching import MatchRun, Panel, Seat
from app.models.people import Account, Person
from app.models.reviews import Invitation
from app.queries.run_measures import Measures, measure
from app.workflow import bench as benches
from app.workflow import permissions, readiness
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.readiness import Check

LISTED = 12


@dataclass(frozen=True)
class Invitee:
    name: str
    organisation: str
    panels: int
    reachable: bool


@dataclass(frozen=True)
class Before:
    """`typed`: what a person types to say that they mean this run."""

    checks: tuple[Check, ...]
    measures: Measures
    invitees: tuple[Invitee, ...]  # the first of them
    experts: int
    without_address: int
    letter: Mapping[str, tuple[str, str]]  # language → subject and text, as the first of them would get it
    typed: str

    @property
    def stopped(self) -> bool:
        return any(check.stops and check.n for check in self.checks)


@dataclass(frozen=True)
class Asked:
    """Seats of a deployed run by state, and the letters that a withdrawal would call off."""

    seats: Mapping[str, int]
    letters: int
    answered: int


def before(session: Session, run_id: str, *, actor: Actor, now: datetime, base_url: str) -> Before:
    permissions.require(actor, "matching.read")
    run = _run(session, run_id)
    bench = benches.lay_out(session, run)
    applications = benches.applications_of(session, bench)
    panels = Counter(seat.expert for panel in bench.panels.values() for seat in panel.seats)
    reachable = _reachable(session, panels)
    order = sorted(panels, key=lambda own: (-panels[own], bench.pool[own].name))
    known = [(bench.pool[own], panels[own]) for own in order]
    return Before(
        checks=readiness.checks(run, bench, applications, readiness.standing(session, bench)),
        measures=measure(bench),
        invitees=tuple(Invitee(who.name, who.organisation, n, who.id in reachable) for who, n in known[:LISTED]),
        experts=len(panels),
        without_address=sum(own not in reachable for own in panels),
        letter=_letter(run, known[0][0].name, known[0][1], now, base_url) if known else {},
        typed=typed(run),
    )


def typed(run: MatchRun) -> str:
    return f"{run.round.call.code} {run.number}"


def asked(session: Session, run_id: str, *, actor: Actor) -> Asked:
    permissions.require(actor, "matching.read")
    run = _run(session, run_id)
    mine = select(Seat).join(Panel, Panel.id == Seat.panel_id).where(Panel.run_id == run.id).subquery()
    rows = session.execute(select(mine.c.status, func.count()).group_by(mine.c.status))
    letters = session.execute(
        select(Invitation.answer, func.count(Invitation.id.distinct()))
        .join(mine, mine.c.invitation_id == Invitation.id)
        .group_by(Invitation.answer)
    )
    counts = {row[0]: row[1] for row in letters}
    return Asked({row[0]: row[1] for row in rows}, counts.get("", 0), sum(counts.values()) - counts.get("", 0))


def _run(session: Session, run_id: str) -> MatchRun:
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    return run


def _reachable(session: Session, experts: Counter[int]) -> set[int]:
    """Experts with an address of their own or an account."""
    rows = session.execute(
        select(Expert.id)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Account, (Account.person_id == Person.id) & (Account.status != "disabled"))
        .where(Expert.id.in_(experts), (Expert.mail != "") | Account.id.is_not(None))
    )
    return set(rows.scalars())


def _letter(run: MatchRun, name: str, dossiers: int, now: datetime, base_url: str) -> dict[str, tuple[str, str]]:
    call = run.round.call
    days = call_rules.from_json(call.rules).invitation_days
    answer_by = end_of_day_kst(today_kst(now + timedelta(days=days)))
    return {
        language: mail.written("invitation", language, name=name, call=title, dossiers=dossiers, answer_by=answer_by,
                               link=f"{base_url}/panellist/invitations/…")
        for language, title in (("ko", call.title_ko), ("en", call.title_en))
    }  # fmt: skip
