"""What became of a designated product is recorded once a year, with what it can be traced to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.designations import Designation
from app.models.pilots import AfterUse, Outcome, Pilot
from app.queries import outcomes as queries
from app.stages import outcomes, pilot, pilot_rules
from tests import people
from tests.after_panels import BASE, World, world


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def record(here: World, row: Designation, **changed: Any) -> Outcome:
    given: dict[str, Any] = {
        "group": "corporate_growth",
        "indicator": "public_sales",
        "year": 2026,
        "value": "320,000,000",
        "attribution": "direct",
        "evidence": "나라장터 계약 2건",
        "actor": here.applicant,
    }
    return outcomes.record(here.session, row.public_id, now=here.now, **(given | changed))


def test_an_indicator_is_recorded_once_a_year(here: World) -> None:
    row = here.designated()
    assert (record(here, row).value, record(here, row, indicator="jobs", value="12").unit) == ("320000000", "people")
    with pytest.raises(Duplicate):
        record(here, row, value="1")
    here.later(days=60)
    record(here, row, year=2027)
    assert here.session.query(Outcome).count() == 3


def test_figures_run_from_the_year_of_the_designation_to_three_years_after(here: World) -> None:
    row = here.designated()
    here.later(days=365 * 5)
    for year in (2025, 2030):
        with pytest.raises(Invalid) as refused:
            record(here, row, year=year)
        assert refused.value.problems == {"year": "outcome.year_range"}
    for year, value in ((2026, "1"), (2029, "9")):
        record(here, row, year=year, value=value)
    view = queries.product(here.session, row.public_id, actor=here.officer)
    sales = next(r for r in view.rows if r.key == "public_sales")
    assert view.years == (2026, 2027, 2028, 2029)
    assert [f.value if f else None for f in sales.figures] == [1, None, None, 9]
    assert sales.figures[0] is not None and sales.figures[0].evidence == "나라장터 계약 2건"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("indicator", {"indicator": "targets_met"}),
        ("year", {"year": 2028}),
        ("value", {"value": " "}),
        ("value", {"value": "three of three"}),
        ("value", {"value": "-1"}),
        ("value", {"value": "٣"}),
        ("indicator", {"group": "pilot_relevance", "indicator": "targets_met", "actor": "officer"}),
        ("attribution", {"attribution": "some"}),
        ("evidence", {"evidence": ""}),
    ],
)
def test_what_cannot_be_traced_is_refused_at_its_field(here: World, field: str, changed: dict[str, Any]) -> None:
    if "actor" in changed:
        changed = changed | {"actor": getattr(here, changed["actor"])}
    with pytest.raises(Invalid) as refused:
        record(here, here.designated(), **changed)
    assert field in refused.value.problems


def test_nobody_reports_for_another_company(here: World) -> None:
    row = here.designated()
    with pytest.raises(NotFound):
        record(here, row, actor=people.acting(here.session, here.now, "applicant"))
    record(here, row, actor=here.officer, attribution="none", evidence="")


def piloted(here: World) -> Pilot:
    """A matched pilot of the first product."""
    request = here.request(here.designated(), quantity=2)
    by: dict[str, Any] = {"actor": here.officer, "now": here.now}
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 10**9}, reason="배정", **by)
    pilot.rank(here.session, 2027, **by)
    made = pilot.match(here.session, request.public_id, quantity=2, reason="순위", base_url=BASE, **by)
    assert made is not None
    return made


def test_each_group_is_told_by_those_who_know(here: World) -> None:
    made = piloted(here)
    row = made.request.designation
    here.later(days=300)
    relevance = {"group": "pilot_relevance", "indicator": "targets_met", "year": 2027, "value": "100", "pilot_id": made.public_id}
    with pytest.raises(NotAllowed):
        record(here, row, **relevance)
    record(here, row, actor=here.institution, **relevance)
    with pytest.raises(NotFound):
        record(here, row, actor=here.institution)
    record(here, row, actor=here.officer, **relevance | {"indicator": "follow_up", "value": "0"})
    brought = queries.pilot(here.session, made.public_id, actor=here.institution)
    assert {r.key: r.figures[0].value for r in brought.rows if r.figures[0]} == {"targets_met": 100, "follow_up": 0}


def after_use(here: World, made: Pilot, **changed: Any) -> AfterUse:
    given: dict[str, Any] = {"year": 2027, "state": "in_use", "reason": "", "live_reference": True, "actor": here.institution}
    return outcomes.record_after_use(here.session, made.public_id, now=here.now, **(given | changed))


def test_the_use_of_the_goods_is_told_once_a_year_after_the_pilot(here: World) -> None:
    made = piloted(here)
    here.later(days=300)
    with pytest.raises(WrongStage):
        after_use(here, made)
    made.status = "closed"
    assert [f.unknown_use for f in queries.followed(here.session, 2027, actor=here.officer)] == [1]
    after_use(here, made)
    assert [f.unknown_use for f in queries.followed(here.session, 2027, actor=here.officer)] == [0]
    with pytest.raises(Duplicate):
        after_use(here, made)
    for field, changed in (
        ("after_year", {"year": 2028}),
        ("state", {"state": "lost"}),
        ("reason", {"state": "scrapped", "live_reference": False}),
        ("live_reference", {"state": "stopped", "reason": "운영비 없음"}),
    ):
        with pytest.raises(Invalid) as refused:
            after_use(here, made, **changed)
        assert set(refused.value.problems) == {field}
    with pytest.raises(NotAllowed):
        after_use(here, made, actor=here.applicant)
