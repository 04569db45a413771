"""The form of an interview's or a site check's record, as the coordinator sends it."""

from __future__ import annotations

from datetime import date

from flask import request

from app.workflow.inspections import CHECKS, Inspected


def sent() -> Inspected:
    """`people` one a line; `item.<code>` and `note.<code>` for each item of a site check."""
    form = request.form
    items = [
        {"code": code, "answer": form.get(f"item.{code}", ""), "note": form.get(f"note.{code}", "").strip()}
        for code in CHECKS
        if f"item.{code}" in form
    ]
    return Inspected(
        held_on=_day(form.get("held_on", "")),
        text=form.get("text", "").replace("\r\n", "\n"),
        place=form.get("place", "")[:500],
        people=form.get("people", "").splitlines()[:20],
        items=items,
        outcome=form.get("outcome", ""),
        signed_by=form.get("signed_by", "")[:120],
    )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
