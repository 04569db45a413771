"""Every rule looked at again after the solvers, trusting nothing they said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reviewers.flow import Solution
from reviewers.problem import Bools, Problem


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule that a panel could not keep: `rule` is "seats" or "quota", `needed` seats against `got`."""

    panel_id: str
    rule: str
    attribute: str | None
    value: str | None
    needed: int
    got: int


def broken_rules(problem: Problem, solution: Solution) -> dict[str, int]:
    """How often each rule without exception is broken; empty when all hold. Looks at nothing a solver said.

    Codes: conflict, load, twice, seats, institution, most, slot.
    """
    panel, expert = solution.panel, solution.expert
    n_panels, n_experts = problem.score.shape
    counts = {
        "conflict": int((~problem.allowed[panel, expert]).sum()),
        "load": int((np.bincount(expert, minlength=n_experts) > problem.load).sum()),
        "twice": len(panel) - len(np.unique(panel * n_experts + expert)),
        "seats": int((np.bincount(panel, minlength=n_panels) > problem.seats).sum()),
    }
    groups, size = np.unique(np.stack([panel, problem.institution[expert]]), axis=1, return_counts=True)
    counts["institution"] = int((size > problem.cap[groups[0]]).sum())
    counts["most"] = counts["slot"] = 0
    for n, profile in enumerate(problem.profiles):
        own = np.flatnonzero(problem.profile[panel] == n)
        for s, slot in enumerate(profile.slots):
            under = own[solution.slot[own] == s]
            counts["slot"] += int((~slot.open_to[expert[under]]).sum())
            counts["most"] += int((np.bincount(panel[under], minlength=1) > slot.most).sum())
        for quota in profile.beside:
            inside = own[quota.open_to[expert[own]]]
            counts["most"] += int((np.bincount(panel[inside], minlength=1) > quota.most).sum())
    return {rule: count for rule, count in counts.items() if count}


def short_of_quota(problem: Problem, solution: Solution) -> Bools:
    """The panels that could not keep the least of a quota, bool (P,)."""
    short = np.zeros(len(problem.specs), dtype=bool)
    for kind, profile in enumerate(problem.profiles):
        own = np.flatnonzero(problem.profile[solution.panel] == kind)
        panel = solution.panel[own]
        members = [(slot, solution.slot[own] == s) for s, slot in enumerate(profile.slots)]
        members += [(quota, quota.open_to[solution.expert[own]]) for quota in profile.beside]
        for slot, inside in members:
            got = np.bincount(panel[inside], minlength=len(short))
            short |= (problem.profile == kind) & (got < slot.least)
    return short


def shortfalls(problem: Problem, solution: Solution) -> tuple[Shortfall, ...]:
    """Every seat that stayed empty and every least of a quota that was not reached, by panel."""
    found = []
    for spec, kind, wanted, own in zip(
        problem.specs, problem.profile, problem.seats.tolist(), by_panel(problem, solution), strict=True
    ):
        if len(own) < wanted:
            found.append(Shortfall(spec.id, "seats", None, None, wanted, len(own)))
        profile = problem.profiles[kind]
        met = [(slot, int((solution.slot[own] == s).sum())) for s, slot in enumerate(profile.slots)]
        met += [(quota, int(quota.open_to[solution.expert[own]].sum())) for quota in profile.beside]
        found += [Shortfall(spec.id, "quota", slot.attribute, slot.value, slot.least, got) for slot, got in met if got < slot.least]
    return tuple(found)


def by_panel(problem: Problem, solution: Solution) -> list[npt.NDArray[np.intp]]:
    """The places of each panel's seats in the solution."""
    order = np.argsort(solution.panel, kind="stable")
    return np.split(order, np.searchsorted(solution.panel[order], np.arange(1, len(problem.specs))))
