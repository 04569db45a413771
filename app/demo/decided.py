"""Third chapter: fitness review, notice, objections, committee, designations, the certified list, pilots and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.clock import today_kst
from app.demo.cases import case
from app.demo.stage import MAIN, Stage
from app.demo.words import En, Ko, Pair
from app.errors import WrongStage
from app.models.designations import Designation
from app.queries.lookup import by_public_id
from app.stages import deliberation, designation, fitness, listing, notice, outcomes, pilot, pilot_rules, pilot_use
from app.workflow.actors import NOBODY, Actor
from app.workflow.wordlists import FITNESS_CHECKS

HERE = Pair(Ko("우리 기관"), En("Our institution"))
GROWTH = {  # from the year of the designation on
    "sales": ("1210000000", "1530000000", "1840000000", "2260000000"),
    "public_sales": ("0", "140000000", "320000000", "410000000"),
    "jobs": ("11", "14", "17", "21"),
}
BUDGETS = {"tech_lead": 900_000_000, "citizen": 700_000_000, "social": 600_000_000, "overseas": 500_000_000}


def to_fitness(stage: Stage, applications: Sequence[str], days_ago: float) -> None:
    with stage.database.write() as session:
        for application_id in applications:
            deliberation.to_fitness(session, application_id, actor=stage.staff("coordinator"), now=stage.ago(days_ago))


def pass_fitness(stage: Stage, applications: Sequence[str], days_ago: float) -> None:
    with stage.database.write() as session:
        for application_id in applications:
            fitness.review(
                session,
                application_id,
                checks=dict.fromkeys(FITNESS_CHECKS, "yes"),
                outcome="passed",
                reasons=str(case("fitness", "passed").ko),
                actor=stage.staff("procurement"),
                now=stage.ago(days_ago),
                base_url=stage.base_url,
            )


def return_for_answer(stage: Stage, applications: Sequence[str], days_ago: float) -> None:
    checks = dict.fromkeys(FITNESS_CHECKS, "yes") | {"price_evidence": "no"}
    with stage.database.write() as session:
        for application_id in applications:
            fitness.review(
                session,
                application_id,
                checks=checks,
                outcome="returned",
                reasons=str(case("fitness", "returned").ko),
                actor=stage.staff("procurement"),
                now=stage.ago(days_ago),
                base_url=stage.base_url,
            )


def refuse(stage: Stage, applications: Sequence[str], days_ago: float, *, confirm: bool = True) -> None:
    """What the panel did not recommend: asked for by one coordinator, confirmed by the other."""
    people = ("coordinator", "coordinator2") if confirm else ("coordinator",)
    for application_id in applications:
        words = case("consensus", "not_recommended", stage.rng, product=stage.product(application_id))
        for n, key in enumerate(people):
            with stage.database.write() as session:
                deliberation.reject(
                    session,
                    application_id,
                    reason=str(words.ko) if n == 0 else "",
                    actor=stage.staff(key),
                    now=stage.ago(days_ago - n / 4),
                    base_url=stage.base_url,
                )


def publish_notice(stage: Stage, applications: Sequence[str], days_ago: float, *, objected: str | None = None) -> None:
    """An edition of the public notice; a seller of an earlier product objects to one of its products."""
    if not applications:
        return
    with stage.database.write() as session:
        edition = notice.publish(
            session, stage.call_ids[MAIN], applications, actor=stage.staff("coordinator"), now=stage.ago(days_ago)
        )
        edition_id = edition.public_id
    if objected is None:
        return
    with stage.database.write() as session:
        row = notice.object_to(
            session,
            edition_id,
            objected,
            name="한울계측 (가상)",
            address="objection@sellers.example",
            ground="earlier_product",
            text=str(case("notice", "objection").ko),
            language="ko",
            actor=NOBODY,
            now=stage.ago(days_ago - 3),
        )
        notice.admit(session, row.public_id, actor=stage.staff("coordinator"), now=stage.ago(days_ago - 4))
        notice.answer(
            session,
            row.public_id,
            outcome="dismissed",
            text=str(case("notice", "answer").ko),
            actor=stage.staff("coordinator2"),
            now=stage.ago(days_ago - 8),
        )


def committee(stage: Stage, decided: dict[str, str], waiting: Sequence[str], days_ago: float) -> None:
    """The committee sits on what was on notice: two members decide each item; `waiting` stays on its agenda."""
    now, everything = stage.ago(days_ago), [*decided, *waiting]
    with stage.database.write() as session:
        for application_id in everything:
            notice.to_committee(session, application_id, actor=stage.staff("coordinator"), now=stage.ago(days_ago + 2))
        meeting = designation.convene(
            session,
            stage.call_ids[MAIN],
            held_on=today_kst(now),
            application_ids=everything,
            actor=stage.staff("coordinator"),
            now=stage.ago(days_ago + 1),
        ).public_id
    for application_id, outcome in decided.items():
        words = case("committee", outcome, product=stage.product(application_id))
        with stage.database.write() as session:
            designation.opine(
                session,
                meeting,
                application_id,
                text=str(case("committee", "opinion", stage.rng).ko),
                actor=stage.staff("committee"),
                now=now,
            )
            for key in ("committee", "committee2"):
                designation.decide(
                    session,
                    meeting,
                    application_id,
                    outcome=outcome,
                    minutes=str(words.ko),
                    reason=str(words.ko),
                    actor=stage.staff(key),
                    now=now,
                    base_url=stage.base_url,
                )


def publish_list(stage: Stage, days_ago: float, *, received: bool = True) -> None:
    with stage.database.write() as session:
        edition = listing.publish(session, actor=stage.staff("coordinator"), now=stage.ago(days_ago))
        if received:
            listing.receive(session, edition.public_id, actor=stage.staff("procurement"), now=stage.ago(days_ago - 0.5))


def object_to_result(stage: Stage, application_id: str, days_ago: float, *, answered: bool) -> None:
    """The company objects to its rejection; when answered, the objection is upheld and a re-review ordered by two people."""
    with stage.database.write() as session:
        row = notice.file_objection(
            session,
            application_id,
            ground="fact",
            text=str(case("objection", "text").ko),
            actor=stage.company(application_id),
            now=stage.ago(days_ago),
        )
        if not answered:
            return
        notice.admit(session, row.public_id, actor=stage.staff("coordinator"), now=stage.ago(days_ago - 1))
        notice.answer(
            session,
            row.public_id,
            outcome="upheld",
            text=str(case("objection", "upheld").ko),
            actor=stage.staff("coordinator"),
            now=stage.ago(days_ago - 6),
        )
    for n, key in enumerate(("coordinator", "coordinator2")):
        with stage.database.write() as session:
            notice.reopen(
                session,
                application_id,
                reason=str(case("objection", "upheld").ko) if n == 0 else "",
                actor=stage.staff(key),
                now=stage.ago(days_ago - 7),
                base_url=stage.base_url,
            )


@dataclass(frozen=True)
class Asked:
    """A pilot request of the demonstration, and whose it is."""

    public_id: str
    quantity: int
    institution: Actor
    application_id: str
    designation_id: str


def pilots(stage: Stage, days_ago: float) -> None:
    """Institutions ask for designated products; some are matched, and one pilot has run to its report."""
    year = stage.ago(days_ago).year
    with stage.database.write() as session:
        pilot_rules.pin(
            session,
            year,
            budgets=BUDGETS,
            reason="연간 시범구매 예산 배정",
            actor=stage.staff("procurement"),
            now=stage.ago(days_ago),
        )
        rows = session.execute(select(Designation).order_by(Designation.id)).scalars().all()
        products = [(d.public_id, dict(d.product), d.application.public_id) for d in rows]
    requests: dict[str, Asked] = {}
    for n, (designation_id, product, application_id) in enumerate(products[:7]):
        institution = stage.staff(("fire", "hospital")[n % 2])
        plan, theme = product.get("pilot_plan") or {}, stage.dossiers[application_id]["pilot_plan"]["theme"]
        least, most = int(plan.get("min_units") or 1), int(plan.get("max_units") or 1)
        with stage.database.write() as session:
            asked = pilot.write_request(
                session,
                designation_id,
                actor=institution,
                now=stage.ago(days_ago - 2),
                year=year,
                theme=theme,
                quantity=min(most, least + n % 3),
                site=("본관 1층 상황실", "제2훈련장", "중앙 창고")[n % 3],
                contact="담당 주무관 02-000-0000",
                purpose=str(case("pilot", "use_case", stage.rng, product=stage.product(application_id), institution=HERE).ko),
                kpis=list(plan.get("kpis") or ["사용 시간"])[:3],
                running_cost=str(case("pilot", "running_cost").ko),
                follow_on=n % 2 == 0,
            )
            if n < 6:
                pilot.submit_request(session, asked.public_id, actor=institution, now=stage.ago(days_ago - 3))
                requests[asked.public_id] = Asked(asked.public_id, asked.quantity, institution, application_id, designation_id)
    with stage.database.write() as session:
        ranked = pilot.rank(session, year, actor=stage.staff("procurement"), now=stage.ago(days_ago - 6))
        down_the_rank = [requests[row.public_id] for row in ranked]
    made: list[tuple[str, Asked]] = []
    for asked_for in down_the_rank:
        with suppress(WrongStage):  # what no longer fits is skipped
            made.append((_match(stage, asked_for, days_ago), asked_for))
        if len(made) == 3:
            break
    if made:
        _carry_out(stage, *made[0], days_ago, year)
    if len(made) > 1:
        with stage.database.write() as session:
            pilot_use.agree(session, made[1][0], actor=made[1][1].institution, now=stage.ago(days_ago - 9))


def _match(stage: Stage, request: Asked, days_ago: float) -> str:
    with stage.database.write() as session:
        made = pilot.match(
            session,
            request.public_id,
            quantity=request.quantity,
            reason="점수 순서와 예산 한도에 따라 선정",
            actor=stage.staff("procurement"),
            now=stage.ago(days_ago - 7),
            base_url=stage.base_url,
        )
        assert made is not None, "down the rank one officer decides alone"
        return made.public_id


def _carry_out(stage: Stage, pilot_id: str, request: Asked, days_ago: float, year: int) -> None:
    """From agreement to the report and a first measured outcome, in the days there are."""
    institution, officer, supplier = request.institution, stage.staff("procurement"), stage.company(request.application_id)

    def on(n: float) -> Any:
        return stage.ago(days_ago - n)

    with stage.database.write() as session:
        pilot_use.agree(session, pilot_id, actor=institution, now=on(8))
        pilot_use.contract(session, pilot_id, contract_no="R26BK00000001-000", actor=officer, now=on(9))
        pilot_use.deliver(session, pilot_id, on=today_kst(on(12)), actor=supplier, now=on(12))
        pilot_use.inspect(session, pilot_id, on=today_kst(on(13)), actor=institution, now=on(13))
        pilot_use.start_use(session, pilot_id, on=today_kst(on(13)), actor=institution, now=on(13))
        pilot_use.report(
            session,
            pilot_id,
            text=str(case("pilot", "report_good").ko),
            kpis={"사용자 만족도": "4.4 / 5"},
            satisfaction=4,
            defects=str(case("pilot", "defect").ko),
            actor=institution,
            now=on(20),
        )
        outcomes.record(
            session,
            request.designation_id,
            group="pilot_relevance",
            indicator="targets_met",
            year=year,
            value="100",
            attribution="direct",
            evidence=str(case("pilot", "report_good").ko),
            actor=institution,
            now=on(20),
            pilot_id=pilot_id,
        )
    _tell_growth(stage, request.designation_id, supplier, on(20))


def _tell_growth(stage: Stage, designation_id: str, supplier: Actor, now: datetime) -> None:
    with stage.database.write() as session:
        first = by_public_id(session, Designation, designation_id).designated_on.year
        for indicator, values in GROWTH.items():
            for year, value in zip(range(first, now.year + 1), values, strict=False):
                outcomes.record(
                    session,
                    designation_id,
                    group="corporate_growth",
                    indicator=indicator,
                    year=year,
                    value=value,
                    attribution="direct" if indicator == "public_sales" else "indirect",
                    evidence="재무제표와 고용보험 명부",
                    actor=supplier,
                    now=now,
                )
