"""A small world for tests of panels: one call, applications, experts with accounts, and a deployed panel for each application."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.models.applications import Application, DossierVersion
from app.models.calls import Call, Round
from app.models.deliberations import Deliberation
from app.models.experts import Expert
from app.models.matching import MatchRun, Panel, PanelDossier, Seat
from app.models.people import Account, AccountRole, Organisation, Person
from app.queries.people import actor_of
from app.stages import consensus, deliberation, invitations, panels, scoresheets
from app.stages.matching import parameters
from app.stages.scoresheets import Entry, Filled
from app.workflow import deliberations, duties, rounds
from app.workflow.actors import Actor
from app.workflow.rules import Rules, SeatQuota
from scoring.rubric import load
from tests.people import post

RUBRIC = load("ppir-default@1")
SEATS = ("technology", "technology", "market")
SUBSTITUTES = ("technology", "market")


@dataclass
class World:
    session: Session
    now: datetime
    call: Call
    round: Round
    coordinator: Actor
    second: Actor
    applicant: Actor
    applications: list[Application] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)

    def panellist(self, seat: Seat) -> Actor:
        account = self.session.query(Account).filter_by(person_id=seat.expert.person_id).one()
        return actor_of(self.session, account)

    def seated(self, panel: Panel, *statuses: str) -> list[Seat]:
        return [s for s in panel.seats if s.status in statuses]

    def invite_all(self) -> None:
        invitations.send(self.session, self.call.public_id, actor=self.coordinator, now=self.now)

    def answer(self, seat: Seat) -> None:
        """Accept without a conflict, and sign."""
        actor, letter = self.panellist(seat), invitation_of(self.session, seat)
        declared = {d.application.public_id: invitations.Declared(False) for d in seat.panel.dossiers}
        if seat.status == "invited":
            invitations.accept(self.session, letter, declared, actor=actor, now=self.now)
        invitations.pledge(self.session, letter, version="2026-1", actor=actor, now=self.now)

    def start(self, panel: Panel) -> None:
        for seat in self.seated(panel, "invited"):
            self.answer(seat)
        panels.start(self.session, panel.public_id, actor=self.coordinator, now=self.now)

    def sheets(self, panel: Panel) -> list:
        from app.models.reviews import Sheet

        return (
            self.session.query(Sheet)
            .join(Seat, Seat.id == Sheet.seat_id)
            .filter(Seat.panel_id == panel.id, Sheet.status != "void")
            .order_by(Sheet.id)
            .all()
        )

    def send(self, client: Any, url: str, page: str | None = None, **fields: Any) -> Any:
        """Send a form; this session's transaction ends first, since SQLite has one writer."""
        self.session.commit()
        return post(client, url, page, **fields)

    def answer_text(self, application: Application, *, against: Collection[str] = (), said: Deliberation | None = None) -> str:
        """Everybody present answers the text as it stands; those whose alias is named object. Returns its digest."""
        panel = rounds.panel_of(self.session, application)
        said = said or deliberations.of(self.session, application)
        digest = deliberations.text_digest(said.text, said.alarms_note)
        for seat in duties.attending(self.session, panel, application):
            approves = seat.alias not in against
            consensus.answer(
                self.session,
                application.public_id,
                digest=digest,
                approves=approves,
                reason="" if approves else "근거가 다르다.",
                actor=self.panellist(seat),
                now=self.now,
            )
        return digest

    def by_duty(self, application: Application) -> dict[str, Actor]:
        panel = rounds.panel_of(self.session, application)
        held = duties.of(self.session, panel, application)
        return {held[s.id]: self.panellist(s) for s in panel.seats if s.id in held}

    def deliberate(self, application: Application, *, text: str = "합의한 의견", note: str = "차이를 논의함") -> None:
        """From the results to the chair's word: convened, written, answered, confirmed, concluded."""
        session, now, key = self.session, self.now, application.public_id
        deliberation.convene(session, key, actor=self.coordinator, now=now)
        who = self.by_duty(application)
        consensus.draft(session, key, {"overall": text, "alarms": note}, actor=who["rapporteur"], now=now)
        digest = self.answer_text(application)
        deliberation.confirm(session, key, digest=digest, actor=who["chair"], now=now)
        deliberation.conclude(session, key, actor=who["chair"], now=now)

    def fill(self, sheet, step: int = 4) -> None:
        actor = self.panellist(sheet.seat)
        scoresheets.save(self.session, sheet.public_id, filled(sheet.version, step), actor=actor, now=self.now)
        scoresheets.lock(self.session, sheet.public_id, version=sheet.version, actor=actor, now=self.now)


def filled(version: int, step: int = 4, *, comment: str = "근거를 확인하였다.", gate: int = 1) -> Filled:
    entries = {code: Entry(step, comment) for code in RUBRIC.item_codes}
    entries |= {code: Entry(gate, "" if gate else "부적합") for code in RUBRIC.gate_codes}
    return Filled(version, entries, to_applicant="신청인에게", to_panel="위원회에", private="나만 보는 메모")


def invitation_of(session: Session, seat: Seat) -> str:
    from app.models.reviews import Invitation

    return session.get_one(Invitation, seat.invitation_id).public_id


