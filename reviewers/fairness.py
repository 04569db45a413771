"""Who is served worst counts: the total under floors that no panel falls below.

The linear program of `relaxed` prices load at the floors; at these prices few panels are pressed by theirs. Those choose whole
teams, all of them at once, and everybody else is seated around them. The same prices and teams prove how good that is, and,
where no teams of the pressed panels go together, that the floors are too high.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from reviewers import flow, packing, relaxed, settling
from reviewers.bound import alone
from reviewers.candidates import choose
from reviewers.flow import Solution
from reviewers.problem import Bools, Floats, Ints, Numbers, Problem
from reviewers.teams import Teams, merged, near_best, scarcity

SLACK = 0.005  # how far below the best possible the lowest panel may lie
TOLERANCE = 1e-7
_CLOSE = 0.05  # panels so near the floor may be pressed by it
_REACH, _FAR = 0.05, 0.15  # how much worse than its last seat a pair may be: of any panel, of one near the floor
_BEST = (20, 6)  # experts of a panel near the floor that are looked at whatever their load costs, and of each quota
_NEAR, _WITHIN, _MANY = 0.01, 0.05, 60  # how much less a pair may be worth than the last seat, a team than the best; so many teams
_OVERLOOKED = 40
_ROUNDS = 6
_WIDENINGS, _PROOFS = 3, 6
_DEAR = 0.5  # what a seat of load costs beyond its price where somebody would go without
_NEVER = 1_000.0  # what a panel costs that finds no team, where nothing else counts
_EPSILON = 1e-6
_STEPS, _NEAR_ENOUGH = 12, 8e-4  # of the bound: turns, and the gap that no more are worth it for


@dataclass(frozen=True)
class Lifted:
    """Seats that keep the floors, None where none were found; `bound` on the total of any that do.

    `too_high`: none keep the floors, proved, not even when all are lower by this much; None without proof.
    `pressed`: the panels that found no team that keeps theirs, and those that sit whom these could have taken.
    """

    solution: Solution | None
    bound: float
    too_high: float | None = None
    pressed: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def served(problem: Problem, panel: Ints, expert: Ints) -> Numbers:
    """Mean affinity over the wanted seats of each panel, (P,)."""
    seated = problem.score[panel, expert].astype(np.float64)
    return np.bincount(panel, seated, minlength=len(problem.specs)) / np.maximum(problem.seats, 1)


def lowest_bound(problem: Problem) -> float:
    """No rule-keeping panels have a higher lowest panel: the best of the panel that can least be served, alone."""
    return float((alone(problem).worth / problem.seats).min())


def below(problem: Problem, solution: Solution, floor: Numbers) -> Ints:
    """The panels that their floor, (P,), is above."""
    return np.flatnonzero(served(problem, solution.panel, solution.expert) < floor - TOLERANCE)


def lift(problem: Problem, solution: Solution, floor: Numbers, seed: int, *, prove: bool = True) -> Lifted:
    """The best seats found that keep each panel's floor, (P,), from the best seats without; every panel must be full in these.

    `prove`: where none are found, look for a proof that there are none.
    """
    close = served(problem, solution.panel, solution.expert) < floor + _CLOSE
    pairs = near(problem, solution, np.where(close, _FAR, _REACH))
    rows = np.flatnonzero(close)
    pairs[rows] |= choose(subproblem(problem, rows, problem.load), seed, *_BEST)
    price = relaxed.worth(problem, pairs, floor, close)
    pressed = close & ((price.floor > 1 + _EPSILON) | (price.share < floor * problem.seats + _EPSILON))
    arcs = relaxed.marginal(problem, np.arange(len(problem.specs)), price, floor, _NEAR) | price.used
    arcs[solution.panel, solution.expert] = True
    pressed |= _may_fall(problem, arcs, floor)
    pool: dict[int, Teams] = {}
    loads = [price.load]
    for _ in range(_ROUNDS):
        new = [row for row in np.flatnonzero(pressed).tolist() if row not in pool]
        pool |= {row: _teams(problem, row, price, price.load, floor[row], pairs[row]) for row in new}
        scarce = _widen(problem, pool, price, floor, pairs)
        if scarce is not None:
            proof = too_high(problem, pool, floor, pairs, scarce) if prove else None
            return Lifted(None, np.inf, proof, _touched(pool.values(), scarce > _DEAR))
        free = np.setdiff1d(np.arange(len(problem.specs)), list(pool))
        found, load = _seated(problem, pool, arcs, free, loads, seed)
        low = below(problem, found, floor)
        if load is None and not len(low):
            total = float(problem.score[found.panel, found.expert].sum(dtype=np.float64))
            return Lifted(found, _bound(problem, price, pool, floor, total))
        pressed[low] = True
        if load is not None:
            loads.append(load)
            _add_sparing(problem, pool, price, load - price.load, floor, pairs)
            arcs |= relaxed.marginal(problem, free, replace(price, load=load), floor, _NEAR)
    dear = np.zeros(len(problem.load), dtype=bool) if load is None else load - price.load > _DEAR
    return Lifted(None, np.inf, pressed=np.union1d(low, _touched(pool.values(), dear)))


def _teams(problem: Problem, row: int, price: relaxed.Worth, load: Numbers, floor: float, pairs: Bools) -> Teams:
    """The teams of a panel near the best; where there are none, prices overlooked who looks good at them: not so next time."""
    found = near_best(problem, row, price, load, floor)
    if not len(found.member):
        value = relaxed.values(problem, np.array([row]), price, load, np.array([floor]))[0][0]
        best = np.argsort(-value, kind="stable")[:_OVERLOOKED]
        pairs[best[value[best] > -np.inf]] = True
    return found


def _may_fall(problem: Problem, arcs: Bools, floor: Numbers) -> Bools:
    """The panels, (P,), that the least of their pairs would leave below the floor."""
    lowest = np.sort(np.where(arcs, problem.score, np.inf), axis=1)[:, : int(problem.seats.max())]
    inside = np.arange(lowest.shape[1]) < problem.seats[:, None]
    fall: Bools = np.where(inside, lowest, 0.0).sum(axis=1) < floor * problem.seats
    return fall


def _bound(problem: Problem, price: relaxed.Worth, pool: dict[int, Teams], floor: Numbers, total: float) -> float:
    """An upper bound on the total of panels that keep the floor, over all pairs, at the prices of the relaxed program.

    Where it lies far above the `total` found, prices move towards what the load is asked for (a subgradient) and bound again.
    """
    rows = sorted(pool)
    free = np.setdiff1d(np.arange(len(problem.specs)), rows)
    load, teams, best, step = price.load, [pool[row] for row in rows], np.inf, 0.6
    for turn in range(_STEPS):
        if turn:
            teams = [near_best(problem, row, price, load, floor[row]) for row in rows]
        others = alone(problem, load.astype(np.float32), rows=free)
        bound = float((load * problem.load).sum() + others.worth.sum() + sum(own.best for own in teams))
        step = step if bound < best else step / 2
        best = min(best, bound)
        asked = others.used.sum(axis=0).astype(np.float64)
        for own in teams:
            if len(own.member):
                asked[own.member[np.argmax(own.worth)]] += 1
        spare = np.where((load <= 0) & (asked < problem.load), 0.0, problem.load - asked)
        length = float((spare * spare).sum())
        if best - total <= _NEAR_ENOUGH * best or not length:
            break
        load = np.maximum(0.0, load - step * (bound - total) / length * spare)
    return best


def _seated(
    problem: Problem, pool: dict[int, Teams], arcs: Bools, free: Ints, loads: Sequence[Numbers], seed: int
) -> tuple[Solution, Numbers | None]:
    """A team for each panel of the pool and the best seats of the `free`; where some find none, what load would have to cost."""
    teams = [(row, _offered(problem, pool[row], loads)) for row in sorted(pool)]
    others = np.zeros_like(arcs)
    others[free] = arcs[free]
    found = settling.seats(problem, others, teams)
    chosen = np.zeros_like(arcs)
    chosen[found.panel, found.expert] = True
    return flow.solve(problem, chosen, seed), found.load if found.without else None  # who sits under which slot


def _offered(problem: Problem, teams: Teams, loads: Sequence[Numbers]) -> Ints:
    """Those of the teams that are worth nearly as much as the best at some of these prices of load, and at each only so many."""
    total = problem.score[teams.row].astype(np.float64)[teams.member].sum(axis=1)
    chosen = np.zeros(len(total), dtype=bool)
    for load in loads if len(total) else ():
        worth = total - load[teams.member].sum(axis=1)
        best = np.argsort(-worth, kind="stable")[:_MANY]
        chosen[best[worth[best] >= worth[best[0]] - _WITHIN]] = True
    return teams.member[chosen]


def _widen(problem: Problem, pool: dict[int, Teams], price: relaxed.Worth, floor: Numbers, pairs: Bools) -> Numbers | None:
    """More teams, those that spare whom others want, until the panels of the pool go together, if only with shared teams.

    None when they do; otherwise what load would have to cost, (E,).
    """
    rows = np.array(sorted(pool))
    cost, lacks = scarcity(problem, [pool[row] for row in rows.tolist()])
    before = np.inf
    for _ in range(_WIDENINGS):
        if lacks < _EPSILON:
            return None
        if lacks > before - _EPSILON or not _add_sparing(problem, pool, price, cost, floor, pairs):
            break
        before = lacks
        cost, lacks = scarcity(problem, [pool[row] for row in rows.tolist()])
    return cost if lacks >= _EPSILON else None


def _add_sparing(
    problem: Problem, pool: dict[int, Teams], price: relaxed.Worth, cost: Numbers, floor: Numbers, pairs: Bools
) -> bool:
    """Give the panels whose teams need load of a `cost`, (E,), beyond its price the teams that spare it; False where none does."""
    held = _touched(pool.values(), cost > 0)
    if not len(held):
        return False
    part = subproblem(problem, held, problem.load)
    load = price.load + cost
    own = relaxed.worth(part, pairs[held], floor[held], np.ones(len(held), dtype=bool), load)
    for place, row in enumerate(held.tolist()):
        found = _teams(part, place, own, load, floor[row], pairs[row])
        worth = (problem.score[row].astype(np.float64) - price.load)[found.member].sum(axis=1)
        pool[row] = merged(pool[row], replace(found, worth=worth))
    return True


def too_high(problem: Problem, pool: dict[int, Teams], floor: Numbers, pairs: Bools, load: Numbers) -> float | None:
    """How much lower all floors may be and it is proved still that not all panels of the pool keep theirs; None without proof.

    Prices of load, (E,), prove it, beginning with those given; they are made dearer until they do, or until teams are found
    that go together. Who else sits anywhere does not matter.
    """
    known = [_plain(problem, row, teams) for row, teams in sorted(pool.items())]
    for _ in range(_PROOFS):
        scarce = [expert for expert in np.argsort(-load, kind="stable")[: packing.MOST].tolist() if load[expert] > 0]
        needs = [packing.needs(problem, row, scarce) for row in _touched(known, load > 0).tolist()]
        found: dict[int, Teams] | None = None
        by = 0.0
        while (
            packing.apart(needs, scarce, problem.load, floor - by)
            or (found := _dearest(problem, known, floor - by, pairs, load)) is None
        ):
            by += SLACK / 2
        if by:
            return by - SLACK / 2
        known = [merged(teams, _plain(problem, teams.row, found[teams.row])) if teams.row in found else teams for teams in known]
        load, lacks = scarcity(problem, known, _NEVER)
        if lacks < _EPSILON:
            break
    return None


def _dearest(problem: Problem, pool: list[Teams], floor: Numbers, pairs: Bools, load: Numbers) -> dict[int, Teams] | None:
    """The best teams at these prices of the panels that they touch; None if these panels cannot all keep their floor.

    At any prices, panels that keep their floors are worth no more than the best team of each and all load together. Where that
    is less than the floors themselves, there are none. Panels of which that is not true alone are left out.
    """
    rows = _touched(pool, load > 0)
    if not len(rows):
        return {}
    part, least = subproblem(problem, rows, problem.load), floor[rows]
    price = relaxed.worth(part, pairs[rows], least, np.ones(len(rows), dtype=bool), load)
    found = [near_best(part, place, price, load, least[place]) for place in range(len(rows))]
    short = sum(min(0.0, teams.best - least[place] * part.seats[place]) for place, teams in enumerate(found))
    return None if (load * problem.load).sum() + short < -_EPSILON else dict(zip(rows.tolist(), found, strict=True))


def _plain(problem: Problem, row: int, teams: Teams) -> Teams:
    """The same teams at their affinity alone."""
    return replace(teams, row=row, worth=problem.score[row].astype(np.float64)[teams.member].sum(axis=1))


def _touched(pool: Iterable[Teams], dear: Bools) -> Ints:
    """The panels with a team that needs somebody `dear`, (E,), or with none at all."""
    return np.array([teams.row for teams in pool if not len(teams.member) or dear[teams.member].any()], dtype=np.int64)


def _over_last(problem: Problem, solution: Solution) -> Floats:
    """By how much each pair is worth more, at the prices, than the least worthy seat of its panel."""
    worth = problem.score - solution.price
    worth[~problem.allowed] = -np.inf
    last = np.full(len(problem.specs), np.inf, dtype=np.float32)
    np.minimum.at(last, solution.panel, worth[solution.panel, solution.expert])
    return worth - last[:, None]


def near(problem: Problem, solution: Solution, reach: Numbers) -> Bools:
    """The pairs worth looking at again once prices are known: not worse by `reach` (P,) than the last seat of their panel."""
    over = _over_last(problem, solution)
    seated = np.zeros(over.shape, dtype=bool)
    seated[solution.panel, solution.expert] = True
    return ((over >= -reach[:, None]) | seated) & problem.allowed & (problem.load > 0)


def subproblem(problem: Problem, rows: Ints, load: Ints) -> Problem:
    """These panels alone, with the load that the others leave."""
    return replace(
        problem,
        specs=tuple(problem.specs[row] for row in rows.tolist()),
        score=problem.score[rows],
        allowed=problem.allowed[rows],
        load=load,
        seats=problem.seats[rows],
        cap=problem.cap[rows],
        profile=problem.profile[rows],
    )
