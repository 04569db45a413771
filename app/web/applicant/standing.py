"""What a holder asks of a designation: the form of each kind, the request with its way, an answer, a withdrawal."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.documents import sniff, standing_form
from app.documents.intake import Sent
from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import designation_requests as queries
from app.stages.designation_requests import filing
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.downloads import hand_out
from app.web.errors import words
from app.workflow.wordlists import CHANGE_NATURES, REQUEST_KINDS, TRANSFER_GROUNDS

ASK = "/designations/<designation_id>/ask/<kind>"
ONE = "/designation-requests/<request_id>"


@blueprint.get(ASK)
@access("applicant")
def ask(designation_id: str, kind: str) -> ResponseReturnValue:
    return _ask(designation_id, kind)


@blueprint.post(ASK)
@access("applicant")
def ask_file(designation_id: str, kind: str) -> ResponseReturnValue:
    try:
        made = filing.file(
            db(),
            designation_id,
            kind,
            entered=request.form,
            evidence=_evidence(),
            files=current_app.extensions["ppir"].files,
            actor=actor(),
            now=now(),
        )
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _ask(designation_id, kind, error), 422
    flash(gettext("Your request is filed. You are told by mail when it is decided."), "success")
    return redirect(url_for("applicant.asked", request_id=made.public_id), 303)


@blueprint.get(ONE)
@access("applicant")
def asked(request_id: str) -> ResponseReturnValue:
    return _request(request_id)


@blueprint.get(f"{ONE}/files/<file_id>")
@access("applicant")
def asked_evidence(request_id: str, file_id: str) -> ResponseReturnValue:
    found = queries.file(db(), request_id, file_id, actor=actor())
    return hand_out(found.sha256, name=found.name, kind=found.kind)


@blueprint.post(f"{ONE}/answer")
@access("applicant")
def asked_answer(request_id: str) -> ResponseReturnValue:
    files = current_app.extensions["ppir"].files
    return _move(
        request_id,
        lambda: filing.answer(
            db(), request_id, entered=request.form, evidence=_evidence(), files=files, actor=actor(), now=now()
        ),
        gettext("Your answer is sent. The former version is kept."),
    )


@blueprint.post(f"{ONE}/withdraw")
@access("applicant")
def asked_withdraw(request_id: str) -> ResponseReturnValue:
    return _move(
        request_id, lambda: filing.withdraw(db(), request_id, actor=actor(), now=now()), gettext("The request is withdrawn.")
    )


def _move(request_id: str, verb: Callable[[], object], said: str) -> ResponseReturnValue:
    try:
        verb()
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _request(request_id, error), 422
    flash(said, "success")
    return redirect(url_for("applicant.asked", request_id=request_id), 303)


def _evidence() -> list[Sent]:
    return [Sent(sent.stream, sent.filename) for sent in request.files.getlist("evidence") if sent.filename]  # type: ignore[arg-type]


def _ask(designation_id: str, kind: str, error: DomainError | None = None) -> str:
    if kind not in REQUEST_KINDS:
        abort(404)
    row = queries.asking(db(), designation_id, now(), actor=actor())
    return render_template("applicant/ask.html", row=row, kind=kind, opening=row.opening(kind), file_mb=row.file_mb, **_form(error))


def _request(request_id: str, error: DomainError | None = None) -> str:
    row = queries.one(db(), request_id, now(), actor=actor())
    return render_template("applicant/asked.html", row=row, file_mb=queries.FILE_MB, **_form(error))


def _form(error: DomainError | None) -> dict[str, object]:
    return {
        "sent": request.form,
        "problems": {name: words(code, error.data) for name, code in error.problems.items()} if isinstance(error, Invalid) else {},
        "summary": words(error.code, error.data) if error else "",
        "most": standing_form.TEXT_MOST,
        "files_most": filing.FILES_MOST,
        "accept": sniff.ACCEPT,
        "REQUEST_KINDS": REQUEST_KINDS,
        "NATURES": CHANGE_NATURES,
        "GROUNDS": TRANSFER_GROUNDS,
    }
