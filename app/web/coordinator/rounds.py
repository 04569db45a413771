"""The round that a page of a call is about, as its address says it: `?round=2`; without it the workflow knows which."""

from __future__ import annotations

from flask import request

from app.queries import rounds
from app.queries.rounds import Rounds
from app.web.access import actor, db


def asked() -> int | None:
    return request.args.get("round", type=int)


def shown(call_id: str, number: int | None = None) -> Rounds:
    """The round of the page, or the one that what it shows belongs to."""
    return rounds.shown(db(), call_id, asked() if number is None else number, actor=actor())
