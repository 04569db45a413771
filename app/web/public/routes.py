"""The public pages, chapter by chapter: products, open calls, certificates, notices. No account, no cookie needed to read."""

from __future__ import annotations

from app.web.public import calls, draws, notices, products
from app.web.public.blueprint import blueprint

CHAPTERS = (products, calls, draws, notices)

__all__ = ["CHAPTERS", "blueprint"]
