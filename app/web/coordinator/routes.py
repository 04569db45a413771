"""The coordinators' pages, chapter by chapter in the order of the process; importing a chapter hangs its pages on the blueprint."""

from __future__ import annotations

from app.web.coordinator import (
    board,
    calls,
    certainty,
    committee,
    comparing,
    conflicts,
    coverage,
    deploying,
    draws,
    eligibility,
    experts,
    fitness,
    imports,
    listing,
    lotteries,
    matching,
    notices,
    panels,
    photographs,
    reviews,
    seat_files,
    spreads,
    standing,
)
from app.web.coordinator.blueprint import blueprint

CHAPTERS = (
    calls, eligibility, experts, imports, coverage, matching, conflicts, board, seat_files, comparing, spreads, draws, deploying,
    panels, reviews, photographs, certainty, lotteries, fitness, notices, committee, listing, standing,
)  # fmt: skip

__all__ = ["CHAPTERS", "blueprint"]
