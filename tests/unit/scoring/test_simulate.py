"""Simulated marks follow from the seed alone and carry the truth they were made from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.decision import decide, standings
from scoring.errors import DuplicateSheet, ShapeInvalid
from scoring.policy import Policy
from scoring.rubric import load
from scoring.simulate import Spread, random_seats, simulate
from scoring.totals import raw, total

RUBRIC = load("ppir-default@1")


def test_the_same_seed_gives_the_same_marks_and_another_seed_others() -> None:
    seats = random_seats(30, 20, per_application=5, seed=3)
    one, same, other = (simulate(seats, RUBRIC, seed=seed) for seed in (3, 3, 4))
    assert one.scores.steps.tobytes() == same.scores.steps.tobytes()
    assert one.scores.steps.tobytes() != other.scores.steps.tobytes()


def test_marks_neither_read_nor_move_the_global_random_state() -> None:
    np.random.seed(1)
    before = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    simulate(random_seats(5, 5, per_application=3, seed=1), RUBRIC, seed=1)
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


def test_seats_are_even_and_no_panellist_sits_twice_on_one_application() -> None:
    seats = random_seats(40, 16, per_application=6, seed=0)
    assert len(set(seats)) == len(seats) == 240
    loads = np.unique([rev for _, rev in seats], return_counts=True)[1]
    assert (loads.min(), loads.max()) == (15, 15)
    with pytest.raises(ShapeInvalid):
        random_seats(1, 4, per_application=5, seed=0)


def test_without_severity_and_noise_the_totals_are_the_truth_up_to_whole_steps() -> None:
    plain = Spread(severity_sd=0, noise_sd=0, profile_sd=6, item_noise_sd=6)
    simulation = simulate(random_seats(200, 60, per_application=5, seed=1), RUBRIC, seed=1, spread=plain)
    error = raw(total(simulation.scores, RUBRIC)).value - simulation.truth
    inner = (simulation.truth > 45) & (simulation.truth < 85)
    # a mark is rounded to a step of 20 points: sd 20/sqrt(12), over 12 items and 5 panellists about 0.8 to 1.8 points
    assert abs(error[inner].mean()) < 0.5
    assert error[inner].std() < 2.0


def test_severity_moves_the_sheets_of_a_panellist_and_nothing_else() -> None:
    seats = random_seats(60, 20, per_application=5, seed=2)
    calm = simulate(seats, RUBRIC, seed=2, severity={"e-0001": 0.0})
    harsh = simulate(seats, RUBRIC, seed=2, severity={"e-0001": -15.0})
    difference = (total(harsh.scores, RUBRIC).points - total(calm.scores, RUBRIC).points) / 5
    hers = calm.scores.rev == calm.scores.rev_ids.index("e-0001")
    assert (difference[~hers] == 0).all()
    assert -17 < difference[hers].mean() < -11
    assert harsh.severity[0] == -15


def test_recovered_spreads_are_those_asked_for() -> None:
    simulation = simulate(
        random_seats(400, 80, per_application=5, seed=5), RUBRIC, seed=5, spread=Spread(truth_mean=65)
    )
    totals = total(simulation.scores, RUBRIC)
    residual = totals.value - simulation.truth[simulation.scores.app] - simulation.severity[simulation.scores.rev]
    assert 5.5 < residual.std() < 7.0
    assert abs(residual.mean()) < 0.6
    assert 7.5 < simulation.truth.std() < 10.5 and 3.0 < simulation.severity.std() < 4.9


def test_a_designed_truth_is_kept_and_a_true_failure_of_a_gate_is_seen_by_the_panel() -> None:
    seats = random_seats(20, 10, per_application=7, seed=6)
    failing = Spread(gate_fail_rate=1.0)
    simulation = simulate(seats, RUBRIC, seed=6, spread=failing, truth={"A-0003": 70.0})
    assert simulation.truth[2] == 70
    policy = Policy.for_rubric(RUBRIC)
    decisions = [decide(row, policy, RUBRIC) for row in standings(simulation.scores, RUBRIC, policy)]
    assert sum(not gate.met for decision in decisions for gate in decision.gates) > 70
    assert 0.7 < 1 - simulation.scores.gates.mean() < 0.9


def test_a_demonstration_call_has_winners_losers_and_borderline_cases() -> None:
    simulation = simulate(random_seats(120, 200, per_application=7, seed=20), RUBRIC, seed=20)
    policy = Policy.for_rubric(RUBRIC)
    decisions = [decide(row, policy, RUBRIC) for row in standings(simulation.scores, RUBRIC, policy)]
    share = np.mean([decision.status == "recommended" for decision in decisions])
    assert 0.35 < share < 0.75
    assert 5 <= sum(decision.borderline for decision in decisions) <= 60


def test_a_seat_given_twice_is_refused_and_no_seats_give_no_sheets() -> None:
    with pytest.raises(DuplicateSheet):
        simulate([("A", "e"), ("A", "e")], RUBRIC, seed=0)
    assert simulate([], RUBRIC, seed=0).scores.steps.shape == (0, 12)


def test_the_ai_rubric_can_be_simulated_alike() -> None:
    rubric = load("ppir-ai@1")
    simulation = simulate(random_seats(10, 8, per_application=5, seed=1), rubric, seed=1)
    assert simulation.scores.steps.shape == (50, 14)
    assert replace(simulation.scores).item_codes == rubric.item_codes
