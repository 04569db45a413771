"""A call pins what it decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import i18n, journal
from app.errors import Duplicate, Invalid, NotAllowed
from app.models.calls import Call, RuleChange
from app.models.process import JournalEntry
from app.stages import calls
from app.workflow import rules as call_rules
from app.workflow.actors import NOBODY, OPERATOR
from scoring import rubric as rubrics


def make(session: Session, now: datetime, **changed: Any) -> Call:
    given: dict[str, Any] = {
        "code": "2026-1",
        "title_ko": "2026년 1차",
        "title_en": "2026 first",
        "actor": OPERATOR,
        "rules": call_rules.Rules(),
        "opens_at": now,
        "closes_at": now + timedelta(days=30),
    }
    return calls.create(session, now=now, **(given | changed))


def test_a_new_call_pins_rules_and_rubric_and_has_its_first_round(session: Session, now: datetime) -> None:
    call = make(session, now)
    pinned = session.execute(select(RuleChange).where(RuleChange.call_id == call.id)).scalar_one()
    assert (call.status, call.rules_version, pinned.version) == ("draft", 1, 1)
    assert call_rules.from_json(pinned.rules) == call_rules.Rules()
    assert (call.rubric, call.rubric_digest) == ("ppir-default@1", rubrics.load("ppir-default@1").digest)
    assert [r.number for r in call.rounds] == [1]
    entry = session.execute(select(JournalEntry)).scalar_one()
    assert (entry.actor, entry.action, entry.rules) == ("operator", "call.created", "2026-1@1")
    assert entry.subject == call.public_id
    assert journal.verify(session).first_bad is None


def test_two_calls_never_share_a_code(session: Session, now: datetime) -> None:
    make(session, now)
    with pytest.raises(Duplicate) as refused:
        make(session, now)
    assert refused.value.code == "call.code_taken"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("code", {"code": "two words"}),
        ("code", {"code": ""}),
        ("title", {"title_ko": "", "title_en": ""}),
        ("closes_at", {"closes_at": datetime.fromisoformat("2020-01-01T00:00:00+00:00")}),
        ("rubric", {"rubric": "none@1"}),
    ],
)
def test_what_cannot_work_is_refused_by_field(session: Session, now: datetime, field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        make(session, now, **changed)
    assert field in refused.value.problems
    for language in ("en", "ko"):
        assert i18n.catalogue(language).gettext(refused.value.problems[field]) != refused.value.problems[field]


def test_only_a_coordinator_makes_a_call(session: Session, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        make(session, now, actor=NOBODY)


def test_a_call_made_by_command_has_no_quotas_but_one_expert_per_organisation() -> None:
    rules = calls.plain_rules(seats=5, load_max=3)
    call_rules.check(rules)
    assert (rules.panel_seats, rules.load_max, rules.quotas, rules.institution_cap) == (5, 3, (), 1)
