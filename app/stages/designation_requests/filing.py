"""The holder's part: a request is filed in its time, answered when more is asked, or withdrawn before it is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import journal
from app.clock import end_of_day_kst, today_kst
from app.documents import intake, standing_form
from app.documents.dossier import FILE_MB
from app.documents.intake import Sent
from app.errors import Invalid, NotFound, WrongStage
from app.files import Files
from app.models.designation_requests import DesignationRequest, DesignationRequestFile, DesignationRequestVersion
from app.models.designations import Designation
from app.queries.lookup import by_public_id
from app.workflow import certificates, door, permissions, readings, terms
from app.workflow.actors import Actor
from app.workflow.wordlists import CHANGE_NATURES, REQUEST_KINDS, TRANSFER_GROUNDS

FILES_MOST = 10


def file(
    session: Session,
    designation_id: str,
    kind: str,
    *,
    entered: Mapping[str, str],
    evidence: Sequence[Sent],
    files: Files,
    actor: Actor,
    now: datetime,
) -> DesignationRequest:
    """Ask for an extension, a change or a transfer: by the holder, while it can be granted, one of a kind at a time."""
    row = by_public_id(session, Designation, designation_id)
    role = permissions.require(actor, "designation.request", row)
    if kind not in REQUEST_KINDS:
        raise NotFound("not_found")
    terms.require_fileable(session, row, kind, today_kst(now))
    content = _content(row, kind, entered, evidence, held=0)
    request = DesignationRequest(
        designation_id=row.id,
        designation=row,
        kind=kind,
        filed_by_id=actor.account_id,
        filed_at=now,
        due_at=end_of_day_kst(today_kst(now) + timedelta(days=terms.rules_of(row).request_days)),
    )
    session.add(request)
    session.flush()
    version = _add_version(session, request, content, evidence, files, actor, now)
    door.record(
        session,
        request,
        "designation_request.filed",
        actor=actor,
        role=role,
        now=now,
        data={"designation": row.number, "kind": kind, "digest": version.digest, "files": len(request.files)},
    )
    return request


def answer(
    session: Session,
    request_id: str,
    *,
    entered: Mapping[str, str],
    evidence: Sequence[Sent],
    files: Files,
    actor: Actor,
    now: datetime,
) -> DesignationRequest:
    """What was asked for, as the next version; the former one and its files stay."""
    request = by_public_id(session, DesignationRequest, request_id)
    permissions.require(actor, "designation.request", request.designation)
    if request.status != "returned":
        raise WrongStage("request.not_returned")
    content = _content(request.designation, request.kind, entered, evidence, held=len(request.files))
    version = _add_version(session, request, content, evidence, files, actor, now)
    door.advance(
        session, request, "under_review", actor=actor, now=now, data={"version": version.number, "digest": version.digest}
    )
    return request


def withdraw(session: Session, request_id: str, *, actor: Actor, now: datetime) -> DesignationRequest:
    """The holder no longer asks for it."""
    request = by_public_id(session, DesignationRequest, request_id)
    permissions.require(actor, "designation.request", request.designation)
    door.advance(session, request, "withdrawn", actor=actor, now=now)
    return request


def _content(row: Designation, kind: str, entered: Mapping[str, str], evidence: Sequence[Sent], *, held: int) -> dict[str, Any]:
    content = standing_form.read(kind, entered)
    problems = standing_form.check(
        kind, content, certificates.stated(row), natures=list(CHANGE_NATURES), grounds=list(TRANSFER_GROUNDS)
    )
    if not evidence and not held and standing_form.needs_evidence(kind, content):
        problems["evidence"] = "request.evidence_missing"
    if len(evidence) + held > FILES_MOST:
        problems["evidence"] = "request.evidence_most"
    if problems:
        raise Invalid(
            "request.invalid", problems=problems, most=standing_form.TEXT_MOST, lines=standing_form.LINES_MOST, files=FILES_MOST
        )
    return content


def _add_version(
    session: Session,
    request: DesignationRequest,
    content: dict[str, Any],
    evidence: Sequence[Sent],
    files: Files,
    actor: Actor,
    now: datetime,
) -> DesignationRequestVersion:
    number, held = len(request.versions) + 1, {f.sha256 for f in request.files}
    limit = int(terms.rules_of(request.designation).extra.get("file_mb", FILE_MB)) << 20
    for sent in evidence:
        taken = _take(sent, files, limit)
        readings.ask(session, taken.sha256, taken.kind, now=now)
        if taken.sha256 not in held:
            held.add(taken.sha256)
            request.files.append(
                DesignationRequestFile(
                    number=number,
                    sha256=taken.sha256,
                    name=taken.name,
                    kind=taken.kind,
                    size=taken.size,
                    by_id=actor.account_id,
                    added_at=now,
                )
            )
    digest = journal.sha256({"content": content, "files": sorted(held)})
    version = DesignationRequestVersion(number=number, content=content, digest=digest, by_id=actor.account_id, at=now)
    request.versions.append(version)
    session.flush()
    return version


def _take(sent: Sent, files: Files, limit: int) -> intake.Taken:
    try:
        return intake.take(sent, files=files, limit=limit)
    except Invalid as refused:
        raise Invalid(refused.code, problems={"evidence": refused.code}, **refused.data) from refused
