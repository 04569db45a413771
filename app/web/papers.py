"""Printed papers made when they are asked for: minutes and result letters, in either language."""

from __future__ import annotations

import io

from flask import Response, request, send_file

from app.errors import NotFound
from app.exports import letter_pdf, minutes_pdf
from app.queries import minutes, result_letters
from app.web.access import actor, db
from config import LANGUAGES


def hand_minutes(application_id: str, language: str) -> Response:
    """Of the round that judges the dossier, or of `?round=`."""
    found = minutes.printed(db(), application_id, actor=actor(), round_number=request.args.get("round", type=int))
    return hand(minutes_pdf.build(found, _known(language)), f"{found.file_name}.{language}.pdf")


def hand_letter(application_id: str, language: str) -> Response:
    """The result of an application, to its applicant."""
    letter = result_letters.one(db(), application_id, actor=actor())
    return hand(letter_pdf.build(letter, _known(language)), f"result-{letter.number}.{language}.pdf")


def hand(paper: bytes, name: str) -> Response:
    return send_file(io.BytesIO(paper), mimetype="application/pdf", as_attachment=True, download_name=name)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NotFound("not_found")
    return language
