"""The steps of a pilot as forms: which of them a role may take now, and what was sent turned into the verb's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.queries.pilots import RequestRow
from app.stages import pilot_use
from app.workflow.actors import Actor

# role → (state of the pilot, steps offered in it), the usual one first
OFFERED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "procurement": {
        "matched": ("agree", "cancel"),
        "agreed": ("contract", "cancel"),
        "contracted": ("deliver", "cancel"),
        "delivered": ("cancel",),
        "reported": ("grade",),
        "graded": ("close", "ask_correction"),
        "correction": ("close",),
    },
    "institution": {
        "matched": ("agree",),
        "delivered": ("inspect",),
        "inspected": ("start_use",),
        "in_use": ("report",),
        "repilot": ("report",),
    },
    "applicant": {"contracted": ("deliver",), "correction": ("second_chance",)},
}


def offered(role: str, row: RequestRow) -> list[str]:
    """Only a poor grade asks for a correction."""
    if row.pilot is None:
        return []
    steps = OFFERED[role].get(row.pilot.status, ())
    return [s for s in steps if s != "ask_correction" or row.pilot.grade == "poor"]


def take(
    session: Session,
    row: RequestRow,
    step: str,
    sent: Mapping[str, str],
    *,
    role: str,
    actor: Actor,
    now: datetime,
    base_url: str,
) -> None:
    """Do one step; a step the page does not offer in this state is refused by the verb itself."""
    if row.pilot is None or all(step not in steps for steps in OFFERED[role].values()):
        raise NotFound("not_found")
    by = {"actor": actor, "now": now}
    own = row.pilot.public_id
    steps: dict[str, Callable[[], object]] = {
        "agree": lambda: pilot_use.agree(session, own, **by),
        "contract": lambda: pilot_use.contract(session, own, contract_no=sent.get("contract_no", ""), **by),
        "deliver": lambda: pilot_use.deliver(session, own, on=_day(sent), **by),
        "inspect": lambda: pilot_use.inspect(session, own, on=_day(sent), **by),
        "start_use": lambda: pilot_use.start_use(session, own, on=_day(sent), **by),
        "report": lambda: pilot_use.report(
            session,
            own,
            text=sent.get("text", ""),
            kpis={name: sent.get(f"kpi.{n}", "") for n, name in enumerate(row.kpis)},
            satisfaction=int(sent.get("satisfaction", "") or 0) if sent.get("satisfaction", "").isdigit() else 0,
            defects=sent.get("defects", ""),
            **by,
        ),
        "grade": lambda: pilot_use.grade(session, own, grade=sent.get("grade", ""), reason=sent.get("reason", ""), **by),
        "ask_correction": lambda: pilot_use.ask_correction(session, own, **by),
        "second_chance": lambda: pilot_use.second_chance(session, own, correction=sent.get("correction", ""), **by),
        "close": lambda: pilot_use.close(session, own, after_use_plan=sent.get("after_use_plan", ""), **by),
        "cancel": lambda: pilot_use.cancel(session, own, reason=sent.get("reason", ""), base_url=base_url, **by),
    }
    steps[step]()


def _day(sent: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(sent.get("on", ""))
    except ValueError:
        raise Invalid("pilot.date_missing", problems={"on": "pilot.date_missing"}) from None
