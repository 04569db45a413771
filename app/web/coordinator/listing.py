"""The certified list: what would be published now, the editions, and what happens to a designation while it holds."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app import exports
from app.errors import NotFound
from app.exports.tables import MIME, write
from app.i18n import gettext
from app.queries import after_panels, calls
from app.queries import editions as queries
from app.queries.list_rows import COLUMN
from app.stages import listing, standing
from app.web.access import access, actor, base_url, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.refusing import NOTHING, Refused, attempt


@blueprint.get("/calls/<call_id>/list", endpoint="list_editions")
@access("coordinator")
def certified_list(call_id: str) -> ResponseReturnValue:
    return _page(call_id, NOTHING)


@blueprint.post("/calls/<call_id>/list")
@access("coordinator")
def list_editions_publish(call_id: str) -> ResponseReturnValue:
    expected = request.form.get("digest", "")
    return _try(
        call_id,
        "publish",
        lambda: listing.publish(db(), actor=actor(), now=now(), expected=expected),
        lambda made: gettext("Edition no. %(n)s is published. The procurement service is to receive it.", n=made.number),
    )


@blueprint.get("/calls/<call_id>/list/<edition_id>/download.<kind>")
@access("coordinator")
def list_editions_download(call_id: str, edition_id: str, kind: str) -> ResponseReturnValue:
    if kind not in exports.EXPORTS["certified_list"].formats:
        raise NotFound("not_found")
    table = exports.table(db(), "certified_list", edition_id, actor=actor())
    return send_file(io.BytesIO(write(table, kind)), MIME[kind], as_attachment=True, download_name=f"{table.name}.{kind}")


@blueprint.post("/calls/<call_id>/designations/<designation_id>/<move>")
@access("coordinator")
def list_editions_move(call_id: str, designation_id: str, move: str) -> ResponseReturnValue:
    """Suspend and resume need two coordinators; a cancellation begins with one and is decided by the committee."""
    by: dict[str, Any] = {"actor": actor(), "now": now()}
    told = {"reason": request.form.get("reason", ""), "base_url": base_url()} | by
    moves: dict[str, Callable[[], object]] = {
        "suspend": lambda: standing.suspend(db(), designation_id, **told),
        "resume": lambda: standing.resume(db(), designation_id, **told),
        "cancellation": lambda: standing.begin_cancellation(db(), designation_id, **told),
        "refuse": lambda: standing.refuse(db(), designation_id, **by),
    }
    if move not in moves:
        raise NotFound("not_found")
    return _try(call_id, designation_id, moves[move], _said)


def _said(done: Any) -> str:
    waits = getattr(done, "moved", True) is False
    return gettext("Asked. A second coordinator confirms it.") if waits else gettext("Done.")


def _try(call_id: str, about: str, verb: Callable[[], object], said: Callable[[Any], str]) -> ResponseReturnValue:
    back = url_for("coordinator.list_editions", call_id=call_id)
    return attempt(verb, about=about, said=said, back=back, page=lambda refused: _page(call_id, refused))


def _page(call_id: str, refused: Refused) -> str:
    return render_template(
        "coordinator/list.html",
        call=calls.head(db(), call_id, actor=actor()),
        preview=queries.preview(db(), now(), actor=actor()),
        editions=queries.every(db(), actor=actor()),
        designations=after_panels.designations(db(), call_id, actor=actor()),
        COLUMN=COLUMN,
        refused=refused,
    )