def rules(**changes) -> Rules:
    from dataclasses import replace

    base = Rules(
        panel_seats=3,
        quorum=2,
        quotas=(SeatQuota("seat_type", "technology", 2), SeatQuota("seat_type", "market", 1)),
        load_max=9,
    )
    return replace(base, **changes)


def make(
    session: Session,
    now: datetime,
    *,
    dossiers: int = 1,
    batch: bool = False,
    seats: tuple[str, ...] = SEATS,
    substitutes: tuple[str, ...] = SUBSTITUTES,
    **rule_changes,
) -> World:
    """`dossiers` applications; each has its own panel, or one panel judges them all. Nobody is invited yet."""
    call = Call(
        code="T-2026",
        title_ko="시험 공고",
        title_en="Test call",
        status="closed",
        opens_at=now - timedelta(days=60),
        closes_at=now - timedelta(days=1),
        rules=rules(**rule_changes).as_json(),
        rubric=RUBRIC.key,
        rubric_digest=RUBRIC.digest,
        created_at=now - timedelta(days=60),
    )
    round_ = Round(number=1)
    call.rounds.append(round_)
    session.add(call)
    session.flush()
    company = Organisation(name="한강로보틱스", name_en="Hangang Robotics", key="한강로보틱스")
    session.add(company)
    session.flush()
    given = parameters(rules(**rule_changes))
    run = MatchRun(round_id=round_.id, number=1, status="deployed", seed="7", parameters=given, created_at=now)
    session.add(run)
    session.flush()
    world = World(
        session,
        now,
        call,
        round_,
        coordinator=account(session, now, "coordinator", "담당 하나"),
        second=account(session, now, "coordinator", "담당 둘"),
        applicant=account(session, now, "applicant", "신청 담당", organisation=company.id),
    )
    for n in range(1, dossiers + 1):
        world.applications.append(application(session, now, call, company, n, owner_id=world.applicant.account_id))
    groups = [world.applications] if batch else [[a] for a in world.applications]
    for n, group in enumerate(groups, start=1):
        world.panels.append(panel(session, now, run, round_, n, group, seats, substitutes))
    session.commit()
    return world


def application(session: Session, now: datetime, call: Call, company: Organisation, n: int, owner_id: int | None) -> Application:
    content = {
        "product": {"name_ko": f"구조 드론 {n}", "name_en": f"Rescue drone {n}"},
        "company": {"name": company.name},
        "narrative": {
            "summary": f"요약 {n}: 열화상 탐색",
            "novelty": f"비밀본문 {n}",
            "impact": "효과",
            "procurement": "조달",
            "market": "시장",
        },
        "people": {"interest": [{"name": "이해관", "organisation": "한강로보틱스", "role": "officer"}]},
    }
    row = Application(
        call_id=call.id,
        organisation_id=company.id,
        owner_id=owner_id,
        number=n,
        panel_number=100 + n,
        status="eligible",
        title=f"구조 드론 {n}",
        field_1="F09",
        dossier_version=1,
        submitted_at=now - timedelta(days=2, minutes=-n),
        created_at=now - timedelta(days=9),
    )
    session.add(row)
    session.flush()
    session.add(DossierVersion(application_id=row.id, version=1, content=content, digest="0" * 64, filed=True, at=now))
    return row


def panel(
    session: Session,
    now: datetime,
    run: MatchRun,
    round_: Round,
    n: int,
    group: list[Application],
    seats: tuple[str, ...],
    substitutes: tuple[str, ...],
) -> Panel:
    row = Panel(round_id=round_.id, run_id=run.id, number=n, created_at=now)
    session.add(row)
    session.flush()
    session.add_all([PanelDossier(panel_id=row.id, application_id=a.id) for a in group])
    for k, kind in enumerate((*seats, *substitutes)):
        rank = 0 if k < len(seats) else k - len(seats) + 1
        session.add(
            Seat(
                panel_id=row.id,
                expert_id=expert(session, now, f"위원 {n}-{k}", kind).id,
                seat_type=kind,
                ordinal=k,
                substitute_rank=rank,
                status="candidate" if rank else "drawn",
                affinity=0.9 - 0.1 * k,
            )
        )
    session.flush()
    session.refresh(row)
    return row


def expert(session: Session, now: datetime, name: str, kind: str) -> Expert:
    actor = account(session, now, "panellist", name)
    row = Expert(
        person_id=actor.person_id,
        external_id=name,
        seat_types=[kind],
        mail=f"{actor.public_id}@example.org",
        digest=hashlib.sha256(name.encode()).hexdigest(),
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def account(session: Session, now: datetime, role: str, name: str, organisation: int | None = None) -> Actor:
    person = Person(name=name)
    session.add(person)
    session.flush()
    row = Account(
        person_id=person.id,
        mail=f"{hashlib.sha256(name.encode()).hexdigest()[:12]}@example.org",
        language="ko",
        status="active",
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add(AccountRole(account_id=row.id, role=role, organisation_id=organisation, given_at=now))
    session.flush()
    return actor_of(session, row)
