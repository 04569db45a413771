"""Solves an instance from a file: `python -m reviewers.assignment INSTANCE.npz --rules RULES.json --out RESULT.npz`.

Prints one JSON object. Exit status: 0 all rules kept, 1 some could not be (what to change is in `advice`), 2 bad input.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from reviewers import fairness, instances, randomised, relaxation, solving, targets
from reviewers.checking import shortfalls
from reviewers.errors import ReviewersError
from reviewers.flow import Solution
from reviewers.problem import Problem


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m reviewers.assignment", description=__doc__.splitlines()[0])
    parser.add_argument(
        "instance", type=Path, help="affinity, conflict, load, demand, institution and sector as .npz; region and first_timer too"
    )
    parser.add_argument("--rules", type=Path, help=f"JSON: {', '.join(instances.Rules.__dataclass_fields__)}")
    parser.add_argument("--out", type=Path, help="where the seats go: application and expert, one entry a seat")
    given = parser.parse_args(arguments)
    try:
        rules = instances.read_rules(given.rules) if given.rules else instances.Rules()
        problem = instances.read(given.instance, rules)
        found = randomised.panels(problem, rules.once_in, seed=rules.seed, fair=rules.fairness != "none", rising=rules.rising)
        if given.out:
            _write(given.out, found.solution)
    except (ReviewersError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    report = _report(problem, found)
    if report["broken"]:
        offered = relaxation.changes(problem, lambda more: _with_load(problem, more), load_cap=_usual(problem), seed=rules.seed)
        report["advice"] = [relaxation.words(change) for change in offered]
        print("some rules cannot be kept; any one of these would do:", *report["advice"], sep="\n- ", file=sys.stderr)
    print(json.dumps(report, ensure_ascii=False))
    return 1 if report["broken"] else 0


def _report(problem: Problem, found: randomised.Drawn) -> dict[str, Any]:
    """Of drawn seats, `gap` and the bounds speak of what was expected of the draw."""
    solution = found.solution
    broken: Counter[str] = Counter()
    for short in shortfalls(problem, solution):
        broken["empty_seats" if short.rule == "seats" else f"least:{short.attribute}:{short.value}"] += short.needed - short.got
    return {
        "total": round(solving.total_of(problem, solution), 4),
        "expected": round(found.expected, 4),
        "bound": round(found.bound, 4),
        "gap": round(found.gap, 7),
        "lowest_panel": round(float(fairness.served(problem, solution.panel, solution.expert).min()), 5),
        "lowest_panel_bound": round(found.lowest_bound, 5),
        "cpu_s": round(time.process_time(), 2),
        "peak_mib": _peak_mib(),
        "broken": dict(broken),
        **({"soft": _soft(problem, found)} if problem.aims else {}),
    }


def _soft(problem: Problem, found: randomised.Drawn) -> dict[str, Any]:
    """What the targets cost in affinity, how far each was met, and the applications that it lacks."""
    met = [
        {"attribute": one.attribute, "value": one.value, "least": one.least, "wanted": one.wanted, "got": one.got}
        | ({"lacking": dict(one.lacking)} if one.least else {})
        for one in targets.reached(problem, found.solution)
    ]
    return {"cost": round(found.given, 4), "met": met}


def _with_load(problem: Problem, more: int) -> Problem:
    return replace(problem, load=problem.load + more)


def _usual(problem: Problem) -> int:
    """What a newcomer would carry: as much as others do."""
    return max(1, round(float(problem.load.mean())))


def _peak_mib() -> int:
    """The most memory this process held; the kernel's own account, since getrusage remembers whoever started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def _write(path: Path, solution: Solution) -> None:
    order = np.lexsort((solution.expert, solution.panel))
    with path.open("wb") as out:
        np.savez_compressed(
            out,
            application=solution.panel[order].astype(np.int32),
            expert=solution.expert[order].astype(np.int32),
        )
