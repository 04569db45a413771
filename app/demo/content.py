"""A generated dossier in the shapes the platform reads: the form's content, or a row for the import."""

from __future__ import annotations

from typing import Any

from app.demo.institutions import bodies_of

_UNITS = {"license": "licence", "set": "set"}  # the form knows fewer units of sale than the market: the rest are pieces
_IP = ("kind", "number", "title", "holder", "expires_on")
_CONTRACT = ("provider", "provider_kind", "contract_on")
_PRODUCT = (
    "name_ko", "name_en", "models", "detail_item_no", "item_ids", "price_krw", "trl", "is_ai", "ai_data", "is_software",
    "software_delivery", "is_lease", "partners", "partner_work",
)  # fmt: skip


def form_content(dossier: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`{section: {field: value}}` with the names of app.documents.form, complete enough to be submitted."""
    rnd = dossier["rnd"]
    return {
        "company": _company(dossier["organisation"]),
        "product": _product(dossier["product"]),
        "rnd": {
            name: rnd[name]
            for name in (
                "ntis_project_no", "agency_no", "title", "ministry", "programme", "agency", "lead_institution",
                "principal_investigator", "started_on", "ended_on", "result", "link_type", *_CONTRACT,
            )
            if name in rnd
        },
        "rights": {
            "ip": [
                {**{k: row[k] for k in _IP}, "inventors": ", ".join(row["inventors"])} for row in dossier["ip"]
            ],
            "dispute": any(row["dispute"] for row in dossier["ip"]),
            "certificates": dossier["certificates"],
        },
        "narrative": {"summary": dossier["summary"], **dossier["narrative"], **_ai_texts(dossier)},
        "classification": {
            "field_1": dossier["fields"][0], "field_2": dossier["fields"][1], "keywords": dossier["keywords"],
        },
        "people": {"interest": _interest(dossier), "exclusions": dossier["requested_exclusions"]},
        "pilot_plan": _pilot_plan(dossier),
    }  # fmt: skip


def import_row(dossier: dict[str, Any]) -> dict[str, Any]:
    """The dossier as one line of an import file (docs/import.md)."""
    return {
        "application_id": dossier["application_id"],
        "organisation": dossier["organisation"]["name_ko"],
        "organisation_no": dossier["organisation"]["business_no"],
        "title": dossier["title"],
        "summary": dossier["summary"],
        "agency": dossier["rnd"]["agency"],
        "year": int(dossier["rnd"]["ended_on"][:4]),
        "fields": dossier["fields"],
        "keywords": dossier["keywords"],
        "people": dossier["people_with_interest"],
        "language": dossier["language"],
        "content": form_content(dossier),
    }


def _company(organisation: dict[str, Any]) -> dict[str, Any]:
    barred = organisation["tax_arrears"] or organisation["debarred"] or organisation["rnd_barred"]
    return {
        "name": organisation["name_ko"],
        "business_no": organisation["business_no"],
        "corporate_no": organisation["corporate_no"],
        "size": organisation["size"],
        "active": "yes" if organisation["business_status"] == "01" else "no",
        "no_bar": "no" if barred else "yes",
        "representative": organisation["representative"],
        "address": organisation["address"],
        "contact_name": organisation["contact"]["name"],
        "contact_phone": organisation["contact"]["phone"],
    }


def _product(product: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: product[name] for name in _PRODUCT if name in product},
        "item_class_nos": [product["detail_item_no"][:8]],
        "unit": _UNITS.get(product["unit"], "ea"),
        "designated_before": "no",
    }


def _ai_texts(dossier: dict[str, Any]) -> dict[str, str]:
    return {name: dossier["ai"][name] for name in ("ai_reliability", "ai_suitability")} if dossier["product"]["is_ai"] else {}


def _interest(dossier: dict[str, Any]) -> list[dict[str, str]]:
    lead, *others = dossier["people_with_interest"]
    company = dossier["organisation"]
    return [
        {"name": lead, "organisation": dossier["rnd"]["lead_institution"], "role": "researcher"},
        {"name": company["representative"], "organisation": company["name_ko"], "role": "officer"},
        *({"name": name, "organisation": "", "role": "other"} for name in others),
    ]


def _pilot_plan(dossier: dict[str, Any]) -> dict[str, Any]:
    plan, language = dossier["pilot_plan"], dossier["language"]
    sites = [bodies_of(kind)[0].name.of(language) for kind in plan["target_institutions"]]
    return {
        "min_units": plan["min_units"],
        "max_units": plan["max_units"],
        "unit_price_krw": plan["unit_price_krw"],
        "sites": "\n".join(sites),
        "kpis": plan["kpis"],
        "support": plan["support"],
    }
