"""Panels that share panellists: without them the marks of two panels cannot be compared, however severe either of them was.

Two panels are linked where somebody sits in both. A few seats are changed, the cheapest first: until every panel hangs together
with every other, and where a share is asked for, until so many seats are held by people who mostly judge another sub-field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reviewers import targets
from reviewers.fairness import TOLERANCE
from reviewers.flow import Solution
from reviewers.problem import Bools, Ints, Numbers, Problem

_TRIED = 400  # of the cheapest changes, before another group or panel is looked at


@dataclass(frozen=True, slots=True)
class Linking:
    """`fields`: the sub-field of each panel. `share` (0 to 1) of the seats is to be held by people who mostly judge another one."""

    fields: tuple[str, ...]
    share: float = 0.0
    joins: bool = True  # False: only looked at


@dataclass(frozen=True, slots=True)
class Links:
    """How panels hang together: `groups` that no panellist joins, the `largest` as a share of the panels, `share` of the seats
    whose holder mostly judges another sub-field."""

    groups: int
    largest: float
    share: float


def links(problem: Problem, solution: Solution, fields: Sequence[str]) -> Links:
    group = _groups(problem, solution)
    counts = np.bincount(group) if len(group) else np.zeros(0, dtype=np.int64)
    across = _across(problem, solution, _numbers(fields))
    largest = float(counts.max() / len(group)) if len(group) else 0.0
    return Links(len(counts), largest, float(across.mean()) if len(across) else 0.0)


def link(problem: Problem, solution: Solution, wanted: Linking, floor: Numbers | None) -> Solution:
    """The seats changed as little as it takes; as far as loads and rules allow. No rule, quota, target or floor gives way."""
    if not wanted.joins:
        return solution
    solution = _joined_up(problem, solution, floor)
    if not wanted.share:
        return solution
    fields = _numbers(wanted.fields)
    spent: set[int] = set()
    while True:
        across = _across(problem, solution, fields)
        if across.sum() >= wanted.share * len(across) - TOLERANCE:
            return solution
        got = np.bincount(solution.panel[across], minlength=len(fields))
        order = [p for p in np.argsort(got, kind="stable").tolist() if p not in spent]
        if not order:
            return solution
        elsewhere = np.zeros((len(fields), len(problem.experts)), dtype=bool)
        elsewhere[fields[solution.panel], solution.expert] = True
        others = elsewhere.sum(axis=0) - elsewhere[fields[order[0]]] > 0
        n_across, n_groups = int(across.sum()), int(_groups(problem, solution).max()) + 1
        for changed in _changes(problem, solution, np.array([order[0]]), others, floor, skipped=across):
            fewer = int(_groups(problem, changed).max()) + 1 <= n_groups
            if fewer and _across(problem, changed, fields).sum() > n_across:
                solution = changed
                break
        else:
            spent.add(order[0])


def _joined_up(problem: Problem, solution: Solution, floor: Numbers | None) -> Solution:
    """Join the smallest group to any other by the cheapest change, until all are one or no change joins any."""
    stuck: set[tuple[int, int]] = set()  # groups that nothing joins: their first panel and their size
    while True:
        group = _groups(problem, solution)
        sizes = np.bincount(group)
        named = {g: (int(np.flatnonzero(group == g)[0]), int(size)) for g, size in enumerate(sizes)}
        open_groups = [g for g in np.argsort(sizes, kind="stable").tolist() if named[g] not in stuck]
        if len(sizes) < 2 or not open_groups:
            return solution
        mine = group == open_groups[0]
        inside, outside = _sitting(problem, solution, mine), _sitting(problem, solution, ~mine)
        best: tuple[float, Solution] | None = None
        for rows, people in ((np.flatnonzero(mine), outside), (np.flatnonzero(~mine), inside)):
            for changed in _changes(problem, solution, rows, people, floor):
                if int(_groups(problem, changed).max()) + 1 < len(sizes):
                    loss = _total(problem, solution) - _total(problem, changed)
                    best = (loss, changed) if best is None or loss < best[0] else best
                    break
        if best is None:
            stuck.add(named[open_groups[0]])
        else:
            solution = best[1]


def _changes(
    problem: Problem, solution: Solution, rows: Ints, people: Bools, floor: Numbers | None, skipped: Bools | None = None
) -> Iterator[Solution]:
    """Seats of these panels given to some of these people, the least loss first; only such as keep every rule."""
    left = problem.load - np.bincount(solution.expert, minlength=len(problem.experts)) > 0
    experts = np.flatnonzero(people & left)
    places = np.flatnonzero(np.isin(solution.panel, rows) & (True if skipped is None else ~skipped))
    if not len(experts) or not len(places):
        return
    panel, slot = solution.panel[places], solution.slot[places]
    loss = problem.score[panel, solution.expert[places]][:, None] - problem.score[np.ix_(panel, experts)]
    sits = np.zeros(problem.score.shape, dtype=bool)
    sits[solution.panel, solution.expert] = True
    closed = (~problem.allowed | sits)[np.ix_(panel, experts)]
    for kind, profile in enumerate(problem.profiles):
        for s, own in enumerate(profile.slots):
            closed[(problem.profile[panel] == kind) & (slot == s)] |= ~own.open_to[experts]
    loss[closed] = np.inf
    size = min(loss.size, _TRIED)
    nearest = np.argpartition(loss.ravel(), size - 1)[:size]
    nearest = nearest[np.lexsort((nearest, loss.ravel()[nearest]))]
    price = targets.cost(problem, solution)
    for choice in nearest.tolist():
        i, e = divmod(choice, len(experts))
        if not np.isfinite(loss[i, e]):
            return
        expert = solution.expert.copy()
        expert[places[i]] = experts[e]
        changed = replace(solution, expert=expert)
        if _kept(problem, solution, changed, int(panel[i]), floor) and targets.cost(problem, changed) <= price + TOLERANCE:
            yield changed


def _kept(problem: Problem, before: Solution, after: Solution, p: int, floor: Numbers | None) -> bool:
    """Whether the panel that changed keeps institutions, quotas and floor as well as it did; what a seat asks is kept already."""
    was, now = before.expert[before.panel == p], after.expert[after.panel == p]
    if np.bincount(problem.institution[now]).max() > problem.cap[p]:
        return False
    for quota in problem.profiles[problem.profile[p]].beside:
        had, got = int(quota.open_to[was].sum()), int(quota.open_to[now].sum())
        if got > quota.most or got < min(had, quota.least):
            return False
    had, got = (problem.score[p, members].sum(dtype=np.float64) for members in (was, now))
    return floor is None or bool(got >= min(floor[p] * problem.seats[p], had) - TOLERANCE)


def _groups(problem: Problem, solution: Solution) -> Ints:
    """The group of each panel, numbered from 0."""
    n_panels, n_experts = problem.score.shape
    size = n_panels + n_experts
    graph = coo_array((np.ones(len(solution.panel)), (solution.panel, n_panels + solution.expert)), shape=(size, size))
    _, found = connected_components(graph, directed=False)
    return np.unique(found[:n_panels], return_inverse=True)[1].astype(np.int64)


def _across(problem: Problem, solution: Solution, fields: Ints) -> Bools:
    """The seats in another sub-field than the one in which their holder sits most."""
    sits = np.zeros((int(fields.max(initial=0)) + 1, len(problem.experts)), dtype=np.int64)
    np.add.at(sits, (fields[solution.panel], solution.expert), 1)
    found: Bools = sits.argmax(axis=0)[solution.expert] != fields[solution.panel]
    return found


def _sitting(problem: Problem, solution: Solution, panels: Bools) -> Bools:
    found = np.zeros(len(problem.experts), dtype=bool)
    found[solution.expert[panels[solution.panel]]] = True
    return found


def _numbers(fields: Sequence[str]) -> Ints:
    return np.unique(np.array(fields, dtype=str), return_inverse=True)[1].astype(np.int64)


def _total(problem: Problem, solution: Solution) -> float:
    return float(problem.score[solution.panel, solution.expert].sum(dtype=np.float64))
