"""What calibration is worth and what it costs: real judged performances, simulated designs, CPU seconds.

Run one by one, or all by `make bench`; the tables in `scoring/README.md` come from here:

    python -m pytest tests/bench/test_scoring.py -m bench -s -k skating
    python -m pytest tests/bench/test_scoring.py -m bench -s -k simulation
    python -m pytest tests/bench/test_scoring.py -m bench -s -k speed
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from scoring.calibration import calibrate
from scoring.decision import decide, standings
from scoring.influence import influence
from scoring.policy import Policy
from scoring.power import Plan, seats
from scoring.ranking import rank
from scoring.records import Scores, Sheet
from scoring.rubric import load
from scoring.simulate import random_seats, simulate
from scoring.totals import raw, total, trimmed

pytestmark = pytest.mark.bench

SKATING = Path(__file__).parents[3] / "shared" / "data" / "scoring" / "skating_olympic2018_components.csv"
SEEDS = range(20)
EXPECTED = {3: (1.44, 1.466), 5: (0.90, 0.919), 7: (0.53, 0.550)}
"""F at most, and the raw mean, on the 174 performances of the programmes that have at least 20."""

SETS: dict[str, Callable[[str, int], bool]] = {
    "at least 20": lambda program, size: size >= 20,
    "individual": lambda program, size: not program.startswith("Team"),
    "all": lambda program, size: True,
}


@pytest.mark.skipif(not SKATING.exists(), reason="the data of the judged performances are not here")
@pytest.mark.parametrize("events", SETS)
def test_skating_masked_scores_are_recovered_better_than_by_the_raw_mean(events: str) -> None:
    y, app, rev, truth = performances(events)
    print(f"\n{events}: {len(truth)} performances\n k   raw    F      trimmed  ratio  per seed at most")
    for k, (most, of_raw) in EXPECTED.items():
        found = np.array([_recovered(y, app, rev, truth, k, seed) for seed in SEEDS])
        of, at = found.mean(axis=0), (found[:, 1] / found[:, 0]).max()
        print(f" {k}  {of[0]:.3f}  {of[1]:.3f}  {of[2]:.3f}    {of[1] / of[0]:.3f}  {at:.3f}")
        assert of[1] < of[0] * 0.99
        if events == "at least 20":
            assert of[1] <= most and of[0] == pytest.approx(of_raw, abs=5e-4)


def performances(events: str) -> tuple[Any, ...]:
    """Scores in the order of the file; a judge is one only within a programme."""
    with SKATING.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sizes = Counter(program for program, _ in {(row["program"], row["performance_id"]) for row in rows})
    rows = [row for row in rows if SETS[events](row["program"], sizes[row["program"]])]
    names = list(dict.fromkeys(row["performance_id"] for row in rows))
    judges = list(dict.fromkeys((row["program"], row["judge"]) for row in rows))
    app = np.array([names.index(row["performance_id"]) for row in rows])
    rev = np.array([judges.index((row["program"], row["judge"])) for row in rows])
    y = np.array([float(row["score"]) for row in rows])
    return y, app, rev, np.bincount(app, weights=y) / np.bincount(app)


def _recovered(y: Any, app: Any, rev: Any, truth: Any, k: int, seed: int) -> tuple[float, float, float]:
    """RMSE of raw mean, F and trimmed mean, each performance keeping k of its nine scores."""
    drawn = np.random.default_rng(seed).random((len(truth), 9)).argsort(axis=1)[:, :k]
    keep = (np.argsort(app, kind="stable").reshape(-1, 9)[np.arange(len(truth))[:, None], drawn]).ravel()
    fit = calibrate(y[keep], app[keep], rev[keep])
    ordered = np.sort(y[keep].reshape(len(truth), k), axis=1)
    values = fit.raw, fit.value, ordered[:, 1:-1].mean(axis=1) if k > 3 else np.median(ordered, axis=1)
    return tuple(float(np.sqrt(np.mean((value - truth) ** 2))) for value in values)  # type: ignore[return-value]


RATIOS = (0.0, 0.2, 0.43, 0.6, 1.0, 1.5)
SHARED = {"all panellists": 1.0, "15 % across": 0.15, "5 % across": 0.05, "disconnected": 0.0}


def test_simulation_f_is_never_much_worse_than_the_raw_mean_and_its_intervals_cover() -> None:
    cells = []
    for (name, shared), ratio, each, noise in product(SHARED.items(), RATIOS, (5, 10), (6.0, 9.0)):
        plan = Plan(200, 5, load=each, severity_sd=9 * ratio, noise_sd=noise, shared=shared)
        found = np.array([_simulated(plan, [seed, len(cells)]) for seed in range(10)])
        square_f, square_raw, wrong_f, wrong_raw, covered = found.mean(axis=0)
        cells.append((name, ratio, each, noise, (square_f / square_raw) ** 0.5, wrong_f / wrong_raw, covered))
    worst = max(cells, key=lambda cell: cell[4])
    print(f"\n{len(cells)} cells, 200 applications × 5 reviews, seeds 0–9")
    for name in SHARED:
        own = np.array([cell[4:] for cell in cells if cell[0] == name])
        mean, worst_here = own.mean(axis=0), own[:, 0].max()
        print(f" {name:15} RMSE {mean[0]:.3f} worst {worst_here:.4f}  wrong {mean[1]:.3f}  covers {mean[2]:.3f}")
        assert 0.88 <= mean[2] <= 0.91
    every = np.array([cell[4:] for cell in cells])
    print(f" all             RMSE {every[:, 0].mean():.3f} worst {worst[4]:.4f} at {worst[:4]}  covers {every[:, 2].mean():.4f}")
    print(f" cells outside .88–.91: {[(c[:4], round(c[6], 3)) for c in cells if not 0.88 <= c[6] <= 0.91]}")
    assert worst[4] <= 1.005
    assert 0.88 <= every[:, 2].mean() <= 0.91


def _simulated(plan: Plan, seed: list[int]) -> tuple[float, ...]:
    rng = np.random.default_rng(seed)
    app, rev, n = seats(plan, rng)
    truth = rng.normal(plan.truth_mean, plan.truth_sd, plan.n_applications)
    y = truth[app] + rng.normal(0, plan.severity_sd, n)[rev] + rng.normal(0, plan.noise_sd, len(app))
    fit = calibrate(y, app, rev)
    low, high = fit.interval(0.90)
    passes = truth >= plan.pass_mark
    return (
        float(np.mean((fit.value - truth) ** 2)),
        float(np.mean((fit.raw - truth) ** 2)),
        float(np.mean((fit.value >= plan.pass_mark) != passes)),
        float(np.mean((fit.raw >= plan.pass_mark) != passes)),
        float(np.mean((low <= truth) & (truth <= high))),
    )


def test_simulation_a_raw_mean_exactly_on_the_pass_mark_never_flips() -> None:
    """Complete panels and panels without evidence of severity: thousands of totals of exactly 70 all pass."""
    rubric = load("ppir-default@1")
    policy = Policy.for_rubric(rubric, gates=(), cut_lines=(), apply_if="always", cap=None)
    on_the_mark = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        sheets = []
        for a in range(20):
            panel = _panel_of_mean_70(rng, rubric)
            sheets += [Sheet(f"A-{a}", f"e-{r}", marks) for r, marks in enumerate(panel)]
        found = standings(Scores.from_sheets(sheets, rubric), rubric, policy)
        for standing in found:
            assert standing.raw == Fraction(70) and decide(standing, policy, rubric).status == "recommended"
            on_the_mark += 1
    print(f"\n{on_the_mark} raw means of exactly 70, none flipped")


def _panel_of_mean_70(rng: np.random.Generator, rubric: Any) -> list[dict[str, int]]:
    """Five sheets whose totals differ and add up to 350: ups and downs of one step on items of equal points."""
    tens = [item.code for item in rubric.items if item.points == 10]
    base = dict.fromkeys(rubric.item_codes, 4)
    for code in tens[:5]:
        base[code] = 3  # 80 − 5 × 2
    panel = [dict(base) for _ in range(5)]
    for _ in range(6):
        up, down = rng.choice(5, 2, replace=False)
        code = tens[int(rng.integers(len(tens)))]
        if panel[up][code] < 5 and panel[down][code] > 1:
            panel[up][code] += 1
            panel[down][code] -= 1
    return panel


def test_speed_in_cpu_seconds() -> None:
    """1,000 applications × 5 reviews by 500 panellists; the targets are those of the design."""
    rubric = load("ppir-default@1")
    scores = simulate(random_seats(1000, 500, per_application=5, seed=1), rubric, seed=1).scores
    counted = total(scores, rubric)
    y, app, rev = counted.value, scores.app, scores.rev
    fit = calibrate(y, app, rev)
    cov = fit.covariance()
    steps: dict[str, tuple[Callable[[], Any], float]] = {
        "total, raw, trimmed": (lambda: (raw(total(scores, rubric)), trimmed(counted)), 2),
        "calibrate, moments": (lambda: calibrate(y, app, rev), 100),
        "calibrate, REML": (lambda: calibrate(y, app, rev, method="reml"), 178),
        "influence": (lambda: influence(fit, pass_mark=70.0), 30),
        "2,000 rank draws": (lambda: rank(np.round(fit.value, 2), cov, 2000, 1), 150),
    }
    print("\n step                  CPU ms   wished")
    with threadpool_limits(1):  # a second thread that waits spins, and would be counted
        for name, (step, wished) in steps.items():
            spent = []
            for _ in range(9):
                start = time.process_time()
                step()
                spent.append(1000 * (time.process_time() - start))
            print(f" {name:21} {min(spent):6.1f}   {wished}")
            assert min(spent) <= wished
