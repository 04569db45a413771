"""How good a dossier truly is, criterion by criterion: known to the simulator of marks, shown to nobody."""

from __future__ import annotations

from random import Random

WEIGHTS = {"C1": 30, "C2": 25, "C3": 25, "C4": 20}  # the default rubric's (domain.md §5)
_TOP_STEP = 5


def true_total(quality: dict[str, float]) -> float:
    """Points of 100 if every panellist saw the truth."""
    return sum(weight * quality[code] / _TOP_STEP for code, weight in WEIGHTS.items())


def quality(trouble: str | None, rng: Random) -> dict[str, float]:
    """A latent step from 1 to 5 for each criterion; two troubles fix it."""
    level = rng.gauss(3.35, 0.42)
    steps = {code: round(min(4.9, max(1.6, level + rng.gauss(0, 0.3))), 3) for code in WEIGHTS}
    if trouble == "borderline":
        return {"C1": 3.6, "C2": 3.5, "C3": 3.4, "C4": 3.475}  # 21.6 + 17.5 + 17 + 13.9 = 70.0
    if trouble == "failed_cut_line":
        return {"C1": 4.6, "C2": 4.4, "C3": 2.5, "C4": 4.3}  # 79.3, but C3 has 12.5 of 25
    if trouble in ("notice_objection", "fitness_returned", "deferred", "applicant_conflict", "thin_field"):
        return {code: round(max(step, rng.uniform(3.9, 4.5)), 3) for code, step in steps.items()}  # they must get that far
    return steps
