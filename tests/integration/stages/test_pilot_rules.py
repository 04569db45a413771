"""The rules of a pilot year are pinned version by version, by procurement officers, with a reason and a journal entry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.errors import Invalid, NotAllowed, Stale
from app.models.pilots import PilotRules
from app.models.process import JournalEntry
from app.queries import pilot_money
from app.queries.pilot_rules import versions
from app.stages import pilot, pilot_rules
from app.workflow.pilot_policy import Policy
from tests.after_panels import World, world

EUK = 100_000_000


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def pin(here: World, policy: Policy | None = None, budgets: dict[str, int] | None = None, **changed: Any) -> PilotRules:
    given: dict[str, Any] = {"reason": "연간 계획", "actor": here.officer, "now": here.now}
    return pilot_rules.pin(here.session, 2027, policy=policy, budgets=budgets or {}, **(given | changed))


def test_each_change_is_a_version_with_who_why_and_what(here: World) -> None:
    pin(here, budgets={"tech_lead": 20 * EUK})
    pin(here, replace(Policy(), company_cap_pct=20), {"citizen": 5 * EUK}, reason="쏠림 방지")
    second, first = versions(here.session, 2027, actor=here.officer)
    assert [(c.part, c.name, c.before, c.after) for c in first.changes] == [("budget", "tech_lead", None, 20 * EUK)]
    assert [(c.part, c.name, c.before, c.after) for c in second.changes] == [
        ("policy", "company_cap_pct", 30, 20),
        ("budget", "citizen", None, 5 * EUK),
    ]
    assert (second.number, second.reason, second.by) == (2, "쏠림 방지", "officer")
    assert pilot_money.policy_of(here.session, 2027).version == 2
    assert pilot_money.policy_of(here.session, 2028) == Policy(), "another year has its own"
    entry = here.session.scalars(
        select(JournalEntry).where(JournalEntry.action == "pilot_rules.pinned").order_by(JournalEntry.id.desc())
    ).first()
    assert entry is not None
    said = json.loads(entry.data)
    assert (said["version"], said["budgets"]) == (2, {"tech_lead": 20 * EUK, "citizen": 5 * EUK})
    assert said["policy_sha256"] == pilot_money.policy_digest(pilot_money.policy_of(here.session, 2027))


def test_a_rank_names_the_version_it_was_made_by(here: World) -> None:
    request = here.request(here.designated())
    pin(here, Policy(theme_points=10, commitment_points=60, fit_points=20, spread_points=10))
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    assert [part["of"] for part in request.reasons] == [10, 60, 20, 10]
    entry = here.session.scalars(select(JournalEntry).where(JournalEntry.action == "pilot_request.ranked")).one()
    assert json.loads(entry.data)["policy"] == 1


@pytest.mark.parametrize(
    ("field", "policy", "budgets", "reason"),
    [
        ("theme_points", Policy(theme_points=30), {}, "까닭"),
        ("spread_points", Policy(spread_points=-1), {}, "까닭"),
        ("company_cap_pct", Policy(company_cap_pct=0), {}, "까닭"),
        ("pilot_months", Policy(pilot_months=0), {}, "까닭"),
        ("fields.citizen", Policy(theme_fields={"citizen": ()}), {}, "까닭"),
        ("fields.citizen", Policy(theme_fields={"citizen": ("F99",)}), {}, "까닭"),
        ("budget.citizen", None, {"citizen": -1}, "까닭"),
        ("budget.nowhere", None, {"nowhere": 1}, "까닭"),
        ("reason", Policy(pilot_months=6), {}, " "),
    ],
)
def test_rules_that_cannot_work_are_refused_at_their_field(
    here: World, field: str, policy: Policy | None, budgets: dict[str, int], reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        pin(here, policy, budgets, reason=reason)
    assert set(refused.value.problems) == {field}
    assert here.session.query(PilotRules).count() == 0


def test_two_officers_do_not_overwrite_each_other_and_nothing_is_pinned_twice(here: World) -> None:
    pin(here, budgets={"citizen": EUK}, based_on=0)
    with pytest.raises(Stale):
        pin(here, budgets={"citizen": 2 * EUK}, based_on=0)
    with pytest.raises(Invalid) as same:
        pin(here, budgets={"citizen": EUK})
    assert same.value.code == "pilot_rules.unchanged"
    with pytest.raises(NotAllowed):
        pin(here, budgets={"citizen": 2 * EUK}, actor=here.coordinator)


@pytest.mark.storage
@pytest.mark.parametrize("statement", ["UPDATE pilot_rules SET reason = ''", "DELETE FROM pilot_rules"])
def test_a_pinned_version_can_be_neither_changed_nor_removed(here: World, statement: str) -> None:
    pin(here, budgets={"citizen": EUK})
    with pytest.raises(DBAPIError, match="append-only"):
        here.session.execute(text(statement))
