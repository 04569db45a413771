"""Facts of a filed dossier that a call may reward, judge by another pass mark, or exempt: company size and valid certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.documents import dossier
from app.documents.choices import CERTIFICATES, SIZES

SIZE_FACTS: Mapping[str, dict[str, str]] = {f"size-{c.key}": {"ko": c.ko, "en": c.en} for c in SIZES}
FACTS: Mapping[str, dict[str, str]] = {
    **SIZE_FACTS,
    **{f"certificate-{c.key}": {"ko": c.ko, "en": c.en} for c in CERTIFICATES if c.key not in ("test_report", "other")},
}
GROUPS: Mapping[str, int] = {key: at for at, key in enumerate(SIZE_FACTS, 1)}
"""The pass-mark group of each company size; 0 is everybody else."""


def of(content: dossier.Content, closing_on: date) -> frozenset[str]:
    """A certificate counts when it was issued by the closing day and still held on it."""
    day = closing_on.isoformat()
    rows = dossier.value(content, "rights.certificates") or []
    held = {f"certificate-{r.get('kind')}" for r in rows if (r.get("issued_on") or day) <= day <= (r.get("valid_until") or day)}
    return frozenset(held | {f"size-{dossier.value(content, 'company.size')}"}) & FACTS.keys()
