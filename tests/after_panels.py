"""A small world for tests of the steps after the panels: one call, applications in fitness review, and everybody who
acts on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.models.applications import Application, DossierVersion
from app.models.calls import Call, Round
from app.models.designations import Designation
from app.models.people import Account, Organisation
from app.models.pilots import PilotRequest
from app.queries import people as people_queries
from app.stages import designation, fitness, notice, pilot
from app.workflow.actors import Actor
from app.workflow.rules import Rules
from tests import people

BASE = "http://localhost"
CHECKS = {"certificates": "yes", "direct_production": "yes", "catalogue_no": "not_applicable", "price_evidence": "yes"}


def content(n: int, **product: Any) -> dict[str, Any]:
    return {
        "company": {"name": f"가상기업 {n}", "business_no": "0000000000"},
        "product": {
            "name_ko": f"구조 드론 {n}",
            "name_en": f"Rescue drone {n}",
            "models": [f"RD-{n}"],
            "detail_item_no": "8111189901",
            "item_ids": ["12345678"],
            "price_krw": 120_000_000,
            "unit": "ea",
        }
        | product,
        "rnd": {
            "ntis_project_no": "1711190129",
            "title": "재난 구조 드론 개발",
            "ministry": "MSIT",
            "lead_institution": "가상연구원",
            "principal_investigator": "비공개",
            "ended_on": "2025-12-31",
            "link_type": "own",
        },
        "rights": {"ip": [{"kind": "patent", "number": "10-0000001", "title": "비행 구조체", "holder": f"가상기업 {n}"}]},
        "narrative": {"summary": f"건물 안에서 사람을 찾는 드론 {n}"},
        "pilot_plan": {
            "min_units": 2,
            "max_units": 8,
            "unit_price_krw": 100_000_000,
            "kpis": ["구조 시간 30% 단축"],
            "sites": "소방서",
        },
    }


@dataclass
class World:
    session: Session
    now: datetime
    call: Call
    owner: Account
    applicant: Actor
    coordinator: Actor
    second: Actor
    officer: Actor
    member: Actor
    other_member: Actor
    institution: Actor
    buyer: Organisation
    accounts: dict[str, Account]
    applications: list[Application] = field(default_factory=list)

    @property
    def application(self) -> Application:
        return self.applications[0]

    def pass_fitness(self, application: Application | None = None) -> None:
        fitness.review(
            self.session,
            (application or self.application).public_id,
            checks=CHECKS,
            outcome="passed",
            reasons="",
            actor=self.officer,
            now=self.now,
            base_url=BASE,
        )

    def publish(self, *applications: Application) -> str:
        chosen = applications or (self.application,)
        for one in chosen:
            self.pass_fitness(one)
        edition = notice.publish(
            self.session, self.call.public_id, [a.public_id for a in chosen], actor=self.coordinator, now=self.now
        )
        return edition.public_id

    def later(self, **time: int) -> datetime:
        self.now += timedelta(**time)
        return self.now

    def convene(self, *applications: Application) -> str:
        chosen = applications or (self.application,)
        self.publish(*chosen)
        self.later(days=14)
        for one in chosen:
            notice.to_committee(self.session, one.public_id, actor=self.coordinator, now=self.now)
        return designation.convene(
            self.session,
            self.call.public_id,
            held_on=self.now.date(),
            application_ids=[a.public_id for a in chosen],
            actor=self.coordinator,
            now=self.now,
        ).public_id

    def decide(self, outcome: str = "designated", application: Application | None = None, meeting: str | None = None) -> None:
        one = application or self.application
        meeting = meeting or self.convene(one)
        designation.decide(
            self.session,
            meeting,
            one.public_id,
            outcome=outcome,
            minutes="원안대로 의결함.",
            reason="기준을 충족함.",
            actor=self.member,
            now=self.now,
            base_url=BASE,
        )
        designation.decide(
            self.session, meeting, one.public_id, outcome=outcome, actor=self.other_member, now=self.now, base_url=BASE
        )

    def designated(self, application: Application | None = None) -> Designation:
        self.decide(application=application)
        one = application or self.application
        return self.session.query(Designation).filter_by(application_id=one.id).one()

    def request(self, row: Designation, *, quantity: int = 4, actor: Actor | None = None, **changed: Any) -> PilotRequest:
        given: dict[str, Any] = {
            "year": 2027,
            "theme": "tech_lead",
            "site": "중앙소방서",
            "contact": "구조과",
            "purpose": "실내 수색",
            "kpis": ["구조 시간", "오경보율", "가동률"],
            "running_cost": "자체 예산",
            "follow_on": True,
        }
        filed = pilot.write_request(
            self.session, row.public_id, quantity=quantity, actor=actor or self.institution, now=self.now, **(given | changed)
        )
        return pilot.submit_request(self.session, filed.public_id, actor=actor or self.institution, now=self.now)


def world(
    session: Session, now: datetime, *, applications: int = 1, rules: Rules | None = None, status: str = "fitness_review"
) -> World:
    call = Call(
        code="2026-1",
        title_ko="2026년 1차",
        title_en="2026 first",
        status="closed",
        opens_at=now - timedelta(days=90),
        closes_at=now - timedelta(days=60),
        rules=(rules or Rules()).as_json(),
        rubric="ppir-default@1",
        rubric_digest="0" * 64,
        created_at=now - timedelta(days=100),
        rounds=[Round(number=1)],
    )
    company = Organisation(name="가상기업", name_en="Invented Ltd", key="가상기업", region="서울", registration_no="0000000000")
    buyer = Organisation(name="가상소방서", name_en="Invented Fire Station", key="가상소방서", kind="public", region="부산")
    session.add_all([call, company, buyer])
    session.flush()
    accounts = {
        "applicant": people.account(session, now, "applicant", organisation=company, name="신청인"),
        "institution": people.account(session, now, "institution", organisation=buyer, name="구매 담당"),
    }
    for key, role in (
        ("coordinator", "coordinator"),
        ("second", "coordinator"),
        ("officer", "procurement"),
        ("member", "committee"),
        ("other_member", "committee"),
    ):
        accounts[key] = people.account(session, now, role, name=key)
    actors = {key: people_queries.actor_of(session, account) for key, account in accounts.items()}
    made = World(session, now, call, accounts["applicant"], buyer=buyer, accounts=accounts, **actors)
    for n in range(1, applications + 1):
        filed = content(n)
        row = Application(
            call_id=call.id,
            organisation_id=company.id,
            owner_id=accounts["applicant"].id,
            number=n,
            panel_number=n,
            status=status,
            title=filed["product"]["name_ko"],
            field_1="F09",
            dossier_version=1,
            submitted_at=now,
            created_at=now,
        )
        session.add(row)
        session.flush()
        session.add(DossierVersion(application_id=row.id, version=1, content=filed, digest="0" * 64, filed=True, at=now))
        made.applications.append(row)
    session.flush()
    return made
