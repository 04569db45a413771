"""What must hold of calibration, whatever the marks: scoring without favour to order, scale, or who shares no panellist."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.calibration import calibrate
from scoring.equations import Equations
from scoring.errors import ShapeInvalid
from scoring.graph import graph
from scoring.influence import influence, without_panellist, without_sheet
from scoring.patterns import patterns
from scoring.power import Plan, seats
from scoring.ranking import rank
from scoring.reliability import alpha, complete, reliability
from scoring.variance import variance

QUICK = settings(max_examples=12, deadline=None, derandomize=True, database=None)


@st.composite
def rounds(draw, most=9):
    """(y, app, rev): each application scored by some of a few panellists; always connected somewhere, never twice by one."""
    seed, m, r = draw(st.integers(0, 10**6)), draw(st.integers(3, most)), draw(st.integers(3, most))
    rng = np.random.default_rng(seed)
    pairs = [(a, p) for a in range(m) for p in rng.choice(r, size=rng.integers(1, r + 1), replace=False).tolist()]
    app, rev = (np.array(column) for column in zip(*pairs, strict=True))
    y = rng.normal(70, 9, m)[app] + rng.normal(0, draw(st.sampled_from([0, 3, 9])), r)[rev] + rng.normal(0, 5, len(app))
    return y, app, rev


def values_at(y, app, rev, ratio):
    """Values at a fixed variance ratio, with the correction applied."""
    _, a = np.unique(app, return_inverse=True)
    _, p = np.unique(rev, return_inverse=True)
    equations = Equations(a, p, a.max() + 1, p.max() + 1)
    severity = equations.at(ratio).severities(equations.within(y))
    return np.bincount(a, weights=y - severity[p]) / np.bincount(a), severity


@QUICK
@given(rounds(), st.integers(0, 10**6))
def test_neither_the_order_of_the_sheets_nor_the_names_matter(case, seed):
    y, app, rev = case
    fit, rng = calibrate(y, app, rev), np.random.default_rng(seed)
    order = rng.permutation(len(y))
    assert calibrate(y[order], app[order], rev[order]).value == pytest.approx(fit.value, nan_ok=True, abs=1e-7)
    names, people = rng.permutation(app.max() + 1), rng.permutation(rev.max() + 1)
    renamed = calibrate(y, names[app], people[rev])
    assert renamed.value[names] == pytest.approx(fit.value, nan_ok=True, abs=1e-7)
    assert renamed.severity[people] == pytest.approx(fit.severity, nan_ok=True, abs=1e-7)


@QUICK
@given(rounds(), st.floats(-50, 50), st.sampled_from([1e-6, 0.5, 3.0, 1e9]))
def test_an_added_constant_shifts_and_a_factor_scales_everything(case, constant, factor):
    y, app, rev = case
    fit = calibrate(y, app, rev)
    assert calibrate(y + constant, app, rev).value == pytest.approx(fit.value + constant, nan_ok=True, abs=1e-6)
    scaled = calibrate(y * factor, app, rev)
    assert scaled.value == pytest.approx(fit.value * factor, nan_ok=True, rel=1e-6)
    assert scaled.se == pytest.approx(fit.se * factor, nan_ok=True, rel=1e-5, abs=0)
    assert scaled.variance.likelihood_ratio == pytest.approx(fit.variance.likelihood_ratio, abs=1e-5)


@pytest.mark.parametrize("method", ["moments", "reml"])
@pytest.mark.parametrize("severity", [0.0, 4.0, 40.0])
def test_complete_panels_keep_their_raw_mean_to_the_last_digit(severity, method):
    rng = np.random.default_rng(7)
    app, rev = np.repeat(np.arange(12), 5), np.tile(np.arange(5), 12)
    y = rng.integers(20, 101, 60) + np.round(rng.normal(0, severity, 5))[rev]
    fit = calibrate(y, app, rev, method=method)
    assert fit.value.tolist() == fit.raw.tolist()


def test_without_evidence_of_severity_the_raw_mean_stays_as_it_is():
    y = np.array([70.0, 70, 70, 80, 80, 80, 60, 60, 60]) + np.array([1, -1, 0, 0, 1, -1, -1, 0, 1])
    fit = calibrate(y, np.repeat(np.arange(3), 3), np.array([0, 1, 2, 0, 1, 3, 0, 1, 2]))
    assert (fit.applied, fit.why) == (False, "no_severity")
    assert fit.value.tolist() == [70.0, 80.0, 60.0]


@QUICK
@given(rounds())
def test_severities_sum_to_nothing_within_each_component(case):
    fit = calibrate(*case)
    for label in range(fit.panellist_component.max() + 1):
        assert fit.severity[fit.panellist_component == label].sum() == pytest.approx(0, abs=1e-8)


@QUICK
@given(rounds(), rounds())
def test_a_component_of_its_own_changes_nothing_elsewhere_at_a_fixed_ratio(one, other):
    y, app, rev = one
    alone, _ = values_at(y, app, rev, 0.7)
    joined = np.r_[y, other[0]], np.r_[app, other[1] + 100], np.r_[rev, other[2] + 100]
    assert values_at(*joined, 0.7)[0][: len(alone)] == pytest.approx(alone, abs=1e-9)


@QUICK
@given(rounds(), st.integers(0, 10**6), st.floats(0.1, 30))
def test_a_raised_score_never_lowers_its_own_application(case, pick, more):
    y, app, rev = case
    sheet = pick % len(y)
    raised = y.copy()
    raised[sheet] += more
    at = np.unique(app).tolist().index(app[sheet])
    assert values_at(raised, app, rev, 0.7)[0][at] >= values_at(y, app, rev, 0.7)[0][at] - 1e-9


@QUICK
@given(rounds(), st.integers(0, 10**6))
def test_a_panellist_who_adds_to_every_score_moves_no_application_more_than_the_raw_mean_moves(case, pick):
    y, app, rev = case
    one = np.unique(rev)[pick % len(np.unique(rev))]
    lifted = y + 6.0 * (rev == one)
    moved = values_at(lifted, app, rev, 0.7)[0] - values_at(y, app, rev, 0.7)[0]
    _, at = np.unique(app, return_inverse=True)
    raw = np.bincount(at, weights=lifted - y) / np.bincount(at)
    scored = np.bincount(at, weights=rev == one) > 0
    assert (np.abs(moved[scored]) <= raw[scored] + 1e-9).all()


@QUICK
@given(rounds())
def test_a_deletion_in_closed_form_is_a_refit_at_the_same_ratio(case):
    y, app, rev = case
    fit = calibrate(y, app, rev)
    refit = (lambda *rest: values_at(*rest, fit.variance.ratio)[0]) if fit.applied else _raw
    for sheet in (0, len(y) - 1):
        keep = np.arange(len(y)) != sheet
        assert without_sheet(fit, sheet)[np.unique(app[keep])] == pytest.approx(refit(y[keep], app[keep], rev[keep]), abs=1e-9)
    one = int(rev[0])
    keep = rev != one
    if keep.any():
        without = without_panellist(fit, one)
        assert without[np.unique(app[keep])] == pytest.approx(refit(y[keep], app[keep], rev[keep]), abs=1e-9)
        assert np.isnan(without[np.setdiff1d(app, app[keep])]).all()


def _raw(y, app, rev):
    _, at = np.unique(app, return_inverse=True)
    return np.bincount(at, weights=y) / np.bincount(at)


@QUICK
@given(rounds())
def test_influence_names_exactly_the_decisions_that_change(case):
    fit = calibrate(*case)
    found = influence(fit, pass_mark=70.0)
    deleted = [("sheet", s, without_sheet(fit, s)) for s in range(len(fit.y))]
    deleted += [("panellist", int(p), without_panellist(fit, int(p))) for p in np.unique(fit.rev)]
    expected = {
        (kind, int(a), which)
        for kind, which, values in deleted
        for a in np.flatnonzero(np.isfinite(values))
        if (round(values[a], 2) >= 70) != (round(fit.value[a], 2) >= 70)
    }
    assert {(flip.kind, flip.application, flip.deleted) for flip in found.flips} == expected
    assert found.low == pytest.approx(np.nanmin([fit.value, *(v for *_, v in deleted)], axis=0), nan_ok=True)


@QUICK
@given(rounds())
def test_reml_finds_the_top_of_the_restricted_likelihood(case):
    y, app, rev = case
    best = variance(y, app, rev, "reml")
    for factor in (0.5, 0.9, 1.1, 2.0):
        if best.severity > 0:
            assert _deviance(y, app, rev, best.residual, best.severity) <= (
                _deviance(y, app, rev, best.residual, best.severity * factor) + 1e-7
            )
    if best.separable:
        nothing = _deviance(y, app, rev, ((y - _means(y, app)) ** 2).sum() / best.df_within, 0.0)
        gained = nothing - _deviance(y, app, rev, best.residual, best.severity)
        assert best.likelihood_ratio == pytest.approx(gained, abs=1e-6)


def _means(y, app):
    _, at = np.unique(app, return_inverse=True)
    return (np.bincount(at, weights=y) / np.bincount(at))[at]


def _deviance(y, app, rev, residual, severity):
    """Twice the negative restricted log-likelihood, dense, from its definition."""
    design = (app[:, None] == np.unique(app)).astype(float)
    weight = np.linalg.inv(residual * np.eye(len(y)) + severity * (rev[:, None] == rev))
    inner = design.T @ weight @ design
    left = y - design @ np.linalg.solve(inner, design.T @ weight @ y)
    return left @ weight @ left - np.linalg.slogdet(weight)[1] + np.linalg.slogdet(inner)[1]


@QUICK
@given(rounds())
def test_standard_errors_are_those_of_the_dense_definition(case):
    y, app, rev = case
    fit = calibrate(y, app, rev)
    if not fit.applied:
        return
    design = (app[:, None] == np.unique(app)).astype(float)
    cov = fit.variance.residual * np.eye(len(y)) + fit.variance.severity * (rev[:, None] == rev)
    of_values = np.linalg.inv(design.T @ np.linalg.inv(cov) @ design)
    assert fit.se[fit.has] == pytest.approx(np.sqrt(np.diag(of_values)), rel=1e-7)
    assert fit.covariance()[np.ix_(fit.has, fit.has)] == pytest.approx(of_values, abs=1e-7)
    whole = np.block([[design.T @ design, design.T @ _of(rev)], [_of(rev).T @ design, _of(rev).T @ _of(rev)]])
    m = design.shape[1]
    whole[m:, m:] += np.eye(len(whole) - m) * fit.variance.ratio
    of_severities = np.diag(np.linalg.inv(whole))[m:] * fit.variance.residual
    assert fit.severity_se[fit.scorers] == pytest.approx(np.sqrt(of_severities), rel=1e-7)


def _of(rev):
    return (rev[:, None] == np.unique(rev)).astype(float)


@pytest.mark.parametrize(
    ("y", "app", "rev", "why"),
    [
        ([], [], [], "no_scores"),
        ([70.0], [0], [0], "no_overlap"),
        ([70.0, 80.0], [0, 1], [0, 0], "no_overlap"),  # one panellist
        ([70.0, 80.0], [0, 1], [0, 1], "no_overlap"),  # one panellist for each application
        ([70.0, 80, 60, 65], [0, 0, 1, 1], [0, 1, 2, 3], "no_overlap"),  # nobody scored two
        ([70.0] * 6, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], "no_severity"),  # all the same
    ],
)
def test_too_little_to_calibrate_gives_the_raw_means_and_says_why(y, app, rev, why):
    fit = calibrate(np.array(y), np.array(app, dtype=int), np.array(rev, dtype=int), n_applications=4)
    assert (fit.applied, fit.why) == (False, why)
    assert fit.value[: len(set(app))].tolist() == fit.raw[: len(set(app))].tolist()
    assert math.isnan(fit.value[3]) and fit.k[3] == 0
    assert influence(fit, pass_mark=70.0).flips is not None
    names = [str(i) for i in range(4)]
    assert {flag.code for flag in patterns(fit, names, names, seed=1)} <= {"few_sheets"}


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ShapeInvalid):
        calibrate(np.array([math.nan]), np.array([0]), np.array([0]))
    with pytest.raises(ShapeInvalid):
        calibrate(np.array([1.0, 2.0]), np.array([0]), np.array([0]))


def test_the_likelihood_ratio_keeps_the_raw_means_without_evidence():
    rng = np.random.default_rng(11)
    app, rev, n = seats(Plan(40, 4), rng)
    y = rng.normal(70, 9, 40)[app] + rng.normal(0, 6, len(app))
    quiet = calibrate(y, app, rev, apply_if="lrt")
    assert quiet.why == "lrt_not_exceeded" and quiet.value.tolist() == quiet.raw.tolist()
    loud = calibrate(y + rng.normal(0, 8, n)[rev], app, rev, apply_if="auto")
    assert loud.why == "lrt_exceeded" and loud.applied
    assert np.abs(calibrate(y + rng.normal(0, 8, n)[rev], app, rev, cap=1.5).value - loud.raw).max() < 30
    capped = calibrate(loud.y, app, rev, cap=1.5)
    assert np.abs(capped.value - capped.raw).max() == pytest.approx(1.5) and capped.capped.any()


def test_known_severities_are_recovered_and_told_as_prompts():
    rng = np.random.default_rng(5)
    app, rev, n = seats(Plan(120, 5), rng)
    severity = np.zeros(n)
    severity[3] = -14.0
    y = rng.normal(70, 8, 120)[app] + severity[rev] + rng.normal(0, 4, len(app))
    fit = calibrate(y, app, rev)
    names = [f"A-{a}" for a in range(120)], [f"e-{p}" for p in range(n)]
    assert fit.severity[3] == pytest.approx(-14, abs=4)
    found = patterns(fit, *names, seed=1)
    assert ("severe", "e-3") in {(flag.code, flag.panellist_id) for flag in found}
    assert found == patterns(fit, *names, seed=1)


def test_two_who_copy_each_other_are_told_and_honest_panels_are_not():
    rng = np.random.default_rng(9)
    app, rev = np.repeat(np.arange(24), 6), np.tile(np.arange(6), 24)
    y = rng.normal(70, 8, 24)[app] + rng.normal(0, 3, 6)[rev] + rng.normal(0, 6, len(app))
    names = [f"A-{a}" for a in range(24)], [f"e-{p}" for p in range(6)]
    honest = [flag for flag in patterns(calibrate(y, app, rev), *names, seed=1) if flag.code == "agreement"]
    copied = y.copy()
    copied[rev == 4] = y[rev == 1] + 1
    found = [flag for flag in patterns(calibrate(copied, app, rev), *names, seed=1) if flag.code == "agreement"]
    assert not honest
    assert [(flag.panellist_id, flag.data["other"]) for flag in found] == [("e-1", "e-4")]


def test_a_panellist_who_gives_everybody_the_same_is_told():
    rng = np.random.default_rng(2)
    app, rev = np.repeat(np.arange(20), 6), np.tile(np.arange(6), 20)
    y = rng.normal(70, 10, 20)[app] + rng.normal(0, 4, len(app))
    y[rev == 2] = 70 + rng.normal(0, 0.5, 20)
    names = [f"A-{a}" for a in range(20)], [f"e-{p}" for p in range(6)]
    found = patterns(calibrate(y, app, rev), *names, seed=1)
    assert [flag.panellist_id for flag in found if flag.code == "narrow_range"] == ["e-2"]


@QUICK
@given(rounds())
def test_alpha_and_icc_are_at_most_one_and_one_only_where_all_agree(case):
    y, app, rev = case
    found = reliability(y, app, rev, seed=1, draws=20)
    assert not found.icc_1 > 1 + 1e-12 and not found.alpha > 1 + 1e-12
    same = reliability(np.round(_means(y, app), 6), app, rev, seed=1, draws=20)
    if same.n_applications > 1:
        assert same.icc_1 == pytest.approx(1) and same.alpha == pytest.approx(1)
    table = np.arange(12.0).reshape(4, 3)
    assert complete(np.repeat(table[:, :1], 3, axis=1))["1"] == pytest.approx(1)
    assert alpha(np.repeat(table[:, :1], 3, axis=1)) == 1.0 and alpha(table) < 1


def test_the_interval_alpha_of_a_round_is_that_of_its_table():
    y, app, rev = np.array([3.0, 4, 5, 5, 1, 2, 4]), np.array([0, 0, 1, 1, 2, 2, 3]), np.array([0, 1, 0, 2, 1, 2, 0])
    table = np.full((4, 3), np.nan)
    table[app, rev] = y
    assert reliability(y, app, rev, seed=1).alpha == pytest.approx(alpha(table))


def test_ranks_follow_the_values_and_say_which_ties_the_lottery_parted():
    value = np.array([70.0, 80.0, 70.0, math.nan, 70.0])
    found = rank(value, np.full(5, 4.0), 500, seed=3, top=2, ties=[1, 1, 1, 1, 2])
    assert found.rank[1] == 1 and sorted(found.rank[[0, 2]]) == [2, 3] and found.rank[4] == 4 and found.rank[3] == 0
    assert found.lottery == (0, 2)
    again = rank(value, np.full(5, 4.0), 500, seed=3, top=2, ties=[1, 1, 1, 1, 2])
    assert again.low.tolist() == found.low.tolist() and again.rank.tolist() == found.rank.tolist()
    assert (found.low[[0, 1, 2, 4]] <= found.rank[[0, 1, 2, 4]]).all()


def test_the_graph_says_who_can_be_compared():
    found = graph(np.array([0, 0, 1, 1, 2, 2, 5]), np.array([0, 1, 1, 2, 3, 4, 4]))
    assert found.n_components == 2 and found.comparable(0, 1) and not found.comparable(0, 2)
    assert found.component.tolist() == [0, 0, 1, -1, -1, 1]
    assert 0 < found.connectivity[0] < 1 and graph(np.array([], int), np.array([], int)).n_components == 0
