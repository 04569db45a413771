"""Calls as the pages show them: the head of one, the list with numbers per state and what is owed next, the history of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call, CallExtension, Round, RuleChange
from app.models.people import Account, Person
from app.workflow import permissions, rounds, rules, window
from app.workflow.actors import Actor
from app.workflow.window import Window

CHECKING = {"submitted": "screen", "eligibility": "decide_eligibility", "supplement": "wait_for_supplements"}
SEATING = {"eligible": "match", "re_review": "re_review"}


@dataclass(frozen=True)
class Step:
    """What is owed next on a call: a code the page words, how many it concerns, the page that does it, about which round."""

    code: str
    n: int
    endpoint: str
    round: int | None = None


@dataclass(frozen=True)
class Unseated:
    """How many wait for a panel, and the lowest round in which they do."""

    n: int
    round: int | None


@dataclass(frozen=True)
class CallRow:
    public_id: str
    code: str
    title: Mapping[str, str]  # ko, en
    status: str
    opens_at: datetime
    closes_at: datetime
    rules: rules.Rules
    rules_version: int
    rubric: str
    rubric_digest: str
    version: int
    counts: Mapping[str, int]  # applications by state; drafts are counted, never shown
    unseated: Mapping[str, Unseated]  # of eligible and re_review: those without a panel

    @property
    def filed(self) -> int:
        return sum(n for status, n in self.counts.items() if status not in ("draft", "withdrawn"))

    @property
    def window(self) -> Window:
        return Window(self.opens_at, self.closes_at, self.rules.grace_seconds)

    def n(self, *statuses: str) -> int:
        return sum(self.counts.get(status, 0) for status in statuses)

    def next_step(self, now: datetime) -> Step:
        """The earliest thing of the process that waits for a coordinator."""
        if self.status == "draft":
            return Step("open_call", 0, "coordinator.call")
        if self.status == "open":
            return Step("close_call" if self.window.over(now) else "wait_for_closing", self.filed, "coordinator.call")
        for status, code in CHECKING.items():
            if n := self.n(status):
                return Step(code, n, "coordinator.eligibility")
        for status, code in SEATING.items():
            if found := self.unseated.get(status):
                return Step(code, found.n, "coordinator.matching", found.round)
        waiting = (
            ("seat_panels", ("eligible", "re_review", "assigned"), "coordinator.panels"),
            ("follow_scoring", ("in_review",), "coordinator.scoring"),
            ("deliberate", ("interview", "site_check", "panel_deliberation"), "coordinator.results"),
            ("after_panels", ("recommended", "not_recommended"), "coordinator.results"),
            ("wait_for_fitness", ("fitness_review", "fitness_returned"), "coordinator.results"),
            ("follow_notice", ("public_notice",), "coordinator.notices"),
            ("committee", ("committee_deliberation", "deferred"), "coordinator.committee"),
        )
        for code, statuses, endpoint in waiting:
            if n := self.n(*statuses):
                return Step(code, n, endpoint)
        return Step(
            "publish_list" if self.counts.get("designated") else "nothing",
            self.counts.get("designated", 0),
            "coordinator.list_editions",
        )


@dataclass(frozen=True)
class Change:
    """One pinned version of a call's rules, with what it changed against the one before: (rule, before, after)."""

    version: int
    at: datetime
    by: str
    reason: str
    changed: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True)
class Extension:
    """One moving of the closing, for everybody, with its reason."""

    from_at: datetime
    to_at: datetime
    at: datetime
    reason: str


@dataclass(frozen=True)
class OpenCall:
    """A call as anybody may read it."""

    public_id: str
    code: str
    title: Mapping[str, str]
    opens_at: datetime
    closes_at: datetime
    status: str
    rules: rules.Rules
    extensions: tuple[Extension, ...]

    @property
    def window(self) -> Window:
        return Window(self.opens_at, self.closes_at, self.rules.grace_seconds)

    def takes(self, now: datetime) -> bool:
        """Whether a dossier that arrives now is taken."""
        return self.status == "open" and self.window.takes(now)


def head(session: Session, public_id: str, *, actor: Actor) -> CallRow:
    """One call for the head of its pages."""
    permissions.require(actor, "call.read")
    call = session.execute(select(Call).where(Call.public_id == public_id)).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    return _row(call, _counts(session, call.id).get(call.id, {}), _unseated(session, call.id).get(call.id, {}))


