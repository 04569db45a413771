"""The results of a round's newest run: one row for each dossier, with every criterion, its cut-line and the outcome."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.exports.tables import Table, Value
from app.i18n import gettext as _
from app.i18n import pair
from app.models.calls import Round
from app.queries import results
from app.queries.lookup import by_public_id
from app.queries.rounds import file_stem
from app.workflow.actors import Actor
from app.workflow.states import state


def build(session: Session, round_id: str, *, actor: Actor) -> Table:
    round_ = by_public_id(session, Round, round_id)
    found, run = results.all_rows(session, round_id, actor=actor)
    codes = [str(c["code"]) for c in found[0].criteria] if found else []
    rows: list[list[Value]] = []
    for row in found:
        means = {str(c["code"]): c for c in row.criteria}
        rows.append(
            [row.rank, row.label, row.title, row.organisation, row.total, row.raw_mean, row.trimmed_mean, row.calibrated]
            + [row.detail.get("low"), row.detail.get("high"), row.detail.get("p_pass"), row.sd, row.n_sheets]
            + [str(means[code]["mean"]) for code in codes]
            + ["; ".join(code for code in codes if means[code]["met"] is False)]
            + ["; ".join(str(g["code"]) for g in row.gates if not g["met"])]
            + [row.alarms, row.outcome, pair(state("application", row.status))]
        )
    columns = [
        ("rank", _("Rank")),
        ("dossier", _("Dossier")),
        ("title", _("Title")),
        ("organisation", _("Organisation")),
        ("total", _("Total")),
        ("raw_mean", _("Raw mean")),
        ("trimmed_mean", _("Trimmed mean")),
        ("calibrated", _("Calibrated")),
        ("low", _("Interval of 90 %, from")),
        ("high", _("Interval of 90 %, up to")),
        ("p_pass", _("Chance to pass")),
        ("sd", _("SD")),
        ("sheets", _("Sheets")),
        *((code.lower(), code) for code in codes),
        ("cut_lines_missed", _("Cut-lines missed")),
        ("gates_failed", _("Gates failed")),
        ("alarms", _("Marks far from the mean")),
        ("outcome", _("By the rules")),
        ("status", _("Stands at")),
    ]
    return Table(f"{file_stem(round_)}-scores-run-{run.number if run else 0}", columns, rows)
