"""Moments as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from app import i18n
from app.clock import end_of_day_kst


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    before = i18n.current()
    yield
    i18n.use(before)


@pytest.mark.parametrize(("language", "day_end", "day_start"), [
    ("ko", "2026. 12. 4.(금) 24:00", "2026. 12. 5.(토) 00:00"),
    ("en", "2026-12-04 24:00 KST", "2026-12-05 00:00 KST"),
])
def test_the_end_of_a_day_is_read_as_that_day_and_a_beginning_as_the_next(language: str, day_end: str, day_start: str) -> None:
    i18n.use(language)
    end = end_of_day_kst(date(2026, 12, 4))
    assert i18n.until(end) == day_end
    assert i18n.kst(end) == day_start


def test_a_deadline_within_a_day_stays_as_it_is() -> None:
    i18n.use("en")
    closing = datetime(2026, 12, 18, 9, tzinfo=UTC)
    assert i18n.until(closing) == i18n.kst(closing) == "2026-12-18 18:00 KST"
    assert i18n.until(closing + timedelta(hours=6, seconds=1)) == "2026-12-19 00:00 KST"
    assert i18n.until(None) == ""
