"""How long a designation holds and what it is called: dates and numbers as the programme counts them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

_SERIAL = re.compile(r"\{serial[^}]*\}")


def valid_until(designated_on: date, years: int) -> date:
    """The last valid day: all years granted from the day of designation, less one day.

    A day the last year does not have falls on the end of its month; later terms count from the first day, never from
    the previous end.

    >>> valid_until(date(2026, 7, 1), 3)
    datetime.date(2029, 6, 30)
    >>> valid_until(date(2024, 2, 29), 3)
    datetime.date(2027, 2, 28)
    """
    year = designated_on.year + years
    if designated_on.day > monthrange(year, designated_on.month)[1]:
        return date(year, designated_on.month, monthrange(year, designated_on.month)[1])
    return date(year, designated_on.month, designated_on.day) - timedelta(days=1)


def extended_until(designated_on: date, base: int, extensions: Sequence[int], given: int, cap: date | None = None) -> date | None:
    """The last valid day once one more extension is granted after `given` earlier ones; None when all have been granted.

    The years of every extension add to the base and count from the day of designation. `cap` is the last valid day of the
    family's first designation: no extension reaches past it.

    >>> extended_until(date(2026, 7, 1), 3, (1, 2), given=0), extended_until(date(2026, 7, 1), 3, (1, 2), given=1)
    (datetime.date(2030, 6, 30), datetime.date(2032, 6, 30))
    """
    if given >= len(extensions):
        return None
    last = valid_until(designated_on, base + sum(extensions[: given + 1]))
    return last if cap is None else min(last, cap)


def series_of(pattern: str, year: int) -> str:
    """The numbers that share one run of serials.

    >>> series_of("MSIT-{year}-{serial:04d}", 2026)
    'MSIT-2026-#'
    """
    return _SERIAL.sub("#", pattern).format(year=year)


def number_of(pattern: str, year: int, serial: int) -> str:
    """
    >>> number_of("MSIT-{year}-{serial:04d}", 2026, 7)
    'MSIT-2026-0007'
    """
    return pattern.format(year=year, serial=serial)


def months_later(first: date, months: int) -> date:
    """The last day of a span of months that begins on `first`.

    >>> months_later(date(2026, 3, 1), 12)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    last = monthrange(year, month)[1]
    return date(year, month, last) if first.day > last else date(year, month, first.day) - timedelta(days=1)
