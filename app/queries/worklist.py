"""What one panellist owes next, waits for, and has done: the same rows for the page and for reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models.applications import Application
from app.models.deliberations import Deliberation
from app.models.matching import Panel, Seat
from app.models.reviews import Invitation, Sheet
from app.queries import conflict_question
from app.workflow import deliberations, duties, permissions, rounds, seating
from app.workflow.actors import Actor
from scoring.rubric import load


@dataclass(frozen=True)
class Task:
    """One line of the list. `code` names what is to be done or waited for; `key` is what its page needs."""

    code: str
    key: str
    label: str = ""
    title: str = ""
    call: Mapping[str, str] | None = None
    due: datetime | None = None
    done_n: int = 0
    total_n: int = 0
    receipt: str = ""

    def late(self, now: datetime) -> bool:
        return self.due is not None and self.due <= now


@dataclass(frozen=True)
class WorkList:
    now: tuple[Task, ...]
    waiting: tuple[Task, ...]
    done: tuple[Task, ...]
    sheets_done: int
    sheets_total: int

    @property
    def deliberating(self) -> bool:
        return any(t.code in AT_TABLE for t in (*self.now, *self.waiting))

    @property
    def next_due(self) -> datetime | None:
        return min((t.due for t in self.now if t.due), default=None)


DO_NOW = frozenset({"answer_question"}) | frozenset(
    {"answer_invitation", "sign_pledge", "start_sheet", "continue_sheet", "redo_sheet"}
    | {"draft_text", "answer_text", "confirm_text", "conclude"}
)
AT_TABLE = frozenset({"draft_text", "answer_text", "confirm_text", "conclude", "await_text", "await_answers", "read_deliberation"})
WAITING = frozenset({"await_start", "await_results", "await_text", "await_answers", "read_deliberation"})


def of(session: Session, *, actor: Actor, now: datetime) -> WorkList:
    """Everything of the signed-in panellist, what is due first on top."""
    permissions.require(actor, "sheet.write")
    if actor.expert_id is None:
        return WorkList((), (), (), 0, 0)
    tasks = [
        *(Task("answer_question", question.public_id) for question in conflict_question.waiting(session, actor.expert_id)),
        *_invitations(session, actor.expert_id, now),
        *_sheets(session, actor.expert_id),
        *_deliberations(session, actor.expert_id),
    ]
    by_due = sorted(tasks, key=lambda t: (t.due is None, t.due or now, t.label))
    sheets = [t for t in tasks if t.code.endswith("_sheet")]
    return WorkList(
        tuple(t for t in by_due if t.code in DO_NOW),
        tuple(t for t in by_due if t.code in WAITING),
        tuple(t for t in by_due if t.code not in DO_NOW | WAITING),
        sum(t.code == "view_sheet" for t in sheets),
        len(sheets),
    )


def _invitations(session: Session, expert_id: int, now: datetime) -> list[Task]:
    found = []
    letters = session.execute(select(Invitation).where(Invitation.expert_id == expert_id).order_by(Invitation.id)).scalars().all()
    for letter in letters:
        call = letter.round.call
        title = {"ko": call.title_ko, "en": call.title_en}
        seats = session.execute(select(Seat).where(Seat.invitation_id == letter.id)).scalars().all()
        statuses = {s.status for s in seats}
        if "invited" in statuses and not letter.answer and now < letter.answer_by:
            found.append(Task("answer_invitation", letter.public_id, call.code, "", title, letter.answer_by, 0, len(seats)))
        elif "accepted" in statuses:
            found.append(Task("sign_pledge", letter.public_id, call.code, "", title, letter.pledge_by, 0, len(seats)))
        elif "pledged" in statuses:
            found.append(Task("await_start", letter.public_id, call.code, "", title, None, 0, len(seats)))
    return found


def _sheets(session: Session, expert_id: int) -> list[Task]:
    rows = session.execute(
        select(Sheet)
        .join(Seat, Seat.id == Sheet.seat_id)
        .where(Seat.expert_id == expert_id, Seat.status.in_(("active", "done")), Sheet.status != "void")
        .options(selectinload(Sheet.marks))
        .order_by(Sheet.id)
    ).scalars()
    codes = {"empty": "start_sheet", "draft": "continue_sheet", "reopened": "redo_sheet", "locked": "view_sheet"}
    found = []
    for sheet in rows:
        if sheet.application_id in seating.barred_from(session, sheet.seat):
            continue
        rubric = load(sheet.application.call.rubric)
        newest = {m.item: m.step for m in sorted(sheet.marks, key=lambda m: m.number)}
        asked = (*rubric.item_codes, *rubric.gate_codes)
        due = None if sheet.status == "locked" else sheet.seat.panel.round.scoring_closes_at
        found.append(
            Task(
                codes[sheet.status],
                sheet.public_id,
                sheet.application.label,
                sheet.application.title,
                None,
                due,
                sum(newest.get(code) is not None for code in asked),
                len(asked),
                sheet.receipt,
            )
        )
    return found


def _deliberations(session: Session, expert_id: int) -> list[Task]:
    seats = session.execute(
        select(Seat).join(Panel).where(Seat.expert_id == expert_id, Seat.status.in_(("active", "done"))).order_by(Seat.id)
    ).scalars()
    found = []
    for seat in seats:
        barred = seating.barred_from(session, seat)
        for dossier in seat.panel.dossiers:
            application = dossier.application
            if application.id in barred:
                continue
            code = _deliberation_code(session, seat, application)
            if code:
                found.append(Task(code, application.public_id, application.label, application.title))
    return found


def _deliberation_code(session: Session, seat: Seat, application: Application) -> str:
    if not rounds.judges(seat.panel.round, application):
        return "concluded"  # what a re-review does with it is the matter of another panel
    if application.status in ("in_review", "interview", "site_check"):
        own = session.execute(select(Sheet.status).where(Sheet.seat_id == seat.id, Sheet.application_id == application.id)).scalar()
        return "await_results" if own == "locked" else ""
    if application.status != "panel_deliberation":
        return "concluded" if application.status not in ("eligible", "assigned", "re_review", "withdrawn") else ""
    said = session.execute(
        select(Deliberation).where(Deliberation.application_id == application.id, Deliberation.round_id == seat.panel.round_id)
    ).scalar_one_or_none()
    held = duties.of(session, seat.panel, application)  # without those who are out
    duty = held.get(seat.id, "")
    if said is None or not said.text:
        return "draft_text" if duty == "rapporteur" else "await_text"
    answered = deliberations.stances(said)
    if duty and seat.id not in answered:
        return "answer_text"
    if duty == "chair" and said.confirmed_at:
        return "conclude"
    if duty == "chair":
        return "confirm_text" if held.keys() <= answered.keys() else "await_answers"
    return "read_deliberation"
