"""What shared panellists bring to scoring: ``python -m tests.link_power`` seats sub-fields that share nobody, and links them.

Prints one JSON object: for each way of linking, how panels hang together, what it costs in affinity, and how far the calibrated
values of model F lie from the truth (points of 100, root of the mean square over applications and repeats).
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from reviewers.assignment.panels import Assignment, assign
from reviewers.linking import Linking
from reviewers.records import AffinityTable, Expert, PanelSpec
from scoring.calibration import calibrate

FIELDS, PER_FIELD, SEATS, LOAD = 24, 8, 5, 10
TRUTH, SEVERITY, NOISE = 9.0, 9.0, 8.0  # standard deviations: severity ratio 1
WAYS = {"apart": None, "connected": 0.0, "share": 0.15}


def seated(way: float | None, batch: int, seed: int) -> tuple[Assignment, list[PanelSpec]]:
    """Experts who are at home in one sub-field each, half as many again as the seats need."""
    rng = np.random.default_rng(seed)
    panels = -(-PER_FIELD // batch)
    n_experts = max(SEATS, -(-panels * SEATS * 3 // (LOAD * 2 // batch)))
    home, of_expert = np.repeat(np.arange(FIELDS), PER_FIELD), np.repeat(np.arange(FIELDS), n_experts)
    near = home[:, None] == of_expert
    value = np.where(near, rng.uniform(0.4, 0.7, near.shape), rng.uniform(0.1, 0.4, near.shape)).astype(np.float32)
    ids = tuple(f"d{n}" for n in range(len(home)))
    experts = [Expert(f"e{n}") for n in range(len(of_expert))]
    specs, fields = [], []
    for field in range(FIELDS):
        own = ids[field * PER_FIELD : (field + 1) * PER_FIELD]
        for part in range(panels):
            specs.append(PanelSpec(f"{field}/{part}", own[part::panels], SEATS))
            fields.append(f"F{field + 1:02d}")
    linking = Linking(tuple(fields), way or 0.0, way is not None)
    table = AffinityTable(ids, tuple(expert.id for expert in experts), value)
    return assign(specs, experts, table, load_cap=max(2, LOAD // batch), seed=seed, linking=linking), specs


def marked(found: Assignment, specs: list[PanelSpec], seed: int) -> tuple[float, float]:
    """Mean squares of what the raw mean and model F miss in one round of marks."""
    seats = [(own, seat.expert_id) for spec, panel in zip(specs, found.panels, strict=True)
             for own in spec.dossier_ids for seat in panel.seats]  # fmt: skip
    _, app = np.unique([own for own, _ in seats], return_inverse=True)
    _, rev = np.unique([who for _, who in seats], return_inverse=True)
    rng = np.random.default_rng([seed, 1])
    truth = rng.normal(72, TRUTH, app.max() + 1)
    marks = truth[app] + rng.normal(0, SEVERITY, rev.max() + 1)[rev] + rng.normal(0, NOISE, len(app))
    fit = calibrate(marks, app, rev, apply_if="always")
    return float(np.mean((fit.raw - truth) ** 2)), float(np.mean((fit.value - truth) ** 2))


def measured(batch: int, repeats: int) -> dict[str, Any]:
    out = {}
    for name, way in WAYS.items():
        runs = [seated(way, batch, seed) for seed in range(repeats)]
        square = np.mean([marked(*run, seed) for seed, run in enumerate(runs)], axis=0)
        after = [found.links[1] for found, _ in runs if found.links]
        out[name] = {
            "groups": round(float(np.mean([one.groups for one in after])), 1),
            "share": round(float(np.mean([one.share for one in after])), 3),
            "changed": round(float(np.mean([found.relinked for found, _ in runs])), 1),
            "affinity": round(float(np.mean([found.total for found, _ in runs])), 2),
            "rmse_raw": round(float(square[0] ** 0.5), 2),
            "rmse_f": round(float(square[1] ** 0.5), 2),
        }
    return out


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(json.dumps({"per_dossier": measured(1, repeats), "batch of 4": measured(4, repeats)}, indent=1))
