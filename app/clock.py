"""The time of day, asked for in one place, so that a deadline is judged once per request."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

KST = ZoneInfo("Asia/Seoul")


def now(session: Session | None = None) -> datetime:
    """The database's clock where a server has one, else this machine's; aware, UTC."""
    if session is not None and session.get_bind().dialect.name == "postgresql":
        moment = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC)  # type: ignore[no-any-return]
    return datetime.now(UTC)


def today_kst(moment: datetime) -> date:
    return moment.astimezone(KST).date()


def end_of_day_kst(day: date) -> datetime:
    """The first instant after `day` in Korea: deadlines are compared half-open."""
    return datetime(day.year, day.month, day.day, tzinfo=KST).astimezone(UTC) + timedelta(days=1)