def every(session: Session, *, actor: Actor) -> list[CallRow]:
    """All calls, the newest closing first."""
    permissions.require(actor, "call.read")
    counts, unseated = _counts(session), _unseated(session)
    found = session.execute(select(Call).order_by(Call.closes_at.desc(), Call.id.desc())).scalars()
    return [_row(call, counts.get(call.id, {}), unseated.get(call.id, {})) for call in found]


def changes(session: Session, public_id: str, *, actor: Actor) -> list[Change]:
    """Every version of the rules, the newest first."""
    permissions.require(actor, "call.read")
    found = session.execute(
        select(RuleChange, Person.name)
        .join(Call, Call.id == RuleChange.call_id)
        .outerjoin(Account, Account.id == RuleChange.by_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(Call.public_id == public_id)
        .order_by(RuleChange.version)
    ).all()
    out: list[Change] = []
    before: Mapping[str, Any] = {}
    for change, name in found:
        now = dict(change.rules)
        changed = tuple((k, before.get(k), now.get(k)) for k in now if before.get(k) != now.get(k)) if before else ()
        out.append(Change(change.version, change.at, name or "", change.reason, changed))
        before = now
    return out[::-1]


def announced(session: Session, *, now: datetime) -> list[OpenCall]:
    """The calls anybody may read: those open now or to open, the earliest closing first; no account needed."""
    found = session.execute(select(Call).where(Call.status == "open").order_by(Call.closes_at)).scalars()
    return [_open(session, call) for call in found if not window.of(call).over(now)]


def one_announced(session: Session, code: str) -> OpenCall:
    """A call that was opened, by the code in its public address."""
    call = session.execute(select(Call).where(Call.code == code, Call.status != "draft")).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    return _open(session, call)


def extensions_of(session: Session, public_id: str, *, actor: Actor) -> tuple[Extension, ...]:
    """Every moving of a call's closing, the first first."""
    permissions.require(actor, "call.read")
    call_id = session.execute(select(Call.id).where(Call.public_id == public_id)).scalar_one_or_none()
    return _extensions(session, call_id) if call_id else ()


def _extensions(session: Session, call_id: int) -> tuple[Extension, ...]:
    found = session.execute(select(CallExtension).where(CallExtension.call_id == call_id).order_by(CallExtension.id)).scalars()
    return tuple(Extension(e.from_at, e.to_at, e.at, e.reason) for e in found)


def _open(session: Session, call: Call) -> OpenCall:
    return OpenCall(
        call.public_id,
        call.code,
        {"ko": call.title_ko, "en": call.title_en},
        call.opens_at,
        call.closes_at,
        call.status,
        rules.from_json(call.rules),
        _extensions(session, call.id),
    )


def _row(call: Call, counts: Mapping[str, int], unseated: Mapping[str, Unseated]) -> CallRow:
    return CallRow(
        call.public_id,
        call.code,
        {"ko": call.title_ko, "en": call.title_en},
        call.status,
        call.opens_at,
        call.closes_at,
        rules.from_json(call.rules),
        call.rules_version,
        call.rubric,
        call.rubric_digest,
        call.version,
        counts,
        unseated,
    )


def _counts(session: Session, call_id: int | None = None) -> dict[int, dict[str, int]]:
    query = select(Application.call_id, Application.status, func.count()).group_by(Application.call_id, Application.status)
    if call_id is not None:
        query = query.where(Application.call_id == call_id)
    out: dict[int, dict[str, int]] = {}
    for call, status, n in session.execute(query):
        out.setdefault(call, {})[status] = n
    return out


def _unseated(session: Session, call_id: int | None = None) -> dict[int, dict[str, Unseated]]:
    query = (
        select(Application.call_id, Application.status, func.count(), func.min(Round.number))
        .outerjoin(Round, Round.id == Application.round_id)
        .where(Application.status.in_(SEATING), rounds.without_panel())
        .group_by(Application.call_id, Application.status)
    )
    if call_id is not None:
        query = query.where(Application.call_id == call_id)
    out: dict[int, dict[str, Unseated]] = {}
    for call, status, n, lowest in session.execute(query):
        out.setdefault(call, {})[status] = Unseated(n, lowest)
    return out
