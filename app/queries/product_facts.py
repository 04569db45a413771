"""What a dossier says about its product, in the shape that notice, certificate, list and catalogue share. No person is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application, DossierVersion


def content_of(session: Session, application: Application) -> dict[str, Any]:
    """The dossier as filed: the version that counts."""
    found = session.execute(
        select(DossierVersion.content).where(
            DossierVersion.application_id == application.id, DossierVersion.version == application.dossier_version
        )
    ).scalar_one_or_none()
    return dict(found or {})


def facts(application: Application, content: Mapping[str, Any]) -> dict[str, Any]:
    """Names, numbers, price, lineage and pilot plan; a field the dossier lacks is empty."""
    product, rnd, plan = (dict(content.get(name) or {}) for name in ("product", "rnd", "pilot_plan"))
    rights = content.get("rights") or {}
    return {
        "name_ko": product.get("name_ko") or product.get("name_en") or application.title,
        "name_en": product.get("name_en") or "",
        "models": list(product.get("models") or []),
        "detail_item_no": product.get("detail_item_no") or "",
        "item_ids": list(product.get("item_ids") or []),
        "price_krw": whole(product.get("price_krw")),
        "unit": product.get("unit") or "",
        "field_1": application.field_1,
        "field_2": application.field_2,
        "summary": (content.get("narrative") or {}).get("summary") or "",
        "language": application.language,
        "rnd": {
            name: rnd.get(name) or ""
            for name in (
                "ntis_project_no",
                "agency_no",
                "title",
                "ministry",
                "programme",
                "agency",
                "lead_institution",
                "started_on",
                "ended_on",
                "link_type",
            )
        },
        "ip": [{name: row.get(name) or "" for name in ("kind", "number", "title", "holder")} for row in rights.get("ip") or []],
        "certificates": [
            {name: row.get(name) or "" for name in ("kind", "number", "issuer", "valid_until")}
            for row in rights.get("certificates") or []
        ],
        "pilot_plan": {
            "min_units": whole(plan.get("min_units")) or 1,
            "max_units": whole(plan.get("max_units")),
            "unit_price_krw": whole(plan.get("unit_price_krw")) or whole(product.get("price_krw")) or 0,
            "kpis": [str(k) for k in plan.get("kpis") or []],
            "sites": plan.get("sites") or "",
            "support": plan.get("support") or "",
        },
    }


def whole(value: Any) -> int | None:
    """A draft keeps what was typed: only a whole number counts as one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
