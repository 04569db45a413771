"""What every chapter of the demonstration works on: the database, the cast, the calendar, and a voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.clock import KST
from app.db import Database
from app.demo.cast import Cast
from app.demo.vocabulary_file import Topic, sub_fields
from app.demo.words import En, Ko, Pair
from app.files import Files
from app.workflow.actors import Actor

PAST = "PPIR-DEMO-0"  # a call of three years ago: what it designated is about to end
MAIN, OPEN = "PPIR-DEMO-1", "PPIR-DEMO-2"  # the call that is far along, and the one that takes applications now
CLOSED_AGO = 100  # days since the main call closed
BEGAN_AGO = 1140  # days since the first account was made


@dataclass
class Stage:
    database: Database
    files: Files
    base_url: str
    now: datetime
    tell: Callable[[str, int, int], None]  # what is being made, how many are done, of how many
    cast: Cast = field(default_factory=Cast)
    dossiers: dict[str, dict[str, Any]] = field(default_factory=dict)  # by the public id of the application
    call_ids: dict[str, str] = field(default_factory=dict)
    rng: Random = field(default_factory=lambda: Random(2026))
    closed_ago: int = CLOSED_AGO

    def ago(self, days: float, hour: int = 10) -> datetime:
        """So many days before today, at an hour in Seoul; fractions move within the day. Never later than now."""
        day = (self.now - timedelta(days=int(days))).astimezone(KST).replace(hour=hour, minute=0, second=0, microsecond=0)
        return min(day + timedelta(minutes=round((days % 1) * 400)), self.now)

    def staff(self, key: str) -> Actor:
        return self.cast.staff[key]

    def company(self, application_id: str) -> Actor:
        return self.cast.companies[self.dossiers[application_id]["organisation"]["business_no"]]

    def trouble(self, application_id: str) -> str | None:
        return self.dossiers[application_id]["trouble"]  # type: ignore[no-any-return]

    def product(self, application_id: str) -> Pair:
        product = self.dossiers[application_id]["product"]
        return Pair(Ko(product["name_ko"]), En(product["name_en"]))

    def topic(self, application_id: str) -> Topic:
        d = self.dossiers[application_id]
        field_ = next(f for f in sub_fields() if f.code == d["fields"][0])
        return next((p.topic for p in field_.products if str(p.name.ko) == d["product"]["name_ko"]), field_.topics[0])
