"""Start page, the list of designated products, one product, and the answer a certificate gives."""

from __future__ import annotations

import json

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.documents.form import IP_KINDS, MINISTRIES, UNITS
from app.queries import products as queries
from app.web import qr
from app.web.access import access, base_url, db, now
from app.web.public.blueprint import blueprint
from app.workflow.wordlists import ATTRIBUTIONS, EVENTS, GRADES, INDICATOR_UNITS, INDICATORS, OUTCOME_GROUPS
from reviewers.fields import all_fields

PAGE = 50


@blueprint.get("/")
@access("public")
def home() -> ResponseReturnValue:
    return render_template(
        "public/home.html",
        figures=queries.figures(db(), now()),
        newest=queries.every(db(), now())[:6],
        fields=all_fields(),
        endpoints=current_app.view_functions,
    )


@blueprint.get("/products")
@access("public")
def products() -> ResponseReturnValue:
    find, field, ended = request.args.get("find", "")[:80], request.args.get("field", ""), bool(request.args.get("ended"))
    rows = queries.every(db(), now(), find=find, field=field, ended=ended)
    last = max(1, -(-len(rows) // PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    return render_template(
        "public/products.html",
        rows=rows[(page - 1) * PAGE : page * PAGE],
        total=len(rows),
        of=len(queries.every(db(), now(), ended=ended)) if find or field else len(rows),
        page=page,
        last=last,
        find=find,
        field=field,
        ended=ended,
        fields=all_fields(),
        edition=queries.newest_edition(db()),
    )


@blueprint.get("/products/<designation_id>")
@access("public")
def product(designation_id: str) -> ResponseReturnValue:
    row = queries.one(db(), designation_id, now())
    return render_template(
        "public/product.html",
        row=row,
        pilots=queries.pilots_of(db(), designation_id),
        outcomes=queries.outcomes_of(db(), designation_id),
        INDICATOR_UNITS=INDICATOR_UNITS,
        fields=all_fields(),
        units={u.key: u for u in UNITS},
        ip_kinds={k.key: k for k in IP_KINDS},
        ministries={m.key: m for m in MINISTRIES},
        EVENTS=EVENTS,
        GRADES=GRADES,
        INDICATORS=INDICATORS,
        OUTCOME_GROUPS=OUTCOME_GROUPS,
        ATTRIBUTIONS=ATTRIBUTIONS,
    )


@blueprint.get("/products/<designation_id>.json")
@access("public")
def product_json(designation_id: str) -> ResponseReturnValue:
    row = queries.one(db(), designation_id, now())
    return Response(json.dumps(queries.as_json(row, now()), ensure_ascii=False, indent=1), mimetype="application/json")


@blueprint.get("/verify")
@access("public")
def verify() -> ResponseReturnValue:
    asked = request.args.get("number", "")[:60]
    return _answer(asked) if asked.strip() else render_template("public/verify.html", asked="", row=None, units={})


@blueprint.get("/v/<verify_id>")
@access("public")
def verify_code(verify_id: str) -> ResponseReturnValue:
    """What the QR of a certificate opens."""
    return _answer(verify_id)


def _answer(asked: str) -> ResponseReturnValue:
    row = queries.verified(db(), asked, now())
    link = url_for("public.verify_code", verify_id=row.verify_id) if row else ""
    page = render_template(
        "public/verify.html",
        asked=asked,
        row=row,
        code=Markup(qr.svg(base_url() + link)) if row else "",
        link=base_url() + link,
        EVENTS=EVENTS,
    )
    return page, 200 if row else 404
