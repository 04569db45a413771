"""Files that somebody uploaded, handed out so that no browser opens or runs them on this site."""

from __future__ import annotations

from flask import Response, current_app, send_file

from app.documents.sniff import KINDS
from app.errors import NotFound
from app.queries import readings
from app.queries.receipts import Document
from app.web.access import db


def hand_out(sha256: str, *, name: str, kind: str) -> Response:
    """As an attachment under its own name (RFC 6266, also outside ASCII), its type as found by content, sandboxed."""
    ground = current_app.extensions["ppir"]
    readings.require_clean(db(), sha256, scanner=ground.config.clamd is not None)
    path = ground.files.path(sha256)
    media = KINDS[kind].media if kind in KINDS else "application/octet-stream"
    response = send_file(path, as_attachment=True, download_name=name, mimetype=media, conditional=True)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def hand_out_made(document: Document | None, *, name: str, kind: str) -> Response:
    """What a worker makes of a filing; not found while it is being made."""
    if document is None:
        raise NotFound("filing.being_made")
    return hand_out(document.sha256, name=name, kind=kind)
