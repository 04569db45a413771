"""What the demonstration holds for whoever walks through it; the same one that the journeys use, read without a browser."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from app import journal
from app.db import Database
from app.models.applications import Application
from app.models.calls import Call
from app.workflow import rounds


def test_one_re_review_is_on_its_way_beside_the_running_round(demonstration: Path) -> None:
    database = Database(f"sqlite:///{demonstration / 'ppir.sqlite'}")
    with database.read() as session:
        sent = session.execute(select(Application).where(Application.status == "re_review")).scalar_one()
        call = session.get_one(Call, sent.call_id)
        assert [(r.number, r.kind) for r in rounds.of_call(session, call.public_id)] == [(1, "first"), (2, "re_review")]
        assert session.execute(rounds.waiting(rounds.named(session, call.public_id, 2))).scalars().all() == [sent]
        assert rounds.named(session, call.public_id).number == 1
        assert session.execute(select(Application).where(Application.status == "in_review")).first() is not None
        assert journal.verify(session).first_bad is None
    database.dispose()
