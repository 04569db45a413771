"""The institutions' pages, chapter by chapter: catalogue and request form, then own requests with their pilots."""

from __future__ import annotations

from app.web.institution import catalogue, outcomes, requests
from app.web.institution.blueprint import blueprint

CHAPTERS = (catalogue, requests, outcomes)

__all__ = ["CHAPTERS", "blueprint"]
