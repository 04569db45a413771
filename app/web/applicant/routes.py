"""The applicants' pages, chapter by chapter in the order of the process."""

from __future__ import annotations

from app.web.applicant import (
    challenges,
    designations,
    dossiers,
    following,
    outcomes,
    sections,
    standing,
    suggestions,
    team,
    uploads,
    writing,
)
from app.web.applicant.blueprint import blueprint

CHAPTERS = (dossiers, sections, suggestions, team, writing, uploads, following, challenges, designations, standing, outcomes)

__all__ = ["CHAPTERS", "blueprint"]
