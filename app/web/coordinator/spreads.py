"""How one run spreads its seats: numbers, drawings with the same numbers as tables, and each of them as a file."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, send_file
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.errors import NotFound
from app.exports.tables import MIME, Table, Value, as_csv
from app.i18n import gettext as _
from app.i18n import pair
from app.queries import calls, matching, run_spread, run_targets
from app.queries.run_spread import Spread
from app.queries.run_targets import TargetRow
from app.web import charts
from app.web.access import access, actor, db
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.templating import quota_value
from app.workflow.declarations import DECLINE_REASONS
from app.workflow.rule_labels.words import SECTORS
from reviewers.fields import all_fields
from reviewers.seat_types import SEAT_TYPES

CURVE_MOST = 100  # points of a curve in its file


@dataclass(frozen=True)
class Plot:
    """Counts under their names: drawn as bars, told as a table, taken away as a file."""

    ident: str
    title: str
    desc: str
    columns: tuple[str, str]
    rows: Sequence[tuple[str, int]]

    def draw(self) -> Markup:
        words = charts.Words(self.ident, self.title, self.desc, _("Show the numbers"), self.columns)
        return charts.bars(words, self.rows) if any(n for _name, n in self.rows) else Markup("")


@blueprint.get("/calls/<call_id>/matching/<run_id>/spread")
@access("coordinator")
def matching_spread(call_id: str, run_id: str) -> ResponseReturnValue:
    run = matching.run(db(), call_id, run_id, actor=actor())
    spread = run_spread.spread(db(), run_id, actor=actor())
    return render_template(
        "coordinator/spread.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        spread=spread,
        gini=charts.gini(spread.measures.loads),
        curve=_curve(spread),
        plots=_plots(spread),
        fields=all_fields(),
    )


@blueprint.get("/calls/<call_id>/matching/<run_id>/spread/<name>.csv")
@access("coordinator")
def matching_spread_table(call_id: str, run_id: str, name: str) -> ResponseReturnValue:
    run = matching.run(db(), call_id, run_id, actor=actor())
    spread = run_spread.spread(db(), run_id, actor=actor())
    tables: dict[str, tuple[tuple[str, ...], Sequence[Sequence[Value]]]] = {
        "lorenz": _curve_table(spread),
        "fields": _field_table(spread),
        **{plot.ident: (plot.columns, plot.rows) for plot in _plots(spread)},
    }
    if name == "targets":
        tables[name] = _target_table(run_targets.of_run(db(), run_id, actor=actor()))
    if name not in tables:
        raise NotFound("not_found")
    columns, rows = tables[name]
    table = Table(f"{name}-run-{run.number}", [(label, label) for label in columns], rows)
    return send_file(io.BytesIO(as_csv(table)), mimetype=MIME["csv"], as_attachment=True, download_name=f"{table.name}.csv")


def _plots(spread: Spread) -> list[Plot]:
    m, seats = spread.measures, _("Seats")
    unknown = _("not known")
    return [
        Plot("loads", _("Experts by load"), _("How many experts sit on how many panels of this run."),
             (_("Panels of one expert"), _("Experts")), [(str(n), m.loads.count(n)) for n in range(m.most_load + 1)]),
        Plot("newcomers", _("First-timers"), _("Seats of experts who have never judged before."), (_("Experience"), seats),
             [(_("First time"), m.newcomers), (_("Served before"), m.seats - m.newcomers)]),
        Plot("regions", _("Regions"), _("Seats by the region of the expert."), (_("Region"), seats),
             [(quota_value(name) or unknown, n) for name, n in m.regions.items()]),
        Plot("sectors", _("Sectors"), _("Seats by the sector of the expert."), (_("Sector"), seats),
             _named(m.sectors, SECTORS, unknown)),
        Plot("seat-types", _("Seat types"), _("Seats by the type they are taken under."), (_("Seat type"), seats),
             _named(m.seat_types, SEAT_TYPES, _("without a type"))),
        Plot("declines", _("Declines by reason"), _("Letters of this round that were declined, by reason."),
             (_("Reason"), _("Letters")), _named(spread.declines, DECLINE_REASONS, unknown)),
    ]  # fmt: skip


def _named(counts: Mapping[str, int], labels: Mapping[str, Any], unknown: str) -> list[tuple[str, int]]:
    return [(pair(labels[code]) if code in labels else code or unknown, n) for code, n in counts.items()]


def _curve(spread: Spread) -> Markup:
    desc = _("What share of the seats falls to what share of the experts, least loaded first.")
    words = charts.Words("lorenz", _("Concentration of loads"), desc, _("Show the numbers"), (_("Experts"), _("Seats")))
    return charts.lorenz(words, spread.measures.loads, x_label=_("Experts of the pool"), y_label=_("Seats"))


def _curve_table(spread: Spread) -> tuple[tuple[str, str], list[tuple[float, float]]]:
    points = charts.lorenz_points(spread.measures.loads)
    kept = [*points[:: max(1, len(points) // CURVE_MOST)], points[-1]]
    return (_("Share of the experts"), _("Share of the seats")), [(round(x, 4), round(y, 4)) for x, y in kept]


def _target_table(rows: Sequence[TargetRow]) -> tuple[tuple[str, ...], list[tuple[str, int, int, int, int, str]]]:
    seats = (_("Seats of each panel"), _("Seats wanted"), _("Seats reached"), _("Seats missed"))
    columns = (_("Target"), *seats, _("Panels that miss it"))
    return columns, [
        (pair(row.met.label), row.met.least, row.met.wanted, row.met.got, row.met.missed, " ".join(map(str, row.met.lacking)))
        for row in rows
    ]


def _field_table(spread: Spread) -> tuple[tuple[str, ...], list[tuple[str, int, int, int]]]:
    rows = [(field.code, field.dossiers, field.seats, field.experts) for field in spread.fields]
    return (_("Sub-field"), _("Dossiers"), _("Seats"), _("Experts")), rows
