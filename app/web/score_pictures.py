"""The picture of one result with its words: the same on the coordinator's page and on the panel's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from app.i18n import gettext, pair
from app.web import charts, score_charts
from scoring.rubric import Rubric


def profile(rubric: Rubric, criteria: Iterable[Mapping[str, object]]) -> Markup:
    """Means of one dossier's own sheets: nothing in it tells of another dossier, as an interval from the model would."""
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
    columns = (gettext("Criterion"), gettext("Mean"), gettext("Maximum"), gettext("Cut-line"))
    return score_charts.profile(charts.Words("profile", title, told, gettext("Show the numbers"), columns), parts)
