"""The coordinators' pages, chapter by chapter in the order of the process; importing a chapter hangs its pages on the blueprint."""

from __future__ import annotations

from app.web.coordinator import (
    board,
    calls,
    committee,
    eligibility,
    experts,
    fitness,
    imports,
    listing,
    matching,
    notices,
    panels,
    reviews,
    standing,
)
from app.web.coordinator.blueprint import blueprint

CHAPTERS = (calls, eligibility, experts, imports, matching, board, panels, reviews, fitness, notices, committee, listing, standing)

__all__ = ["CHAPTERS", "blueprint"]
