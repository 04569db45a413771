"""First chapter: people, the pool of experts, two calls, their dossiers, the eligibility check."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import KST, today_kst
from app.demo import cast, papers
from app.demo.cases import case
from app.demo.content import form_content
from app.demo.dossiers import dossiers
from app.demo.experts import experts
from app.demo.stage import BEGAN_AGO, MAIN, OPEN, Stage
from app.documents import child, reading, virus
from app.documents.form import SLOT
from app.errors import WrongStage
from app.models.applications import Application
from app.models.calls import Call
from app.stages import calls, eligibility, imports, submission, suggestions
from app.stages import reading as stages_reading
from app.workflow.actors import OPERATOR, SYSTEM
from app.workflow.rules import Rules

OPEN_LEFT = 21  # days the second call stays open
OPEN_EVERY = 9  # every ninth dossier goes to the call that is open
KEPT_IN_CHECK = 6  # dossiers left in the eligibility queue, for a coordinator to try
RULES_ON = ("E01", "E02", "E03", "E04", "E05", "E06", "E07", "E09", "E10", "E11", "E12", "E13", "E14", "E17", "E18", "E19")
LATE_ANNEX = {"conditional_slots": ("D05", "D06", "D08", "D11")}  # the closed calls leave the AI annex to rule E19
ISSUED_BEFORE = 12  # days from the date of a certificate to its upload
REFUSED = ("rnd_ended_early", "tax_arrears", "too_many_partners")


def people_and_pool(stage: Stage, n_experts: int, n_dossiers: int) -> list[dict[str, Any]]:
    """Accounts, experts by the same import as a file from elsewhere, and the invented dossiers."""
    with stage.database.write() as session:
        cast.mark_as_demo(session)
    pool = list(experts(n=n_experts))
    stage.tell("experts", 0, n_experts)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "experts.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in pool), encoding="utf-8")
        reading = imports.read(path, path.name, "experts", lambda n: stage.tell("experts", n, n_experts))
        with stage.database.write() as session:
            run = imports.begin(
                session,
                kind="experts",
                name=path.name,
                sha256=imports.file_digest(path),
                actor=OPERATOR,
                now=stage.ago(BEGAN_AGO),
            )
            imports.store(session, run.public_id, reading, actor=OPERATOR, now=stage.ago(BEGAN_AGO))
            if run.status != "done":
                raise RuntimeError(f"the invented experts were refused: {run.problems[:3]}")
    closing = (stage.now - timedelta(days=stage.closed_ago)).astimezone(KST).date()
    invented = list(dossiers(n=n_dossiers, closing=closing, pool=pool))
    with stage.database.write() as session:
        stage.cast = cast.assemble(session, invented, stage.ago(BEGAN_AGO))
    return invented


def open_calls(stage: Stage) -> None:
    title = case("call", "title")
    closed = stage.closed_ago
    open_call(stage, MAIN, str(title.ko), str(title.en), stage.ago(closed + 40, 9), stage.ago(closed, 18))
    open_call(
        stage,
        OPEN,
        "2026년 제2차 우수연구개발 혁신제품 지정 공고 (가상)",
        "Second call 2026 for innovative products of public R&D (fictitious)",
        stage.ago(14, 9),
        _closing(stage),
    )


def open_call(stage: Stage, code: str, title_ko: str, title_en: str, opens: datetime, closes: datetime) -> None:
    coordinator = stage.staff("coordinator")
    with stage.database.write() as session:
        call = calls.create(
            session,
            code=code,
            title_ko=title_ko,
            title_en=title_en,
            rules=Rules(eligibility_on=RULES_ON, extra={} if code == OPEN else LATE_ANNEX),
            opens_at=opens,
            closes_at=closes,
            actor=coordinator,
            now=opens - timedelta(days=5),
        )
        calls.open_call(session, call.public_id, actor=coordinator, now=opens - timedelta(days=1))
        stage.call_ids[code] = call.public_id


def file_dossiers(stage: Stage, invented: list[dict[str, Any]]) -> list[str]:
    """Every company writes and files; returns the applications filed for the first call."""
    filed: list[str] = []
    for n, d in enumerate(invented):
        stage.tell("dossiers", n, len(invented))
        to_open = d["trouble"] is None and n % OPEN_EVERY == 4
        application_id = _write(stage, d, to_open, n)
        if to_open and n % 2:
            continue  # a draft somebody is still writing
        if d["trouble"] != "never_submitted" and _submit(stage, application_id, to_open) and not to_open:
            filed.append(application_id)
    return filed


def check_eligibility(stage: Stage, filed: list[str], *, keep: int = KEPT_IN_CHECK) -> list[str]:
    """Close the call, run the rules, settle what they leave open but the last `keep`; returns what may be admitted."""
    coordinator, second = stage.staff("coordinator"), stage.staff("coordinator2")
    with stage.database.write() as session:
        calls.close_call(session, stage.call_ids[MAIN], actor=coordinator, now=stage.ago(stage.closed_ago - 1, 9))
    free = [a for a in filed if stage.trouble(a) is None]
    left_open = free[max(0, len(free) - keep) :]
    checked: list[str] = []
    for n, application_id in enumerate(filed):
        stage.tell("eligibility", n, len(filed))
        trouble = stage.trouble(application_id)
        with stage.database.write() as session:
            if trouble == "withdrawn":
                submission.withdraw(
                    session,
                    application_id,
                    actor=stage.company(application_id),
                    now=stage.ago(stage.closed_ago - 1),
                    reason=str(case("withdrawal", "reason").ko),
                )
                continue
            found = eligibility.screen(session, application_id, actor=SYSTEM, now=stage.ago(stage.closed_ago - 2))
            hard = [f.rule for f in found if f.result == "fail" and f.hard]
            if hard:
                text = case("refusal", trouble) if trouble in REFUSED else case("refusal", "ai_annex_missing")
                for actor, day in ((coordinator, 4), (second, 5)):
                    eligibility.refuse(
                        session,
                        application_id,
                        text_ko=str(text.ko),
                        text_en=str(text.en),
                        actor=actor,
                        now=stage.ago(stage.closed_ago - day),
                    )
                continue
            if trouble == "needs_supplement":
                eligibility.ask_supplement(
                    session,
                    application_id,
                    items=["D07"],
                    reason=str(case("supplement", "request").ko),
                    actor=coordinator,
                    now=stage.ago(2),
                )
                continue
            for f in found:
                if f.result == "needs_person":
                    eligibility.settle(
                        session,
                        application_id,
                        f.rule,
                        result="pass",
                        note="제출 서류로 확인함",
                        actor=coordinator,
                        now=stage.ago(stage.closed_ago - 4),
                    )
            if application_id not in left_open:
                checked.append(application_id)
    return checked


def admit(stage: Stage, applications: list[str], days_ago: float) -> None:
    with stage.database.write() as session:
        for application_id in applications:
            eligibility.admit(session, application_id, actor=stage.staff("coordinator"), now=stage.ago(days_ago))


def write_again(session: Session, stage: Stage) -> None:
    """The applicant tries again with a product that was not recommended: a draft whose sub-fields are still to be chosen."""
    applicant = stage.staff("applicant")
    refused = Application.status.in_(("not_recommended", "rejected"))
    own = select(Application).where(Application.organisation_id.in_(applicant.organisation_ids), refused)
    held = session.execute(own.order_by(Application.id).limit(1)).scalar_one_or_none()
    if held is None or held.public_id not in stage.dossiers:
        return  # a small demonstration
    answers = form_content(stage.dossiers[held.public_id])
    answers["classification"] = {"keywords": answers["classification"]["keywords"]}
    submission.start(session, stage.call_ids[OPEN], actor=applicant, now=stage.ago(1), answers=answers)


def suggest(session: Session, stage: Stage) -> None:
    """Everybody who is still writing asks which sub-fields their text speaks for."""
    drafts = select(Application).join(Call).where(Call.public_id == stage.call_ids[OPEN], Application.status == "draft")
    for application in session.execute(drafts).scalars().all():
        company = stage.company(application.public_id) if application.public_id in stage.dossiers else stage.staff("applicant")
        suggestions.ask(session, application.public_id, actor=company, now=clock.now(session))


def _closing(stage: Stage) -> Any:
    return (stage.now + timedelta(days=OPEN_LEFT)).astimezone(KST).replace(hour=18, minute=0, second=0, microsecond=0)


def _read(session: Session, content: bytes, now: datetime) -> None:
    """Read here and now: documents of our own making need no process of their own, and hundreds of them would take minutes."""
    read = reading.scanned(reading.judged(child.answer("docx", BytesIO(content))), virus.NOT_SCANNED)
    stages_reading.record(session, sha256(content).hexdigest(), "docx", read, now=now)


def _write(stage: Stage, d: dict[str, Any], to_open: bool, n: int) -> str:
    company = stage.cast.companies[d["organisation"]["business_no"]]
    now = stage.ago(3 + n % 9) if to_open else stage.ago(stage.closed_ago + 5 + n % 20)
    answers = form_content(d)
    if to_open and n % 4 == 3:
        answers = {section: answers[section] for section in ("company", "product", "rnd")}  # a draft with something left to do
    with stage.database.write() as session:
        call_id = stage.call_ids[OPEN if to_open else MAIN]
        application = submission.start(session, call_id, actor=company, now=now, answers=answers)
        for slot in papers.slots(d):
            name, content = papers.paper(slot, d)
            _read(session, content, now)
            held = submission.add_file(
                session,
                application.public_id,
                slot=slot,
                stream=BytesIO(content),
                name=name,
                files=stage.files,
                actor=company,
                now=now,
            )
            if SLOT[slot].dated:
                issued_on = today_kst(now) - timedelta(days=ISSUED_BEFORE)
                submission.date_file(session, application.public_id, held.public_id, issued_on, actor=company, now=now)
        stage.dossiers[application.public_id] = d
        return application.public_id


def _submit(stage: Stage, application_id: str, to_open: bool) -> bool:
    hours = float(stage.dossiers[application_id]["filed_hours_before_closing"])
    closing = stage.ago(stage.closed_ago, 18)
    now = stage.ago(1 + hours % 2) if to_open else closing - timedelta(hours=hours)
    try:
        with stage.database.write() as session:
            application = session.execute(select(Application).where(Application.public_id == application_id)).scalar_one()
            submission.submit(
                session,
                application_id,
                base=application.dossier_version,
                pledged=True,
                actor=stage.company(application_id),
                now=now,
            )
        return True
    except WrongStage:
        return False  # the designed late dossier: refused by the second, its draft kept
