"""The third step: the call's rules are run on each filed dossier, a person settles what they leave open and decides."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail, outbox
from app.clock import end_of_day_kst, today_kst
from app.documents import dossier
from app.documents.form import SLOT
from app.errors import Invalid, NotFound, WrongStage
from app.models.applications import Application, Decision, DossierVersion, Finding, Supplement
from app.workflow import door, dossiers, permissions, readings, rules, screening, window
from app.workflow.actors import SYSTEM, Actor

FIRST_PANEL_NUMBER = 101


def screen(session: Session, application_id: str, *, actor: Actor, now: datetime) -> list[Finding]:
    """Run every rule of the call on what was filed; run twice, the second time writes nothing.

    What a person settled on the same values in the screening before stays settled.
    """
    application = _application(session, application_id)
    permissions.require(actor, "eligibility.screen", application)
    if application.status == "submitted":
        door.advance(session, application, "eligibility", actor=SYSTEM, now=now)
    if application.status != "eligibility":
        return dossiers.findings(session, application)
    before = dossiers.findings(session, application)
    number = 1 + _asked(session, application)
    if before and before[0].screening == number:
        return before
    settled = {f.rule: f for f in before if f.by_id is not None}
    found = screening.screen(case_of(session, application))
    rows = [_finding(application, f, number, settled.get(f.rule.code), now) for f in found]
    session.add_all(rows)
    role = "system" if actor.has("system") else "coordinator"
    door.record(
        session,
        application,
        "eligibility.screened",
        actor=actor,
        role=role,
        now=now,
        data={"screening": number, **{f.rule: f.result for f in rows}},
    )
    return rows


def case_of(session: Session, application: Application) -> screening.Case:
    """The filed dossier as the rules look at it."""
    filed = dossiers.counting(session, application)
    held, unread = readings.slots(session, filed.files)
    return screening.Case(
        content=filed.content,
        rules=rules.from_json(application.call.rules),
        closing_on=window.of(application.call).closing_on,
        files=held,
        unread=unread,
        dated=tuple((f["slot"], f.get("issued_on") or "") for f in filed.files if f["slot"] in SLOT and SLOT[f["slot"]].dated),
        same_product=_same_product(session, application, filed),
    )


def settle(session: Session, application_id: str, rule: str, *, result: str, note: str, actor: Actor, now: datetime) -> Finding:
    """A person's word on a finding, with a reason: open or failed becomes passed or waived, or fails after all.

    E20 (a false document) has no finding of its own: settling it writes one.
    """
    application = _application(session, application_id)
    role = permissions.require(actor, "eligibility.settle", application)
    _in_check(application)
    if result not in ("pass", "fail", "waived"):
        raise Invalid("eligibility.unknown_result", problems={"result": "eligibility.unknown_result"})
    if not note.strip():
        raise Invalid("guard.reason_given", problems={"note": "guard.reason_given"})
    found = dossiers.findings(session, application)
    row = next((f for f in found if f.rule == rule), None)
    if row is None:
        row = _false_document(application, found, rule)
        session.add(row)
    before = row.result
    row.result, row.note, row.by_id, row.at = result, note.strip(), actor.account_id, now
    row.rules_version = application.call.rules_version
    door.record(
        session,
        application,
        "eligibility.settled",
        actor=actor,
        role=role,
        now=now,
        data={"rule": rule, "from": before, "to": result, "screening": row.screening},
    )
    return row


def ask_supplement(
    session: Session, application_id: str, *, items: Sequence[str], reason: str, actor: Actor, now: datetime
) -> Supplement:
    """Ask once for what is missing or unclear: only the named fields and slots open again, until the end of the last day."""
    application = _application(session, application_id)
    permissions.require(actor, "eligibility.settle", application)
    _in_check(application)
    known = [item for item in dict.fromkeys(items) if _is_place(item)]
    if not known:
        raise Invalid("supplement.items_missing", problems={"items": "supplement.items_missing"})
    decides = rules.from_json(application.call.rules)
    due_at = end_of_day_kst(today_kst(now) + timedelta(days=decides.supplement_days))
    asked = Supplement(
        application_id=application.id,
        number=1 + _asked(session, application),
        items=known,
        reason=reason.strip(),
        asked_by_id=actor.account_id,
        asked_at=now,
        due_at=due_at,
    )
    session.add(asked)
    session.flush()
    door.advance(
        session,
        application,
        "supplement",
        actor=actor,
        now=now,
        reason=reason,
        data={"number": asked.number, "items": len(known), "due_at": due_at},
    )
    outbox.promise(
        session,
        "supplement_over",
        key=f"supplement_over:{application.public_id}:{asked.number}",
        args={"application": application.public_id},
        now=now,
        due_at=due_at,
    )
    _letter(
        session,
        application,
        "supplement",
        f"supplement:{application.public_id}:{asked.number}",
        now,
        reason=asked.reason,
        due_at=due_at,
        items=[dossier.label(item) for item in known],
    )
    return asked


def supplement_over(session: Session, application_id: str, *, now: datetime) -> bool:
    """The time of a supplement is over without an answer: what was filed before is judged. False when there is nothing to do."""
    application = _application(session, application_id)
    asked = dossiers.open_supplement(session, application)
    if asked is None or now < asked.due_at:
        return False
    door.advance(session, application, "eligibility", actor=SYSTEM, now=now, data={"unanswered": True})
    screen(session, application_id, actor=SYSTEM, now=now)
    return True


def admit(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """No finding is open: the dossier goes on to matching, under a number that tells a panel nothing of the order of filing."""
    application = _application(session, application_id)
    moved = door.advance(session, application, "eligible", actor=actor, now=now)
    if application.panel_number is None:
        application.panel_number = _free_panel_number(session, application.call_id)
    _decide(session, application, f"{moved.transition.source}>eligible", "eligible", actor, None, now)
    _letter(session, application, "eligible", f"eligible:{application.public_id}:{application.version}", now)


@dataclass(frozen=True)
class Admitted:
    """What became of a choice of rows: numbers admitted, and number with the code of the refusal for the rest."""

    admitted: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def admit_all(session: Session, application_ids: Sequence[str], *, actor: Actor, now: datetime) -> Admitted:
    """Admit those of the chosen that no finding holds back; a row that fails any rule, warnings too, is left to a person."""
    admitted: list[str] = []
    left: list[tuple[str, str]] = []
    for public_id in dict.fromkeys(application_ids):
        application = _application(session, public_id)
        if any(f.result == "fail" for f in dossiers.findings(session, application)):
            left.append((application.filed_number, "guard.open_findings"))
            continue
        try:
            admit(session, public_id, actor=actor, now=now)
        except WrongStage as refused:
            left.append((application.filed_number, refused.code))
        else:
            admitted.append(application.filed_number)
    return Admitted(tuple(admitted), tuple(left))


def refuse(session: Session, application_id: str, *, text_ko: str, text_en: str, actor: Actor, now: datetime) -> bool:
    """Refuse for failed rules, with a text of reasons; True once a second coordinator has confirmed it."""
    application = _application(session, application_id)
    pending = door.pending_of(session, application)
    said = dict(pending.data) if pending is not None and pending.to_status == "ineligible" else {}
    texts = {
        "text_ko": text_ko.strip() or said.get("text_ko", ""),
        "text_en": text_en.strip() or said.get("text_en", ""),
    }
    reason = texts["text_ko"] or texts["text_en"]
    outcome = door.advance(session, application, "ineligible", actor=actor, now=now, reason=reason, data=texts)
    if not outcome.moved:
        return False
    failed = [f for f in dossiers.findings(session, application) if f.result == "fail" and f.hard]
    decision = _decide(session, application, "eligibility>ineligible", "ineligible", actor, outcome.asked_by_id, now)
    decision.reasons = [{"rule": f.rule, "inputs": f.inputs} for f in failed]
    decision.text_ko, decision.text_en = texts["text_ko"] or reason, texts["text_en"] or reason
    decides = rules.from_json(application.call.rules)
    _letter(
        session,
        application,
        "ineligible",
        f"ineligible:{decision.public_id}",
        now,
        rules=[screening.RULES[f.rule] for f in failed],
        text_ko=decision.text_ko,
        text_en=decision.text_en,
        until=end_of_day_kst(today_kst(now) + timedelta(days=decides.objection_days)),
    )
    return True


def refuse_pending(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """The second coordinator does not agree, or the first takes it back: the application stays in the check."""
    application = _application(session, application_id)
    permissions.require(actor, "eligibility.settle", application)
    door.refuse_pending(session, application, actor=actor, now=now)


def _is_place(item: str) -> bool:
    try:
        dossier.label(item)
    except KeyError:
        return False
    return item != "D01"


def _application(session: Session, public_id: str) -> Application:
    row = session.execute(select(Application).where(Application.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def _in_check(application: Application) -> None:
    if application.status != "eligibility":
        raise WrongStage("eligibility.not_in_check", status=application.status)


def _asked(session: Session, application: Application) -> int:
    rows = session.execute(select(Supplement.number).where(Supplement.application_id == application.id)).scalars()
    return max(rows, default=0)


def _same_product(session: Session, application: Application, filed: DossierVersion) -> tuple[str, ...]:
    """Other applications of the same company in this call for a product of the same name."""
    others = session.execute(
        select(Application).where(
            Application.call_id == application.call_id,
            Application.organisation_id == application.organisation_id,
            Application.id != application.id,
            Application.status.not_in(("draft", "withdrawn", "ineligible")),
        )
    ).scalars()
    mine = _product_key(dossier.title(filed.content))
    return tuple(o.filed_number for o in others if mine and _product_key(o.title) == mine)


def _product_key(title: str) -> str:
    return "".join(c for c in title.casefold() if c.isalnum())


def _finding(application: Application, found: screening.Found, number: int, settled: Finding | None, now: datetime) -> Finding:
    inputs = dict(found.inputs)
    row = Finding(
        application_id=application.id,
        screening=number,
        rule=found.rule.code,
        hard=found.rule.hard,
        result=found.result,
        inputs=inputs,
        rules_version=application.call.rules_version,
        at=now,
    )
    if settled is not None and settled.inputs == inputs:
        row.result, row.note, row.by_id = settled.result, settled.note, settled.by_id
    return row


def _false_document(application: Application, found: Sequence[Finding], rule: str) -> Finding:
    if rule != "E20" or not found:
        raise NotFound("not_found")
    return Finding(
        application_id=application.id,
        screening=found[0].screening,
        rule="E20",
        hard=True,
        result="needs_person",
        inputs={},
    )


def _free_panel_number(session: Session, call_id: int) -> int:
    """Drawn from the unused ones, so that it says nothing about when a dossier was filed or admitted."""
    rows = session.execute(select(Application.panel_number).where(Application.call_id == call_id)).scalars().all()
    taken = {n for n in rows if n is not None}
    room = range(FIRST_PANEL_NUMBER, FIRST_PANEL_NUMBER + max(800, 2 * len(rows)))
    return secrets.choice([n for n in room if n not in taken])


def _decide(
    session: Session,
    application: Application,
    move: str,
    outcome: str,
    actor: Actor,
    asked_by: int | None,
    now: datetime,
) -> Decision:
    filed = dossiers.counting(session, application)
    row = Decision(
        subject_kind="application",
        subject_id=application.id,
        move=move,
        outcome=outcome,
        inputs={
            "dossier": filed.digest,
            "findings": {f.rule: f.result for f in dossiers.findings(session, application)},
        },
        rules_version=application.call.rules_version,
        by_id=asked_by if asked_by is not None else actor.account_id,
        confirmed_by_id=actor.account_id if asked_by is not None else None,
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def _letter(session: Session, application: Application, template: str, key: str, now: datetime, **values: Any) -> None:
    owner = application.owner
    if owner is None:
        return
    call = application.call
    mail.send(
        session,
        template,
        to=owner.mail,
        language=owner.language,
        key=key,
        now=now,
        number=application.filed_number,
        title=application.title,
        call=call.title_ko if owner.language == "ko" else call.title_en,
        **values,
    )
