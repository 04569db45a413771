"""The catalogue an institution chooses from, and the request form of one product within its supplier's plan."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import pilots as queries
from app.queries import products
from app.stages import pilot
from app.web.access import access, actor, db, now
from app.web.errors import words
from app.web.institution.blueprint import blueprint
from app.workflow.wordlists import THEMES
from reviewers.fields import all_fields


@blueprint.get("/")
@access("institution")
def home() -> ResponseReturnValue:
    find, field = request.args.get("find", "")[:80], request.args.get("field", "")
    rows = [r for r in products.every(db(), now(), find=find, field=field) if r.status == "active"]
    mine = queries.mine(db(), actor=actor())
    return render_template(
        "institution/home.html",
        rows=rows,
        find=find,
        field=field,
        fields=all_fields(),
        owed=[r for r in mine if r.status == "draft" or (r.pilot and r.pilot.next == "institution")],
    )


@blueprint.get("/products/<designation_id>/request")
@access("institution")
def new_request(designation_id: str) -> ResponseReturnValue:
    return _form(designation_id, {"year": str(now().year), "kpis": _plan_kpis(designation_id)})


@blueprint.post("/products/<designation_id>/request")
@access("institution")
def new_request_save(designation_id: str) -> ResponseReturnValue:
    return _save(designation_id, None)


@blueprint.get("/requests/<request_id>/edit")
@access("institution")
def edit_request(request_id: str) -> ResponseReturnValue:
    row = queries.request(db(), request_id, actor=actor())
    given = {
        "year": str(row.year),
        "theme": row.theme.key,
        "quantity": str(row.quantity),
        "site": row.site,
        "contact": row.contact,
        "purpose": row.purpose,
        "kpis": "\n".join(row.kpis),
        "running_cost": row.running_cost,
        "follow_on": "yes" if row.follow_on else "",
    }
    return _form(row.designation_id, given, request_id=request_id)


@blueprint.post("/requests/<request_id>/edit")
@access("institution")
def edit_request_save(request_id: str) -> ResponseReturnValue:
    row = queries.request(db(), request_id, actor=actor())
    return _save(row.designation_id, request_id)


def _save(designation_id: str, request_id: str | None) -> ResponseReturnValue:
    sent = request.form
    try:
        row = pilot.write_request(
            db(),
            designation_id,
            actor=actor(),
            now=now(),
            year=_whole(sent.get("year", "")) or now().year,
            theme=sent.get("theme", ""),
            quantity=_whole(sent.get("quantity", "")),
            site=sent.get("site", "")[:300],
            contact=sent.get("contact", "")[:200],
            purpose=sent.get("purpose", ""),
            kpis=sent.get("kpis", "").splitlines(),
            running_cost=sent.get("running_cost", ""),
            follow_on=bool(sent.get("follow_on")),
            request_id=request_id,
        )
        if sent.get("then") == "submit":
            pilot.submit_request(db(), row.public_id, actor=actor(), now=now())
            flash(gettext("Your request is filed."), "success")
        else:
            flash(gettext("The draft is saved."), "success")
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _form(designation_id, sent, request_id=request_id, error=error), 422
    return redirect(url_for("institution.request_one", request_id=row.public_id), 303)


def _whole(text: str) -> int:
    text = text.replace(",", "").strip()
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _plan_kpis(designation_id: str) -> str:
    plan = products.one(db(), designation_id, now()).product.get("pilot_plan") or {}
    return "\n".join(plan.get("kpis") or [])


def _form(
    designation_id: str, sent: Mapping[str, str], *, request_id: str | None = None, error: DomainError | None = None
) -> str:
    problems = {key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {}
    row = products.one(db(), designation_id, now())
    return render_template(
        "institution/request_form.html",
        row=row,
        plan=row.product.get("pilot_plan") or {},
        sent=sent,
        request_id=request_id,
        problems=problems,
        summary=words(error.code, error.data) if error else "",
        THEMES=THEMES,
        years=(now().year, now().year + 1),
    )
