"""Reading a file: its text by pages with search, and, where a script runs, a PDF as it looks. One page for every group."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import render_template, request, url_for

from app.documents.veil import Veil
from app.queries import documents
from app.web.access import actor, db, now
from app.web.downloads import opened


@dataclass(frozen=True)
class Paper:
    """A file that the reader may open, and where its bytes are handed out: nowhere (empty), where only its text is shown.

    `quotable`: its sentences can be kept for a mark. `veil`: over the names that a blind call covers.
    """

    name: str
    kind: str
    sha256: str
    language: str
    file_url: str
    quotable: bool = False
    veil: Veil = field(default_factory=Veil)


def fragment() -> bool:
    """The document alone is asked for, to be drawn into the pane beside a sheet."""
    return request.headers.get("X-Fragment") == "1"


def reading_page(paper: Paper, *, title: str, back_url: str) -> str:
    """The whole page, or the document alone for the pane beside a sheet."""
    at = request.args.get("at", 1, type=int)
    query = request.args.get("q", "")
    if not query and at == 1:
        opened(paper.sha256, "text")
    return render_template(
        "reading/_document.html" if fragment() else "reading/document.html",
        paper=paper,
        doc=documents.read(db(), paper.sha256, at=at, query=query, veil=paper.veil),
        here=url_for(str(request.endpoint), **(request.view_args or {})),
        reader=actor(),
        moment=now(),
        step=documents.AT_ONCE,
        title=title,
        back_url=back_url,
    )
