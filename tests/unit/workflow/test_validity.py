"""Terms and numbers as the programme counts them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.validity import extended_until, months_later, number_of, series_of, valid_until


@pytest.mark.parametrize(
    ("designated", "years", "last"),
    [
        (date(2026, 7, 1), 3, date(2029, 6, 30)),
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2026, 1, 1), 3, date(2028, 12, 31)),
        (date(2025, 3, 1), 3, date(2028, 2, 29)),
    ],
)
def test_a_term_ends_the_day_before_its_anniversary(designated: date, years: int, last: date) -> None:
    assert valid_until(designated, years) == last


def test_extensions_count_from_the_day_of_designation_not_from_the_last_end() -> None:
    first = date(2026, 7, 1)
    assert [valid_until(first, years) for years in (3, 4, 6)] == [date(2029, 6, 30), date(2030, 6, 30), date(2032, 6, 30)]
    leap = date(2024, 2, 29)
    assert valid_until(leap, 8) == date(2032, 2, 28)


@pytest.mark.parametrize(
    ("designated", "given", "cap", "last"),
    [
        (date(2026, 7, 1), 0, None, date(2030, 6, 30)),
        (date(2026, 7, 1), 1, None, date(2032, 6, 30)),
        (date(2026, 7, 1), 2, None, None),
        (date(2024, 2, 29), 0, None, date(2028, 2, 28)),
        (date(2024, 2, 29), 1, None, date(2030, 2, 28)),
        (date(2026, 7, 1), 0, date(2029, 12, 31), date(2029, 12, 31)),
        (date(2026, 7, 1), 0, date(2031, 1, 1), date(2030, 6, 30)),
    ],
)
def test_an_extension_adds_its_years_to_all_before_and_stops_at_the_familys_end(
    designated: date, given: int, cap: date | None, last: date | None
) -> None:
    assert extended_until(designated, 3, (1, 2), given, cap) == last


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(1, 6))
def test_a_term_has_as_many_years_as_were_granted(designated: date, years: int) -> None:
    last = valid_until(designated, years)
    assert designated < last
    assert 365 * years - 1 <= (last - designated).days <= 365 * years + 2


def test_numbers_follow_the_pattern_of_the_call() -> None:
    assert number_of("MSIT-{year}-{serial:04d}", 2026, 31) == "MSIT-2026-0031"
    assert number_of("{year}/{serial}", 2027, 3) == "2027/3"
    assert series_of("MSIT-{year}-{serial:04d}", 2026) != series_of("MSIT-{year}-{serial:04d}", 2027)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 3, 1), 12, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 2, date(2027, 2, 14)),
    ],
)
def test_a_span_of_months_ends_the_day_before_it_begins_again(first: date, months: int, last: date) -> None:
    assert months_later(first, months) == last
