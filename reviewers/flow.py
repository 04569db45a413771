"""Panels by one minimum-cost flow: integral by construction, exact on its candidates, a second for a thousand panels.

    panel ─ least ─▶ slot ─▶ (slot, institution) ─▶ pair ─▶ expert ─ load ─▶ end
      ├─ seats left ─▶ rest ─▶ slot                  at most 1
      └─ shortfall: penalty ─▶ rest ─ empty seat: larger penalty ─▶ end

A slot is a seat type or another attribute with a quota. An expert who fits several slots of a panel passes one node of
capacity 1. The institution cap is a node below each slot; where one institution fits several slots the cap over all
of them is not laminar, so `solve` bars the surplus and solves again, and says when that cost a seat or a quota.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from reviewers.candidates import SCALE, gains, pairs_of
from reviewers.errors import SolverFailed
from reviewers.problem import Bools, Floats, Ints, Numbers, Problem

# Three tiers that cannot be traded: a path of changes touches at most a few thousand seats, each worth at most HEAVIEST.
HEAVIEST = 16  # the weight of a panel, at most
SHORTFALL = 2_000 * HEAVIEST * SCALE
EMPTY = 2_000 * SHORTFALL
CAP = "institution_cap"  # the status of a failure: the cap could not be held by barring
_MOST_REPAIRS = 60
_FAR = 1 << 60


@dataclass(frozen=True)
class Solution:
    """Seats as three equal vectors, and the price of one more seat of load per expert, float32 (E,), not negative.

    `barred`: the surplus of an institution was barred, so another choice may be better; `cut`: it may fill more seats or quotas.
    """

    panel: Ints
    expert: Ints
    slot: Ints
    price: Floats
    barred: bool = False
    cut: bool = False


def solve(problem: Problem, candidates: Bools, seed: int, weight: Numbers | None = None) -> Solution:
    """The best seats among the candidates, each worth its affinity times the `weight` of its panel (one where None).

    Equal affinities are told apart by the seed, not by the order of the file. Raises SolverFailed without an answer.
    """
    open_pairs = candidates.copy()
    solution = first = _solve_once(problem, open_pairs, seed, weight)
    for _ in range(_MOST_REPAIRS):
        surplus = _surplus(problem, solution)
        if not surplus:
            cut = _met(problem, solution) != _met(problem, first)
            return Solution(solution.panel, solution.expert, solution.slot, first.price, solution is not first, cut)
        for panel, institution, kept in surplus:
            closed = problem.institution == institution
            closed[kept] = False
            open_pairs[panel, closed] = False
        solution = _solve_once(problem, open_pairs, seed, weight)
    raise SolverFailed(status=CAP)


def prices(problem: Problem, candidates: Bools, seed: int, weight: Numbers | None = None) -> Floats:
    """The price of load alone, as `solve` gives it."""
    return _solve_once(problem, candidates, seed, weight).price


def _met(problem: Problem, solution: Solution) -> tuple[int, int]:
    """How many seats are filled, and how many of those that quotas ask for."""
    asked = 0
    for kind, profile in enumerate(problem.profiles):
        own = problem.profile[solution.panel] == kind
        for s, slot in enumerate(profile.slots):
            inside = solution.panel[own & (solution.slot == s)]
            asked += int(np.minimum(np.bincount(inside, minlength=1), slot.least).sum())
    return len(solution.panel), asked


def _surplus(problem: Problem, solution: Solution) -> list[tuple[int, int, Ints]]:
    """(panel, institution, best experts within the cap) wherever a panel holds too many of one institution."""
    key = np.stack([solution.panel, problem.institution[solution.expert]])
    groups, place, count = np.unique(key, axis=1, return_inverse=True, return_counts=True)
    found = []
    for g in np.flatnonzero(count > problem.cap[groups[0]]):
        panel, institution = int(groups[0, g]), int(groups[1, g])
        seated = solution.expert[place.ravel() == g]
        best = seated[np.argsort(-problem.score[panel, seated], kind="stable")]
        found.append((panel, institution, best[: problem.cap[panel]]))
    return found


class _Network:
    """Arcs in bulk: each call adds one block, `build` hands them to the solver in one piece."""

    def __init__(self) -> None:
        self.blocks: list[tuple[Ints, Ints, Ints, Ints]] = []
        self.size = 0

    def add(self, tail: Ints, head: Ints, capacity: Ints | int, cost: Ints | int) -> slice:
        """Add one block of arcs and say where it stands."""
        parts = np.broadcast_arrays(tail, head, capacity, cost)
        self.blocks.append(tuple(np.asarray(part, dtype=np.int64) for part in parts))  # type: ignore[arg-type]
        self.size += len(tail)
        return slice(self.size - len(tail), self.size)

    def columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        tail, head, capacity, cost = (np.concatenate(part) for part in zip(*self.blocks, strict=True))
        return tail, head, capacity, cost


def _solve_once(problem: Problem, candidates: Bools, seed: int, weight: Numbers | None) -> Solution:
    n_panels, n_experts = candidates.shape
    n_slots = max(len(profile.slots) for profile in problem.profiles)
    pair_panel, pair_expert = pairs_of(candidates, seed)
    gain = gains(problem.score[pair_panel, pair_expert], None if weight is None else weight[pair_panel])
    rest, experts = n_panels, 2 * n_panels
    end = experts + n_experts
    slots, pairs = end + 1, end + 1 + n_panels * n_slots

    network = _Network()
    _add_panels(network, problem, n_slots, rest, slots, end)
    pair, slot = fits(problem, pair_panel, pair_expert)
    n_nodes, choice = _add_choices(
        network, problem, (pair_panel, pair_expert, gain), (pair, slot), (slots, pairs, experts), n_slots
    )
    network.add(experts + np.arange(n_experts), np.full(n_experts, end), problem.load, 0)

    columns = network.columns()
    flow = _run(columns, np.arange(n_panels), problem.seats, end)
    taken = np.flatnonzero(flow[choice] > 0)
    more = _gains_of_one_more(columns, flow, n_nodes, end)[experts : experts + n_experts]
    price = np.minimum(more / SCALE, HEAVIEST).astype(np.float32)
    return Solution(pair_panel[pair[taken]], pair_expert[pair[taken]], slot[taken], price)


def _add_panels(network: _Network, problem: Problem, n_slots: int, rest: int, slots: int, end: int) -> None:
    """Arcs from panels to their slots, to the rest of the seats, to shortfall and to empty seats."""
    for n, profile in enumerate(problem.profiles):
        own = np.flatnonzero(problem.profile == n)
        needed = sum(slot.least for slot in profile.slots)
        network.add(own, rest + own, problem.seats[own] - needed, 0)
        if needed:
            network.add(own, rest + own, needed, SHORTFALL)
        for s, slot in enumerate(profile.slots):
            if slot.least:
                network.add(own, slots + own * n_slots + s, slot.least, 0)
            if slot.most > slot.least:
                network.add(rest + own, slots + own * n_slots + s, slot.most - slot.least, 0)
    every = np.arange(len(problem.specs))
    network.add(rest + every, np.full(len(every), end), problem.seats, EMPTY)  # an empty seat does not meet a quota either


def fits(problem: Problem, pair_panel: Ints, pair_expert: Ints) -> tuple[Ints, Ints]:
    """Every (pair, slot) that goes together, as two equal vectors sorted by pair."""
    pair_parts, slot_parts = [], []
    for n, profile in enumerate(problem.profiles):
        own = np.flatnonzero(problem.profile[pair_panel] == n)
        for s, slot in enumerate(profile.slots):
            fitting = own[slot.open_to[pair_expert[own]]]
            pair_parts.append(fitting)
            slot_parts.append(np.full(len(fitting), s))
    pair, slot_of = np.concatenate(pair_parts), np.concatenate(slot_parts)
    order = np.lexsort((slot_of, pair))
    return pair[order].astype(np.int64), slot_of[order].astype(np.int64)


def _add_choices(
    network: _Network,
    problem: Problem,
    pairs: tuple[Ints, Ints, Ints],
    fits: tuple[Ints, Ints],
    bases: tuple[int, int, int],
    n_slots: int,
) -> tuple[int, slice]:
    """Arcs from slots to experts, by institution and pair nodes where they bind; the number of nodes, the arcs' place."""
    (pair_panel, pair_expert, gain), (pair, slot), (slot_base, pair_base, expert_base) = pairs, fits, bases
    slot_node = slot_base + pair_panel[pair] * n_slots + slot
    n_institutions = int(problem.institution.max(initial=0)) + 1
    group, member, size = np.unique(
        slot_node * n_institutions + problem.institution[pair_expert[pair]], return_inverse=True, return_counts=True
    )
    panel_of_group = (group // n_institutions - slot_base) // n_slots
    binds = size > problem.cap[panel_of_group]
    institution_base = pair_base + len(pair_panel)
    group_node = institution_base + np.cumsum(binds) - 1
    network.add(group[binds] // n_institutions, group_node[binds], problem.cap[panel_of_group][binds], 0)

    tail = np.where(binds[member], group_node[member], slot_node)
    several = np.bincount(pair, minlength=len(pair_panel)) > 1
    head = np.where(several[pair], pair_base + pair, expert_base + pair_expert[pair])
    choice = network.add(tail, head, 1, -gain[pair])
    shared = np.flatnonzero(several)
    network.add(pair_base + shared, expert_base + pair_expert[shared], 1, 0)
    return institution_base + int(binds.sum()), choice


def _run(columns: tuple[Ints, Ints, Ints, Ints], panels: Ints, seats: Ints, end: int) -> Ints:
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(*columns)
    solver.set_nodes_supplies(panels, seats)
    solver.set_nodes_supplies(np.array([end]), np.array([-int(seats.sum())]))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise SolverFailed(status=str(status))
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def _gains_of_one_more(columns: tuple[Ints, Ints, Ints, Ints], flow: Ints, n_nodes: int, end: int) -> Ints:
    """By how much one more unit of flow from each node to the end would better the answer; never negative.

    That is the shortest way back from the end in the residual network, which the solver does not tell. Where supply is
    just enough, dual prices are not unique: those of one more are the least of them. Label correction; the flow is
    optimal, so there is no negative circle and it ends.
    """
    tail, head, capacity, cost = columns
    ahead, back = flow < capacity, flow > 0
    source = np.concatenate([tail[ahead], head[back]])
    target = np.concatenate([head[ahead], tail[back]])
    length = np.concatenate([cost[ahead], -cost[back]])
    order = np.argsort(target, kind="stable")
    source, length, target = source[order], length[order], target[order]
    heads, starts = np.unique(target, return_index=True)
    distance = np.full(n_nodes, _FAR, dtype=np.int64)
    distance[end] = 0
    for _ in range(n_nodes):
        nearer = np.minimum(distance[heads], np.minimum.reduceat(distance[source] + length, starts))
        if (nearer == distance[heads]).all():
            break
        distance[heads] = nearer
    return np.maximum(-distance, 0)
