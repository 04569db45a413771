"""Costs of changes against a plain recount, and redraws against every possibility, on small invented runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.matching import MatchRun
from app.stages.matching.redrawing import solved_again
from app.workflow import bench as benches
from app.workflow.bench import Barrier, Bench, Laid, Sitting, Someone

SEATS = 3


def invented(seed: int) -> tuple[Bench, dict[int, dict[int, float]]]:
    """Twelve experts of five houses, four panels of three with one industry seat, and the affinity of every pair."""
    chance = np.random.default_rng(seed)
    pool = {
        n: Someone(n, f"p{n}", f"E{n}", f"Expert {n}", f"House {n % 5}", f"h{n % 5}", "industry" if n % 3 == 0 else "academia",
                   frozenset(), "", 2, "load", n != 11, True)
        for n in range(12)
    }  # fmt: skip
    likings = {p: {n: round(float(chance.random()), 3) for n in pool} for p in range(1, 5)}
    loads: Counter[int] = Counter()
    panels = {}
    for p in likings:
        free = [n for n in pool if loads[n] < 2 and pool[n].active]
        own = sorted(chance.choice(free, SEATS, replace=False).tolist())
        loads.update(own)
        seats = tuple(Sitting(o, n, "", likings[p][n], bool(chance.random() < 0.3)) for o, n in enumerate(own, 1))
        panels[p] = Laid(p, p, (p,), SEATS, seats)
    rules = {"institution_cap": 1, "quotas": [{"attribute": "sector", "value": "industry", "least": 1, "most": 2}]}
    return Bench(MatchRun(), panels, pool, {}, loads, rules), likings


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 2), st.integers(0, 11))
def test_a_change_costs_what_a_recount_says_and_breaks_what_the_rules_say(seed: int, p: int, at: int, expert: int) -> None:
    bench, likings = invented(seed)
    panel = bench.panels[p]
    if expert in {seat.expert for seat in panel.seats}:
        return
    seats = tuple(s if o != at else Sitting(s.ordinal, expert, "", likings[p][expert], False) for o, s in enumerate(panel.seats))
    changed = replace(panel, seats=seats)
    barred = {3: [Barrier("kin", "upheld", True, {})], 4: [Barrier("participant", "raised", False, {})]}
    cost = benches.weigh(bench, panel, changed, barred)

    after = {**bench.panels, p: changed}
    total = [sum(s.affinity for x in some.values() for s in x.seats) for some in (bench.panels, after)]
    assert cost.delta == pytest.approx(total[1] - total[0])
    assert cost.lowest_after == pytest.approx(min(sum(s.affinity for s in x.seats) / SEATS for x in after.values()))
    assert cost.lowest_before == pytest.approx(bench.lowest)

    houses = [bench.pool[s.expert].house for s in changed.seats]
    industry = [sum(bench.pool[s.expert].sector == "industry" for s in x.seats) for x in (panel, changed)]
    expected = set()
    if not bench.pool[expert].active:
        expected.add(("absent", True))
    else:
        if expert == 3:
            expected.add(("conflict", True))
        if expert == 4:
            expected.add(("open_conflict", False))
        if bench.loads[expert] >= 2:
            expected.add(("load", True))
        if houses.count(bench.pool[expert].house) > 1:
            expected.add(("institution", True))
    if industry[1] > 2 and industry[1] > industry[0]:
        expected.add(("most", True))
    if industry[1] < 1 and industry[1] < industry[0]:
        expected.add(("least", False))
    assert {(rule.rule, rule.hard) for rule in cost.broken} == expected


def kept(bench: Bench, panel: Laid, people: tuple[int, ...], barred: set[int]) -> bool:
    here = {seat.expert for seat in panel.seats}
    houses = Counter(bench.pool[n].house for n in people)
    industry = sum(bench.pool[n].sector == "industry" for n in people)
    fit = all(
        n in here or (bench.pool[n].active and bench.loads[n] < 2 and n not in barred) for n in people
    )
    return fit and max(houses.values()) == 1 and 1 <= industry <= 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from((10, 60)))
def test_a_redraw_gives_no_more_for_a_target_than_its_price(seed: int, p: int, price: int) -> None:
    bench, likings = invented(seed)
    pool = {n: who._replace(region="부산" if n in (1, 2, 7) else "서울") for n, who in bench.pool.items()}
    bench = replace(bench, pool=pool, rules={**bench.rules, "outside_least": 1, "target_price": price})
    panel = bench.panels[p]
    stays = {seat.expert for seat in panel.seats if seat.locked}
    every = [set(c) for c in combinations(bench.pool, SEATS) if stays <= set(c) and kept(bench, panel, c, set())]
    if not every:
        return

    def worth(some: set[int]) -> float:
        return sum(likings[p][n] for n in some) - (price / 100 if not some & {1, 2, 7} else 0)

    people = {seat.expert for seat in solved_again(bench, panel, [], likings[p], {}).seats}
    assert stays <= people and kept(bench, panel, tuple(people), set())
    assert worth(people) == pytest.approx(max(map(worth, every)), abs=2e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_redraw_is_the_best_of_all_panels_around_the_seats_that_stay(seed: int, p: int) -> None:
    bench, likings = invented(seed)
    panel = bench.panels[p]
    barred = {n: [Barrier("kin", "upheld", True, {})] for n in (5, 6) if n not in {s.expert for s in panel.seats}}
    stays = {seat.expert for seat in panel.seats if seat.locked}
    every = [set(c) for c in combinations(bench.pool, SEATS) if stays <= set(c) and kept(bench, panel, c, set(barred))]
    if not every:
        return  # nothing complete is possible; what is left empty is the doctor's subject
    best = max(sum(likings[p][n] for n in some) for some in every)
    found = solved_again(bench, panel, [], likings[p], barred)
    people = {seat.expert for seat in found.seats}
    assert stays <= people
    assert kept(bench, panel, tuple(people), set(barred))
    assert sum(likings[p][n] for n in people) == pytest.approx(best, abs=2e-3)
