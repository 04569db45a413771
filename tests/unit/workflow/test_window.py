"""A closing is judged in whole seconds, with the grace of the call, by one rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.workflow.window import Window

OPENS = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
CLOSES = datetime(2026, 12, 18, 9, 0, tzinfo=UTC)  # 18:00 in Seoul


@pytest.mark.parametrize("grace", [0, 30])
@pytest.mark.parametrize(
    ("after_grace", "taken"), [(-1, True), (0, True), (0.999999, True), (1, False), (1.5, False)]
)
def test_the_last_second_is_inside_and_the_next_is_not(grace: int, after_grace: float, taken: bool) -> None:
    window = Window(OPENS, CLOSES, grace)
    moment = CLOSES + timedelta(seconds=grace + after_grace)
    assert window.takes(moment) is taken
    assert window.over(moment) is not taken


def test_nothing_is_taken_before_opening() -> None:
    window = Window(OPENS, CLOSES, 0)
    assert not window.takes(OPENS - timedelta(microseconds=1))
    assert window.takes(OPENS)


def test_what_is_over_is_over_from_the_second_the_closing_job_is_due() -> None:
    window = Window(OPENS, CLOSES, 30)
    assert window.over(window.over_at) and not window.over(window.over_at - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("closes_at", "day"),
    [
        (CLOSES, date(2026, 12, 18)),
        (datetime(2026, 12, 18, 15, 0, tzinfo=UTC), date(2026, 12, 18)),  # midnight in Seoul ends the 18th
        (datetime(2026, 12, 18, 15, 1, tzinfo=UTC), date(2026, 12, 19)),
    ],
)
def test_the_closing_day_is_the_one_in_korea(closes_at: datetime, day: date) -> None:
    assert Window(OPENS, closes_at, 0).closing_on == day
