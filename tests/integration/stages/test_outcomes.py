"""What became of a designated product is recorded once a year, with what it can be traced to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Duplicate, Invalid, NotFound
from app.models.designations import Designation
from app.models.pilots import Outcome
from app.stages import outcomes
from tests import people
from tests.after_panels import World, world


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def record(here: World, row: Designation, **changed: Any) -> Outcome:
    given: dict[str, Any] = {
        "group": "corporate_growth",
        "indicator": "public_sales",
        "year": 2026,
        "value": "320000000",
        "unit": "원",
        "attribution": "direct",
        "evidence": "나라장터 계약 2건",
        "actor": here.applicant,
    }
    return outcomes.record(here.session, row.public_id, now=here.now, **(given | changed))


def test_an_indicator_is_recorded_once_a_year(here: World) -> None:
    row = here.designated()
    record(here, row)
    with pytest.raises(Duplicate):
        record(here, row, value="1")
    record(here, row, year=2025)
    assert here.session.query(Outcome).count() == 2


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("indicator", {"indicator": "targets_met"}),
        ("year", {"year": 2028}),
        ("value", {"value": " "}),
        ("attribution", {"attribution": "some"}),
        ("evidence", {"evidence": ""}),
    ],
)
def test_what_cannot_be_traced_is_refused_at_its_field(here: World, field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        record(here, here.designated(), **changed)
    assert field in refused.value.problems


def test_nobody_reports_for_another_company(here: World) -> None:
    row = here.designated()
    with pytest.raises(NotFound):
        record(here, row, actor=people.acting(here.session, here.now, "applicant"))
    record(here, row, actor=here.officer, attribution="none", evidence="")
