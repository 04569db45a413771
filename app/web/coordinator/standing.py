"""What holders ask of their designations: the queue, what is owed first on top; one request, decided by two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.clock import today_kst
from app.errors import NotFound
from app.i18n import gettext
from app.queries import designation_requests as queries
from app.stages.designation_requests import deciding
from app.web.access import access, actor, base_url, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.refusing import NOTHING, Refused, attempt
from app.web.downloads import hand_out
from app.workflow.wordlists import CHANGE_NATURES, REQUEST_KINDS, TRANSFER_GROUNDS

ONE = "/designation-requests/<request_id>"


@blueprint.get("/designation-requests", endpoint="designation_requests")
@access("coordinator")
def queue() -> ResponseReturnValue:
    waiting, done = queries.queue(db(), actor=actor())
    return render_template(
        "coordinator/designation_requests.html",
        waiting=waiting,
        done=done,
        REQUEST_KINDS=REQUEST_KINDS,
        today=today_kst(now()),
    )


@blueprint.get(ONE)
@access("coordinator")
def designation_request(request_id: str) -> ResponseReturnValue:
    return _page(request_id, NOTHING)


@blueprint.get(f"{ONE}/files/<file_id>")
@access("coordinator")
def designation_request_evidence(request_id: str, file_id: str) -> ResponseReturnValue:
    found = queries.file(db(), request_id, file_id, actor=actor())
    return hand_out(found.sha256, name=found.name, kind=found.kind)


@blueprint.post(f"{ONE}/<move>")
@access("coordinator")
def designation_request_move(request_id: str, move: str) -> ResponseReturnValue:
    """Taken up and sent back by one; approved and refused by two, the second with a confirmation or by putting it aside."""
    sent, by = request.form, {"actor": actor(), "now": now()}
    told = by | {"base_url": base_url()}
    texts = {"text_ko": sent.get("text_ko", ""), "text_en": sent.get("text_en", "")}
    moves: dict[str, Callable[[], object]] = {
        "take-up": lambda: deciding.take_up(db(), request_id, **by),
        "return": lambda: deciding.ask_more(db(), request_id, reason=sent.get("reason", ""), **told),
        "approve": lambda: deciding.approve(db(), request_id, **texts, **told),
        "refuse": lambda: deciding.refuse(db(), request_id, **texts, **told),
        "aside": lambda: deciding.put_aside(db(), request_id, **by),
        "family": lambda: deciding.name_family(
            db(), _designation(request_id), first_number=sent.get("first_number", ""), reason=sent.get("reason", ""), **by
        ),
    }
    if move not in moves:
        raise NotFound("not_found")
    back = url_for("coordinator.designation_request", request_id=request_id)
    return attempt(moves[move], about=move, said=_said, back=back, page=lambda refused: _page(request_id, refused))


def _said(done: Any) -> str:
    waits = getattr(done, "moved", True) is False
    return gettext("Asked. A second coordinator confirms it.") if waits else gettext("Done.")


def _designation(request_id: str) -> str:
    return queries.one(db(), request_id, now(), actor=actor()).designation_id


def _page(request_id: str, refused: Refused) -> str:
    return render_template(
        "coordinator/designation_request.html",
        row=queries.one(db(), request_id, now(), actor=actor()),
        refused=refused,
        REQUEST_KINDS=REQUEST_KINDS,
        NATURES=CHANGE_NATURES,
        GROUNDS=TRANSFER_GROUNDS,
    )
