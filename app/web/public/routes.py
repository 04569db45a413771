"""The public pages, chapter by chapter: start page and products, certificates, notices. No account, no cookie needed to read."""

from __future__ import annotations

from app.web.public import notices, products
from app.web.public.blueprint import blueprint

CHAPTERS = (products, notices)

__all__ = ["CHAPTERS", "blueprint"]
