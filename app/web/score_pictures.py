"""The pictures of results with their words: the same on the coordinator's pages, on the panel's and in the minutes.

Who may see what is settled before: a picture draws all that it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.i18n import gettext, pair
from app.queries.certainty import MOST, Certainty, Value
from app.web import charts, score_charts
from app.web.charts import Figure
from reviewers.fields import all_fields
from scoring.rubric import Rubric

SHARED = 0.15  # share of reviews across sub-fields below which groups are hard to compare
FEW = 5  # sheets of one panellist below which a severity cannot be judged


def profile(rubric: Rubric, criteria: Iterable[Mapping[str, object]]) -> Figure:
    """Means of one dossier's own sheets."""
    parts = [
        score_charts.Part(
            f"{c['code']} {pair(rubric.criterion(str(c['code'])))}",
            float(str(c["mean"])),
            float(str(c["maximum"])),
            float(str(c["cut_line"])) if c["cut_line"] else None,
        )
        for c in criteria
        if c["mean"]
    ]
    title, told = gettext("Profile by criterion"), gettext("Points of each criterion; the upright line is its cut-line.")
    columns = gettext("Criterion"), gettext("Mean"), gettext("Maximum"), gettext("Cut-line")
    return score_charts.profile(words("profile", title, told, *columns), parts)


def all_of(found: Certainty) -> list[Figure]:
    """Those of the six that have anything to show."""
    drawn = (_forest(found), _severities(found), _slopes(found), _without(found), _residuals(found), _ties(found))
    return [picture for picture in drawn if picture is not None]


def words(ident: str, title: str, desc: str, *columns: str) -> charts.Words:
    return charts.Words(ident, title, desc, gettext("Show the numbers"), columns)


def _forest(found: Certainty) -> Figure | None:
    letters = {"pass": gettext("P"), "borderline": gettext("B"), "fail": gettext("F")}
    rows = [
        score_charts.Standing(v.label, v.total, v.low, v.high, v.raw, v.status, letters[v.status], _p(v.p_pass), _own(found, v))
        for v in sorted(found.values, key=lambda v: abs(v.total - v.pass_mark))[:MOST]
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: -row.value)
    named = words(
        "forest",
        gettext("Published value, its interval of 90 % and the raw mean"),
        gettext(
            "A dot: the published value, a cross: the raw mean. P passes, B is borderline, F fails. Only those nearest the mark."
        )
        + _own_words(found),
        gettext("Dossier"),
        gettext("Value"),
        gettext("Interval of 90 %"),
        gettext("Raw mean"),
        gettext("Pass mark"),
        gettext("Standing"),
        gettext("Chance to pass"),
    )
    return score_charts.forest(named, rows, pass_at=found.pass_mark, pass_label=gettext("pass mark"))


def _severities(found: Certainty) -> Figure | None:
    if not found.severities:
        return None
    ordered = found.severities if len(found.severities) <= MOST else found.severities[: MOST // 2] + found.severities[-MOST // 2 :]
    few = gettext("too few")
    rows = [
        score_charts.Strictness(s.alias, s.value, s.value - s.reach, s.value + s.reach, s.n, few if s.n < FEW else "")
        for s in ordered
    ]
    named = words(
        "severity",
        gettext("Severity of panellists"),
        gettext("Points a panellist gives above or below the others on the same dossiers. Grey: the interval covers 0.")
        + (" " + gettext("Fewer than five sheets are too few to judge by.") if any(s.n < FEW for s in ordered) else ""),
        gettext("Panellist"),
        gettext("Severity"),
        gettext("Interval of 90 %"),
        gettext("Sheets"),
    )
    return score_charts.caterpillar(named, rows, severe=gettext("severe"), lenient=gettext("lenient"))


def _slopes(found: Certainty) -> Figure | None:
    """From the raw mean with its bonus to the published value."""
    moved = {row.application_id for row in found.movement.rows if row.change != "same"}
    rows = [score_charts.Slope(v.label, v.raw + v.bonus, v.total, v.total >= v.pass_mark) for v in found.values if v.label in moved]
    if not rows:
        return None
    named = words(
        "slopes",
        gettext("Decisions that calibration changes"),
        gettext("Dossiers that pass by one of the two values only."),
        gettext("Dossier"),
        gettext("Raw mean"),
        gettext("Calibrated"),
        gettext("Change"),
    )
    names = {"raw": gettext("Raw mean"), "calibrated": gettext("Calibrated"), "pass_label": gettext("pass mark")}
    return score_charts.slopes(named, rows[:MOST], pass_at=found.pass_mark, **names)


def _without(found: Certainty) -> Figure | None:
    near = sorted(found.values, key=lambda v: (-v.flips, abs(v.total - v.pass_mark)))[: MOST // 2]
    rows = [score_charts.Reach(v.label, v.total, v.without_low, v.without_high, v.flips, _own(found, v)) for v in near]
    if not rows:
        return None
    named = words(
        "without",
        gettext("Without any one sheet or panellist"),
        gettext("The range of the value with one sheet or one panellist left out. A diamond: some deletion changes the decision.")
        + _own_words(found),
        gettext("Dossier"),
        gettext("Value"),
        gettext("Lowest"),
        gettext("Highest"),
        gettext("Flips"),
    )
    rows.sort(key=lambda row: -row.value)
    return score_charts.leave_one_out(named, rows, pass_at=found.pass_mark, pass_label=gettext("pass mark"), flips=gettext("flips"))


def _residuals(found: Certainty) -> Figure | None:
    if not found.residuals or not found.noise:
        return None
    panellists = sorted({who for who, _, _ in found.residuals})
    dossiers = sorted({label for _, label, _ in found.residuals})
    cells = [(panellists.index(who), dossiers.index(label), value) for who, label, value in found.residuals]
    named = words(
        "residuals",
        gettext("What neither dossier nor severity explains"),
        gettext("+ and −: more than one standard deviation above or below what was to be expected; two signs: more than two."),
        gettext("Panellist"),
    )
    return score_charts.residuals(named, panellists, dossiers, cells, step=found.noise)


def _ties(found: Certainty) -> Figure | None:
    names = all_fields()
    rows = [
        score_charts.Tie(f"{t.field} {pair(names[t.field]) if t.field in names else ''}".strip(), t.reviews, t.shared, t.components)
        for t in found.ties
    ]
    if not rows:
        return None
    named = words(
        "ties",
        gettext("How sub-fields are tied together"),
        gettext("Reviews by panellists who also judge in another sub-field. Without them sub-fields cannot be compared."),
        gettext("Sub-field"),
        gettext("Reviews"),
        gettext("Shared"),
        gettext("Share of reviews"),
        gettext("Separate parts"),
    )
    return score_charts.connectivity(named, rows, least=SHARED)


def _own(found: Certainty, value: Value) -> float | None:
    return value.pass_mark if value.pass_mark != found.pass_mark else None


def _own_words(found: Certainty) -> str:
    own = any(_own(found, v) is not None for v in found.values)
    return " " + gettext("A short line in a row: the pass mark of that dossier.") if own else ""


def _p(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
