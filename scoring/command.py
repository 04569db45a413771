"""``python -m scoring.calibration MARKS.csv --out OUT.json``: the one place of this library that opens a file or prints.

>>> parser().parse_args(["marks.csv", "--out", "out.json"]).method
'moments'
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.calibration import calibrate
from scoring.errors import MarksFileInvalid
from scoring.marks_file import decode, read, report


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m scoring.calibration",
        description="Take the severity of panellists out of their scores (model F of scoring/README.md). Nothing is rounded.",
    )
    found.add_argument("marks", type=Path, help="CSV in UTF-8 with the columns application, panellist, score")
    found.add_argument("--out", type=Path, required=True, help="where to write the JSON")
    found.add_argument("--method", choices=("moments", "reml"), default="moments", help="how variances are estimated")
    found.add_argument("--apply", choices=("always", "lrt"), default="always", help="lrt: only with evidence of severity")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0, or 1 with one line on standard error that says what to mend."""
    asked = parser().parse_args(arguments)
    try:
        marks = read(decode(asked.marks.read_bytes()))
        size = {"n_applications": len(marks.application_ids), "n_panellists": len(marks.panellist_ids)}
        fit = calibrate(marks.score, marks.app, marks.rev, method=asked.method, apply_if=asked.apply, **size)
        text = json.dumps(report(marks, fit), ensure_ascii=False, indent=1, allow_nan=False)
        asked.out.write_text(text + "\n", encoding="utf-8")
    except MarksFileInvalid as fault:
        print(f"{asked.marks}: {fault.sentence}", file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}; check the path", file=sys.stderr)
        return 1
    return 0
