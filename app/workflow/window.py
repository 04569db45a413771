"""When a call takes dossiers: the one rule that verbs, guards, jobs and pages judge a closing by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.clock import today_kst
from app.models.calls import Call
from app.workflow import rules


@dataclass(frozen=True)
class Window:
    """From opening to closing and its grace. The moment that counts is a request's arrival by the server's clock."""

    opens_at: datetime
    closes_at: datetime
    grace_seconds: int

    @property
    def last_at(self) -> datetime:
        """The last second in which a dossier is taken."""
        return self.closes_at + timedelta(seconds=self.grace_seconds)

    @property
    def over_at(self) -> datetime:
        """The first second in which none is."""
        return self.last_at + timedelta(seconds=1)

    @property
    def closing_on(self) -> date:
        """The day in Korea on which applications close; a closing at midnight belongs to the day that ends."""
        return today_kst(self.closes_at - timedelta(microseconds=1))

    def over(self, moment: datetime) -> bool:
        """Seconds are whole: closing at 18:00:00, something that arrives at 18:00:00.9 is in time."""
        return moment.replace(microsecond=0) > self.last_at

    def takes(self, moment: datetime) -> bool:
        return self.opens_at <= moment and not self.over(moment)


def of(call: Call) -> Window:
    return Window(call.opens_at, call.closes_at, rules.from_json(call.rules).grace_seconds)


def takes(call: Call, moment: datetime) -> bool:
    """Whether this call takes a dossier that arrives at `moment`."""
    return call.status == "open" and of(call).takes(moment)
