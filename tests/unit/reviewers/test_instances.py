"""The command that solves an instance from a file: one JSON object, seats that keep every rule, clear words for bad input."""

import json
import subprocess
import sys

import numpy as np
import pytest

from reviewers.assignment.command import main


def write(folder, **change):
    rng = np.random.default_rng(3)
    arrays = {
        "affinity": rng.random((12, 40)).round(4).astype(np.float32),
        "conflict": rng.random((12, 40)) < 0.05,
        "load": np.full(40, 2, np.int32),
        "demand": np.full(12, 4, np.int32),
        "institution": (np.arange(40) % 20).astype(np.int32),
        "sector": (np.arange(40) % 20 % 3).astype(np.int8),
    } | change
    path = folder / "instance.npz"
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path, arrays


def rules(folder, **given):
    path = folder / "rules.json"
    path.write_text(json.dumps(given))
    return path


def test_seats_keep_every_rule_and_the_report_says_how_good_they_are(tmp_path):
    path, arrays = write(tmp_path)
    out = tmp_path / "result.npz"
    command = [
        sys.executable,
        "-m",
        "reviewers.assignment",
        path,
        "--rules",
        rules(tmp_path, institution_cap=1, sector_min={"1": 1, "0": 2}, fairness=True),
    ]
    done = subprocess.run([*map(str, command), "--out", str(out)], capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["broken"] == {} and 0 <= report["gap"] < 0.02
    assert report["lowest_panel"] >= report["lowest_panel_bound"] - 0.0051 and report["peak_mib"] < 400
    seats = np.load(out)
    panel, expert = seats["application"], seats["expert"]
    assert report["total"] == pytest.approx(float(arrays["affinity"][panel, expert].sum(dtype=float)), abs=1e-3)
    assert (np.bincount(panel) == 4).all() and (np.bincount(expert) <= 2).all() and not arrays["conflict"][panel, expert].any()
    for p in range(12):
        members = expert[panel == p]
        assert len(set(arrays["institution"][members])) == 4
        assert (arrays["sector"][members] == 1).sum() >= 1 and (arrays["sector"][members] == 0).sum() >= 2


def test_the_same_input_gives_the_same_bytes(tmp_path, capsys):
    path, _ = write(tmp_path)
    seats = []
    for name in ("a.npz", "b.npz"):
        main([str(path), "--out", str(tmp_path / name)])
        seats.append((tmp_path / name).read_bytes())
    assert seats[0] == seats[1]


@pytest.mark.parametrize(
    ("change", "given", "words"),
    [
        ({"load": np.ones(3, np.int32)}, {}, "load has shape (3,)"),
        ({"sector": None}, {}, "no array 'sector'"),
        ({"affinity": np.full((12, 40), 2.0)}, {}, "between 0 and 1"),
        ({}, {"cap": 1}, "unknown rule 'cap'"),
        ({}, {"institution_cap": 0}, "at least 1"),
        ({}, {"sector_min": {"0": 3, "1": 3}}, "more than the 4 seats"),
        ({}, {"fairness": "most"}, "fairness is true, false or one of"),
    ],
)
def test_bad_input_is_named(tmp_path, capsys, change, given, words):
    path, _ = write(tmp_path, **change)
    assert main([str(path), "--rules", str(rules(tmp_path, **given))]) == 2
    assert words in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main([str(tmp_path / "none.npz")]) == 2
    assert "none.npz: No such file" in capsys.readouterr().err


def test_targets_are_reported_with_what_they_cost_and_where_they_lack(tmp_path, capsys):
    path, arrays = write(tmp_path, region=(np.arange(40) % 4).astype(np.int8), first_timer=(np.arange(40) % 8 == 0))
    soft = {"region_min": {"3": 1}, "first_timer_share": {"1": 0.25}, "price": 0.3}
    assert main([str(path), "--rules", str(rules(tmp_path, institution_cap=1, soft=soft)), "--out", str(tmp_path / "out.npz")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert main([str(path), "--rules", str(rules(tmp_path, institution_cap=1))]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert "soft" not in plain and report["soft"]["cost"] > 0
    assert report["soft"]["cost"] == pytest.approx(plain["total"] - report["total"], abs=1e-3)
    seats = np.load(tmp_path / "out.npz")
    far = np.bincount(seats["application"][arrays["region"][seats["expert"]] == 3], minlength=12)
    new = int(arrays["first_timer"][seats["expert"]].sum())
    by_attribute = {met["attribute"]: met for met in report["soft"]["met"]}
    assert by_attribute["region"]["got"] == np.minimum(far, 1).sum() and by_attribute["first_timer"]["got"] == new
    assert by_attribute["region"]["lacking"] == {str(p): 0 for p in np.flatnonzero(far == 0)}
    assert by_attribute["first_timer"]["wanted"] == 12


@pytest.mark.parametrize(
    "given, word",
    [
        ({"region_min": {"1": 1}}, "region"),
        ({"soft": {"colour_min": {}}}, "soft"),
        ({"soft": {"sector_share": {"1": 2}}}, "share"),
        ({"soft": {"price": 0}}, "price"),
    ],
)
def test_a_rule_over_what_the_file_lacks_is_named(tmp_path, capsys, given, word):
    path, _ = write(tmp_path)
    assert main([str(path), "--rules", str(rules(tmp_path, **given))]) == 2
    assert word in capsys.readouterr().err


def test_quotas_on_two_attributes_are_kept_together(tmp_path, capsys):
    path, arrays = write(tmp_path, region=(np.arange(40) % 5 % 2).astype(np.int8))
    given = {"sector_min": {"1": 1}, "region_min": {"1": 1}, "region_max": {"1": 1}}
    assert main([str(path), "--rules", str(rules(tmp_path, **given)), "--out", str(tmp_path / "out.npz")]) == 0
    seats = np.load(tmp_path / "out.npz")
    inside = np.bincount(seats["application"][arrays["region"][seats["expert"]] == 1], minlength=12)
    assert (inside == 1).all() and json.loads(capsys.readouterr().out)["broken"] == {}
