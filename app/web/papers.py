"""Printed papers made when they are asked for: minutes and result letters, in either language."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, request, send_file

from app import i18n
from app.errors import NotFound
from app.exports import letter_pdf, minutes_pdf, press
from app.queries import minutes, result_letters
from app.queries.certainty import Certainty
from app.queries.deliberations import PhotoView
from app.web import charts, score_pictures
from app.web.access import actor, db
from app.web.charts import Figure
from app.web.downloads import hand_out
from config import LANGUAGES

WIDE = re.compile(r' width="([0-9.]+)"')
LOOKS = """/* the classes of a chart on white paper, where no stylesheet reaches */
text{font-family:Pretendard;font-size:13px;fill:#464c53}.value{fill:#1e2124}.small{font-size:12px;fill:#58616a}
.axis,.span-quiet{stroke:#58616a}.span-quiet,.span{stroke-width:2}.grid{stroke:#e6e8ea}.span{stroke:#063a74}.mark-a{fill:#063a74}
.mark-quiet{fill:#58616a}.mark-good{fill:#228738}.mark-warn{fill:#ffc95c}.mark-bad{fill:#de3412}.track{fill:#e6e8ea}
.pass{stroke:#bd2c0f;stroke-width:1.5;stroke-dasharray:5 3}.pass-own{stroke:#bd2c0f;stroke-width:3}
.cross{stroke:#1e2124;stroke-width:1.5;fill:none}.edge{stroke:#fff}.open{fill:#fff;stroke:#063a74;stroke-width:2}
.heat-gap{fill:#fff;stroke:#e6e8ea}.heat-none{fill:#e6e8ea}.heat-low{fill:#bacbde}.heat-low2{fill:#8fb0d6}.heat-high{fill:#fcd9b6}
.heat-high2{fill:#f5a855}"""


def hand_minutes(application_id: str, language: str) -> Response:
    """Of the round that judges the dossier, or of `?round=`."""
    found = minutes.printed(db(), application_id, actor=actor(), round_number=request.args.get("round", type=int))
    kept = found.content.get("certainty")
    with i18n.speaking(_known(language)):
        figures = score_pictures.all_of(Certainty.from_data(kept)) if kept else []
    pictures = [block for figure in figures for block in _on_paper(figure)]
    paper = minutes_pdf.build(found, language, pictures, _photographs(found.content))
    return hand(paper, f"{found.file_name}.{language}.pdf")


def hand_letter(application_id: str, language: str) -> Response:
    """The result of an application, to its applicant."""
    letter = result_letters.one(db(), application_id, actor=actor())
    return hand(letter_pdf.build(letter, _known(language)), f"result-{letter.number}.{language}.pdf")


def hand_photo(photo: PhotoView, size: str) -> Response:
    """`small`, as pages show it, or `whole`."""
    if size not in ("small", "whole"):
        raise NotFound("not_found")
    kind = "png" if size == "small" else photo.kind
    return hand_out(photo.small_sha256 if size == "small" else photo.sha256, name=f"{photo.photo}.{kind}", kind=kind)


def hand(paper: bytes, name: str) -> Response:
    return send_file(io.BytesIO(paper), mimetype="application/pdf", as_attachment=True, download_name=name)


def _photographs(content: Mapping[str, Any]) -> dict[str, bytes]:
    """The small pictures by digest; a file that storage lost leaves its caption on the paper."""
    files = current_app.extensions["ppir"].files
    kept = {p["small_sha256"] for i in content["inspections"] for p in i.get("photographs", ())}
    return {sha256: path.read_bytes() for sha256 in sorted(kept) if (path := files.path(sha256)).exists()}


def _on_paper(figure: Figure) -> list[dict[str, Any]]:
    """The drawing in print colours, then its numbers: on paper nothing can be opened."""
    words, wide = figure.words, float(WIDE.findall(figure.drawing)[0])
    svg = figure.drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(">", f"><style>{LOOKS}</style>", 1)
    return [
        press.drawing(words.title, words.desc, svg, wide=wide / charts.WIDTH * 0.9),
        press.table(words.columns, [row[: len(words.columns)] for row in figure.rows], numbers=range(1, len(words.columns))),
    ]


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NotFound("not_found")
    return language
