"""Pilot purchase: requests within the supplier's plan, ranks with reasons, matches within the money, use to its grade."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import Invalid, NotAllowed, NotFound, Stale, WrongStage
from app.models.designations import Designation
from app.models.pilots import LedgerEntry, Pilot, PilotRequest
from app.models.process import JournalEntry, Mail
from app.queries import pilot_money, pilot_rank
from app.stages import pilot, pilot_rules, pilot_use, standing
from app.workflow.pilot_policy import Policy
from tests import people
from tests.after_panels import BASE, World, world

EUK = 100_000_000


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def budget(here: World, amount: int = 20 * EUK, theme: str = "tech_lead") -> None:
    pilot_rules.pin(here.session, 2027, budgets={theme: amount}, reason="배정", actor=here.officer, now=here.now)


def matched(here: World, row: Designation | None = None, quantity: int = 4) -> Pilot:
    request = here.request(row or here.designated())
    budget(here)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    return pilot.match(
        here.session, request.public_id, quantity=quantity, reason="순위 안", actor=here.officer, now=here.now, base_url=BASE
    )


def left(here: World) -> int:
    return next(b.free_krw for b in pilot_money.budgets(here.session, 2027) if b.theme.key == "tech_lead")


@pytest.mark.parametrize(("quantity", "fits"), [(1, False), (2, True), (8, True), (9, False)])
def test_units_stay_within_the_suppliers_plan(here: World, quantity: int, fits: bool) -> None:
    row = here.designated()
    if fits:
        assert here.request(row, quantity=quantity).amount_krw == quantity * EUK
        return
    with pytest.raises(Invalid) as refused:
        here.request(row, quantity=quantity)
    assert refused.value.problems == {"quantity": "pilot.outside_plan"}
    assert (refused.value.data["least"], refused.value.data["most"]) == (2, 8)


def test_a_request_names_who_pays_for_its_use(here: World) -> None:
    with pytest.raises(WrongStage) as refused:
        here.request(here.designated(), running_cost=" ")
    assert refused.value.code == "guard.running_cost_missing"


def test_nothing_is_asked_of_a_suspended_product(here: World) -> None:
    row = here.designated()
    for actor in (here.coordinator, here.second):
        standing.suspend(here.session, row.public_id, reason="사고", actor=actor, now=here.now, base_url=BASE)
    with pytest.raises(WrongStage) as refused:
        here.request(row)
    assert refused.value.code == "guard.designation_not_active"


def test_a_request_is_changed_only_as_a_draft_and_only_by_its_institution(here: World) -> None:
    row = here.designated()
    request = here.request(row)
    given: dict[str, Any] = {
        "year": 2027,
        "theme": "citizen",
        "quantity": 3,
        "site": "",
        "contact": "",
        "purpose": "",
        "kpis": [],
        "running_cost": "자체",
        "follow_on": False,
        "request_id": request.public_id,
    }
    with pytest.raises(WrongStage):
        pilot.write_request(here.session, row.public_id, actor=here.institution, now=here.now, **given)
    stranger = people.acting(here.session, here.now, "institution")
    with pytest.raises(NotFound):
        pilot.withdraw_request(here.session, request.public_id, actor=stranger, now=here.now)
    pilot.withdraw_request(here.session, request.public_id, actor=here.institution, now=here.now)
    pilot.write_request(here.session, row.public_id, actor=here.institution, now=here.now, **given)
    assert (request.quantity, request.amount_krw, request.theme) == (3, 3 * EUK, "citizen")
    with pytest.raises(NotAllowed):
        pilot.write_request(here.session, row.public_id, actor=here.applicant, now=here.now, **given)


def test_ranks_say_what_gave_the_points_and_commitment_counts(here: World) -> None:
    row = here.designated()
    firm = here.request(row)
    other = people.acting(here.session, here.now, "institution")
    loose = here.request(row, actor=other, follow_on=False, kpis=[], purpose="")
    ordered = pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    assert [r.id for r in ordered] == [firm.id, loose.id]
    assert [part["code"] for part in firm.reasons] == ["theme", "commitment", "fit", "spread"]
    assert firm.score == pytest.approx(sum(part["points"] for part in firm.reasons))
    assert firm.status == loose.status == "ranked"
    with pytest.raises(NotAllowed):
        pilot.rank(here.session, 2027, actor=here.coordinator, now=here.now)


def test_a_match_sets_the_money_aside_and_tells_the_institution(here: World) -> None:
    made = matched(here, quantity=3)
    assert (made.status, made.amount_krw, made.request.status, left(here)) == ("matched", 3 * EUK, "matched", 17 * EUK)
    letter = here.session.query(Mail).filter_by(template="pilot_matched").one()
    assert "신청 4개 중 3개" in letter.body
    assert made.request.reasons[-1] == {"code": "matched", "text": "순위 안", "data": {"quantity": 3, "amount_krw": 3 * EUK}}


def test_no_more_than_the_budget_is_promised(here: World) -> None:
    row = here.designated()
    request = here.request(row, quantity=8)
    uncapped = Policy(company_cap_pct=100, institution_cap_pct=100)
    by = {"actor": here.officer, "now": here.now}
    pilot_rules.pin(here.session, 2027, policy=uncapped, budgets={"tech_lead": 5 * EUK}, reason="배정", **by)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as refused:
        pilot.match(here.session, request.public_id, quantity=6, reason="순위 안", actor=here.officer, now=here.now, base_url=BASE)
    assert (refused.value.code, refused.value.data["missing_krw"]) == ("guard.budget_exceeded", EUK)
    pilot.match(
        here.session, request.public_id, quantity=5, reason="예산 안에서 감량", actor=here.officer, now=here.now, base_url=BASE
    )
    assert left(here) == 0
    with pytest.raises(Invalid) as lower:
        pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 4 * EUK}, reason="감액", **by)
    assert lower.value.data["committed_krw"] == 5 * EUK


def test_one_company_takes_no_more_than_its_share(here: World) -> None:
    request = here.request(here.designated(), quantity=7)
    budget(here)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as refused:
        pilot.match(here.session, request.public_id, quantity=7, reason="순위 안", actor=here.officer, now=here.now, base_url=BASE)
    assert (refused.value.code, refused.value.data["over_krw"]) == ("pilot.company_cap", EUK)


def test_the_same_product_is_piloted_once_by_an_institution_unless_overseas(here: World) -> None:
    row = here.designated()
    matched(here, row, quantity=2)
    again = here.request(row, quantity=2)
    abroad = here.request(row, quantity=2, theme="overseas")
    budget(here, theme="overseas")
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as refused:
        pilot.match(here.session, again.public_id, quantity=2, reason="또", actor=here.officer, now=here.now, base_url=BASE)
    assert refused.value.code == "pilot.once_only"
    pilot.match(here.session, abroad.public_id, quantity=2, reason="해외", actor=here.officer, now=here.now, base_url=BASE)


def test_a_match_is_neither_below_the_plan_nor_above_what_was_asked(here: World) -> None:
    request = here.request(here.designated(), quantity=4)
    budget(here)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    for quantity in (1, 5):
        with pytest.raises(Invalid):
            pilot.match(
                here.session, request.public_id, quantity=quantity, reason="x", actor=here.officer, now=here.now, base_url=BASE
            )


def test_a_reserve_is_matched_when_money_is_freed_and_every_answer_has_a_reason(here: World) -> None:
    row = here.designated()
    made = matched(here, row, quantity=4)
    other = people.acting(here.session, here.now, "institution")
    waiting = here.request(row, actor=other)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as unsaid:
        pilot.reserve(here.session, waiting.public_id, reason=" ", actor=here.officer, now=here.now, base_url=BASE)
    assert unsaid.value.code == "guard.reason_given"
    pilot.reserve(here.session, waiting.public_id, reason="기업 한도", actor=here.officer, now=here.now, base_url=BASE)
    with pytest.raises(WrongStage):
        pilot.match(here.session, waiting.public_id, quantity=4, reason="해 보기", actor=here.officer, now=here.now, base_url=BASE)
    pilot_use.cancel(here.session, made.public_id, reason="기관 사정", actor=here.officer, now=here.now, base_url=BASE)
    assert left(here) == 20 * EUK
    assert [e.amount_krw for e in here.session.query(LedgerEntry).order_by(LedgerEntry.id)] == [4 * EUK, -4 * EUK]
    pilot.match(here.session, waiting.public_id, quantity=4, reason="예산이 풀림", actor=here.officer, now=here.now, base_url=BASE)
    assert waiting.status == "matched"


def two_ranked(here: World) -> tuple[PilotRequest, PilotRequest]:
    """A better and a worse request of one theme, both ranked and within the money."""
    row = here.designated()
    better = here.request(row, quantity=2)
    worse = here.request(row, actor=people.acting(here.session, here.now, "institution"), quantity=3, follow_on=False)
    budget(here)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    return better, worse


def test_a_match_past_a_better_request_needs_a_second_officer(here: World) -> None:
    better, worse = two_ranked(here)
    second = people.acting(here.session, here.now, "procurement")

    def match(actor: Any, quantity: int = 3, reason: str = "재난 대응 시급") -> Pilot | None:
        return pilot.match(
            here.session, worse.public_id, quantity=quantity, reason=reason, actor=actor, now=here.now, base_url=BASE
        )

    with pytest.raises(WrongStage) as unsaid:
        match(here.officer, reason=" ")
    assert unsaid.value.code == "guard.reason_given"
    assert match(here.officer) is None
    assert (worse.status, left(here)) == ("ranked", 20 * EUK)
    with pytest.raises(NotAllowed) as alone:
        match(here.officer)
    assert alone.value.code == "door.same_person"
    with pytest.raises(Stale):
        match(second, quantity=2)
    made = match(second, reason="")
    assert made is not None
    assert (worse.status, better.status, left(here)) == ("matched", "ranked", 17 * EUK)
    said = {"quantity": 3, "amount_krw": 3 * EUK, "passed_over": 1}
    assert worse.reasons[-1] == {"code": "matched", "text": "재난 대응 시급", "data": said}
    events = here.session.scalars(select(JournalEntry.action).where(JournalEntry.subject == worse.public_id)).all()
    assert events[-2:] == ["pilot_request.matched.asked", "pilot_request.matched"]


def test_down_the_rank_and_past_what_does_not_fit_one_officer_is_enough(here: World) -> None:
    better, worse = two_ranked(here)
    by = {"actor": here.officer, "now": here.now, "base_url": BASE}
    assert pilot.match(here.session, worse.public_id, quantity=3, reason="시급", **by) is None
    pilot.keep_rank(here.session, worse.public_id, actor=here.officer, now=here.now)
    here.session.flush()
    assert pilot.match(here.session, better.public_id, quantity=2, reason="순위", **by) is not None
    assert pilot.match(here.session, worse.public_id, quantity=3, reason="순위", **by) is not None
    late = here.request(worse.designation, actor=people.acting(here.session, here.now, "institution"), quantity=2)
    unfit = here.request(worse.designation, quantity=2)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    assert unfit.score is not None and late.score is not None
    assert pilot_rank.limit_reached(here.session, unfit, 2 * EUK) is not None
    assert pilot_rank.ahead(here.session, late) == [], "what has been piloted before is skipped"


def test_a_refusal_is_final_and_told_with_its_reason(here: World) -> None:
    request = here.request(here.designated())
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    pilot.refuse(here.session, request.public_id, reason="수요가 낮음", actor=here.officer, now=here.now, base_url=BASE)
    assert "수요가 낮음" in here.session.query(Mail).filter_by(template="pilot_answered").one().body
    with pytest.raises(WrongStage):
        pilot.refuse(here.session, request.public_id, reason="또", actor=here.officer, now=here.now, base_url=BASE)


def use(here: World) -> Pilot:
    """A pilot in use."""
    made = matched(here)
    today = today_kst(here.now)
    pilot_use.agree(here.session, made.public_id, actor=here.institution, now=here.now)
    pilot_use.contract(here.session, made.public_id, contract_no="R25BK00916502-000", actor=here.officer, now=here.now)
    pilot_use.deliver(here.session, made.public_id, on=today - timedelta(days=2), actor=here.applicant, now=here.now)
    pilot_use.inspect(here.session, made.public_id, on=today - timedelta(days=1), actor=here.institution, now=here.now)
    pilot_use.start_use(here.session, made.public_id, on=today, actor=here.institution, now=here.now)
    return made


def report(here: World, made: Pilot, text: str = "구조 시간이 35 % 줄었습니다.") -> None:
    pilot_use.report(
        here.session,
        made.public_id,
        text=text,
        kpis={"구조 시간": "35 %"},
        satisfaction=4,
        defects="",
        actor=here.institution,
        now=here.now,
    )


def test_a_pilot_runs_from_contract_to_grade_and_close(here: World) -> None:
    made = use(here)
    assert (made.use_from, made.use_until) == (date(2026, 12, 7), date(2027, 12, 6))
    report(here, made)
    pilot_use.grade(here.session, made.public_id, grade="good", reason="목표 초과", actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as unplanned:
        pilot_use.close(here.session, made.public_id, after_use_plan=" ", actor=here.officer, now=here.now)
    assert unplanned.value.code == "guard.after_use_missing"
    pilot_use.close(here.session, made.public_id, after_use_plan="소방서가 계속 사용", actor=here.officer, now=here.now)
    assert made.status == "closed"


def test_a_poor_pilot_is_corrected_and_runs_once_more(here: World) -> None:
    made = use(here)
    report(here, made, "작동이 불안정합니다.")
    pilot_use.grade(here.session, made.public_id, grade="poor", reason="목표 미달", actor=here.officer, now=here.now)
    pilot_use.ask_correction(here.session, made.public_id, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage):
        pilot_use.second_chance(here.session, made.public_id, correction=" ", actor=here.applicant, now=here.now)
    pilot_use.second_chance(here.session, made.public_id, correction="배터리를 바꿈", actor=here.applicant, now=here.now)
    assert made.report["first"]["text"] == "작동이 불안정합니다."
    with pytest.raises(WrongStage) as unwritten:
        report(here, made, " ")
    assert unwritten.value.code == "guard.report_missing"
    report(here, made, "나아졌습니다.")
    pilot_use.grade(here.session, made.public_id, grade="poor", reason="여전히 미달", actor=here.officer, now=here.now)
    pilot_use.ask_correction(here.session, made.public_id, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as twice:
        pilot_use.second_chance(here.session, made.public_id, correction="또", actor=here.applicant, now=here.now)
    assert twice.value.code == "guard.second_chance_used"


def test_only_a_poor_pilot_is_sent_for_correction_and_none_is_cancelled_after_acceptance(here: World) -> None:
    made = use(here)
    with pytest.raises(WrongStage):
        pilot_use.cancel(here.session, made.public_id, reason="x", actor=here.officer, now=here.now, base_url=BASE)
    report(here, made)
    pilot_use.grade(here.session, made.public_id, grade="fair", reason="보통", actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as refused:
        pilot_use.ask_correction(here.session, made.public_id, actor=here.officer, now=here.now)
    assert refused.value.code == "guard.not_graded_poor"


def test_steps_belong_to_those_who_take_them_and_dates_run_forward(here: World) -> None:
    made = matched(here)
    stranger = people.acting(here.session, here.now, "institution")
    with pytest.raises(NotFound):
        pilot_use.agree(here.session, made.public_id, actor=stranger, now=here.now)
    pilot_use.agree(here.session, made.public_id, actor=here.officer, now=here.now)
    with pytest.raises(WrongStage) as unnumbered:
        pilot_use.contract(here.session, made.public_id, contract_no="", actor=here.officer, now=here.now)
    assert unnumbered.value.code == "guard.contract_no_missing"
    pilot_use.contract(here.session, made.public_id, contract_no="R25BK00916502", actor=here.officer, now=here.now)
    today = today_kst(here.now)
    with pytest.raises(Invalid):
        pilot_use.deliver(here.session, made.public_id, on=today + timedelta(days=1), actor=here.applicant, now=here.now)
    pilot_use.deliver(here.session, made.public_id, on=today, actor=here.applicant, now=here.now)
    with pytest.raises(Invalid) as early:
        pilot_use.inspect(here.session, made.public_id, on=today - timedelta(days=1), actor=here.institution, now=here.now)
    assert early.value.code == "pilot.before_delivery"
    with pytest.raises(NotAllowed):
        pilot_use.inspect(here.session, made.public_id, on=today, actor=here.applicant, now=here.now)


def test_an_account_without_an_institution_cannot_ask(here: World) -> None:
    row = here.designated()
    nowhere = people.acting(here.session, here.now, "institution")
    with pytest.raises(WrongStage) as refused:
        here.request(row, actor=replace(nowhere, organisation_ids=frozenset()))
    assert refused.value.code == "pilot.no_institution"
    assert here.session.query(PilotRequest).count() == 0
