"""Files that somebody uploaded, handed out so that no browser opens or runs them on this site; who opened which is logged."""

from __future__ import annotations

import json
import logging
import sys

from flask import Flask, Response, current_app, request, send_file

from app.documents.sniff import KINDS
from app.errors import NotFound
from app.queries import readings
from app.queries.receipts import Document
from app.web.access import actor, db, now

log = logging.getLogger("ppir.opened")


def hand_out(sha256: str, *, name: str, kind: str) -> Response:
    """As an attachment under its own name (RFC 6266, also outside ASCII), its type as found by content, sandboxed."""
    ground = current_app.extensions["ppir"]
    readings.require_clean(db(), sha256, scanner=ground.config.clamd is not None)
    path = ground.files.path(sha256)
    media = KINDS[kind].media if kind in KINDS else "application/octet-stream"
    response = send_file(path, as_attachment=True, download_name=name, mimetype=media, conditional=True)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if "Range" not in request.headers:  # the viewer fetches a large file in parts; the first request asks for all of it
        opened(sha256, "file")
    return response


def hand_out_made(document: Document | None, *, name: str, kind: str) -> Response:
    """What a worker makes of a filing; not found while it is being made."""
    if document is None:
        raise NotFound("filing.being_made")
    return hand_out(document.sha256, name=name, kind=kind)


def opened(sha256: str, how: str) -> None:
    """One line of JSON for each opening of a document: ids only, never a name or a word of it."""
    person = actor()
    line = {
        "at": now().isoformat(),
        "who": person.public_id,
        "roles": sorted(person.roles),
        "from": request.remote_addr,
        "page": request.endpoint,
        **(request.view_args or {}),
        "sha256": sha256,
        "how": how,
    }
    log.info(json.dumps(line, ensure_ascii=False))


def register(_app: Flask) -> None:
    """The log of openings goes to the error stream of the web server, one line each, whatever else is logged."""
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stderr))
    log.setLevel(logging.INFO)
