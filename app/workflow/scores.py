"""Where sheets become the scoring library's records, and a call's rules its policy; what a sheet still lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC
from decimal import Decimal
from typing import Any, Protocol

from app.models.reviews import Sheet
from app.workflow import facts
from scoring.policy import TOTAL, Bonus, Policy, Stage
from scoring.records import Sheet as ScoringSheet
from scoring.rubric import Rubric

SURE = (1, 2, 3)  # how sure a panellist is of a criterion: hardly, fairly, very; told beside the marks, never a weight


class Marked(Protocol):
    """A mark as stored or as shown."""

    @property
    def step(self) -> int | None: ...

    @property
    def comment(self) -> str: ...


def gaps(given: Mapping[str, Marked], rubric: Rubric) -> dict[str, str]:
    """What keeps a sheet from being submitted, by item: no mark, no comment where the step asks for one, no answer."""
    found: dict[str, str] = {}
    for code in rubric.item_codes:
        mark = given.get(code)
        if mark is None or mark.step is None:
            found[code] = "sheet.mark_missing"
        elif rubric.comment_required(mark.step) and not mark.comment:
            found[code] = "sheet.comment_missing"
    for code in rubric.gate_codes:
        mark = given.get(code)
        if mark is None or mark.step is None:
            found[code] = "sheet.gate_missing"
        elif mark.step == 0 and not mark.comment:
            found[code] = "sheet.gate_comment_missing"
    return found


def policy_of(rules: Mapping[str, Any], rubric: Rubric) -> Policy:
    """What the call pinned, on top of what its rubric suggests; rules older than calibration ask for none."""
    changes: dict[str, Any] = {"calibrate": "none"}
    for name, kind in (
        ("pass_mark", Decimal),
        ("deviation_pct", Decimal),
        ("decimals", int),
        ("quorum", int),
        ("aggregate", str),
        ("calibrate", str),
        ("apply_if", str),
    ):
        if name in rules:
            changes[name] = kind(rules[name])
    if "calibration_cap" in rules:
        changes["cap"] = Decimal(rules["calibration_cap"])
    if "borderline_pct" in rules:
        low = Decimal(rules["borderline_pct"]) / 100
        changes["borderline"] = (low, 1 - low)
    if rules.get("bonuses"):
        changes["bonuses"] = tuple(Bonus(code, Decimal(points)) for code, points in sorted(rules["bonuses"].items()))
        changes["bonus_most"] = Decimal(rules.get("bonus_most", 5))
    if rules.get("pass_marks"):
        changes["pass_marks"] = tuple(sorted((facts.GROUPS[size], Decimal(mark)) for size, mark in rules["pass_marks"].items()))
    if rules.get("order") == "gates_first":
        changes["order"], changes["stages"] = "sequential", _stages(Policy.for_rubric(rubric, **changes))
    return Policy.for_rubric(rubric, **changes)


def _stages(policy: Policy) -> tuple[Stage, ...]:
    return (
        Stage("gates", policy.gates),
        Stage("cut_lines", tuple(line.code for line in policy.cut_lines)),
        Stage(TOTAL, (TOTAL,)),
    )


def treated_apart(true: Collection[str], rules: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """What the call's rules make of the facts of a dossier: its bonuses, its pass-mark group, the checks it need not meet."""
    bonuses = [bonus.code for bonus in policy.bonuses if bonus.code in true]
    group = next((facts.GROUPS[size] for size in rules.get("pass_marks", ()) if size in true), 0)
    exempt = [line.code for line in policy.cut_lines] if set(rules.get("cut_lines_off", ())) & set(true) else []
    found: dict[str, Any] = {"bonuses": bonuses, "group": group, "exempt": exempt}
    return {name: value for name, value in found.items() if value}


def pass_mark_of(result: Any, fallback: Any) -> str:
    """The pass mark a result was held against, where its call has more than one; else the call's."""
    return str((getattr(result, "detail", None) or {}).get("pass_mark") or fallback)


def sheets_of(rows: Iterable[Sheet], rubric: Rubric) -> list[ScoringSheet]:
    """The newest version of each mark of these sheets; a panellist is known by the expert's public id across panels."""
    found = []
    for row in rows:
        steps = {mark.item: mark.step for mark in sorted(row.marks, key=lambda m: m.number)}
        found.append(
            ScoringSheet(
                application_id=row.application.public_id,
                panellist_id=row.seat.expert.public_id,
                marks={code: step for code in rubric.item_codes if (step := steps.get(code)) is not None},
                gates={code: bool(step) for code in rubric.gate_codes if (step := steps.get(code)) is not None},
            )
        )
    return found


def inputs_of(
    rows: Iterable[Sheet], rubric: Rubric, apart: Mapping[str, Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """The sheets as a run keeps them, in an order of their own: what it computes from, and nothing else.

    ``apart`` holds what :func:`treated_apart` found, by application.
    """
    rows = list(rows)
    found = []
    for row, sheet in zip(rows, sheets_of(rows, rubric), strict=True):
        application = row.application
        found.append(
            {
                "application": sheet.application_id,
                "panellist": sheet.panellist_id,
                "alias": row.seat.alias,
                "sheet": row.public_id,
                "receipt": row.receipt,
                "submitted_at": (application.submitted_at or application.created_at).astimezone(UTC).isoformat(),
                "marks": dict(sheet.marks),
                "gates": dict(sheet.gates),
                **(apart or {}).get(sheet.application_id, {}),
            }
        )
    return sorted(found, key=lambda one: (str(one["application"]), str(one["panellist"])))
