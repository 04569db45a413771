"""An invented application as what its company would type into the form and put into the file slots."""

from __future__ import annotations

import io
from typing import Any

_UNITS = {"set": "set", "system": "system", "license": "licence", "licence": "licence"}
_IP = {"patent", "utility", "design", "software"}
_RND = ("ntis_project_no", "agency_no", "title", "ministry", "programme", "agency", "lead_institution", "principal_investigator",
        "started_on", "ended_on", "result", "link_type")


def content(d: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`{section: {field: value}}` with the names of app.documents.form."""
    organisation, product, plan = d["organisation"], d["product"], d["pilot_plan"]
    barred = organisation["tax_arrears"] or organisation["debarred"] or organisation["rnd_barred"]
    return {
        "company": {
            "name": organisation["name_ko"], "business_no": organisation["business_no"], "corporate_no": organisation["corporate_no"],
            "size": organisation["size"], "active": "yes" if organisation["business_status"] == "01" else "no",
            "no_bar": "no" if barred else "yes", "representative": organisation["representative"],
            "address": organisation["address"], "contact_name": organisation["contact"]["name"],
            "contact_phone": organisation["contact"]["phone"],
        },
        "product": {
            "name_ko": product["name_ko"], "name_en": product["name_en"], "models": product["models"],
            "detail_item_no": product["detail_item_no"], "item_ids": product["item_ids"], "price_krw": product["price_krw"],
            "unit": _UNITS.get(product["unit"], "ea"), "trl": product["trl"], "is_ai": product["is_ai"], "designated_before": "no",
            "partners": [p["name"] if isinstance(p, dict) else str(p) for p in product["partners"]],
        },
        "rnd": {name: d["rnd"][name] for name in _RND},
        "rights": {
            "ip": [{"kind": r["kind"] if r["kind"] in _IP else "patent", "number": r["number"], "title": r["title"],
                    "holder": r["holder"], "expires_on": r["expires_on"]} for r in d["ip"]],
            "dispute": any(r["dispute"] for r in d["ip"]),
            "certificates": [{n: c[n] for n in ("kind", "number", "issuer", "issued_on", "valid_until")} for c in d["certificates"]],
        },
        "narrative": {"summary": d["summary"], **d["narrative"]},
        "classification": {"field_1": d["fields"][0], "field_2": (d["fields"] + [""])[1], "keywords": d["keywords"][:5]},
        "people": {
            "interest": [{"name": name, "organisation": d["rnd"]["lead_institution"], "role": "researcher"}
                         for name in d["people_with_interest"]],
            "exclusions": [{"name": x["name"], "organisation": x.get("organisation", ""), "reason": x["reason"]}
                           for x in d["requested_exclusions"]],
        },
        "pilot_plan": {name: plan[name] for name in ("min_units", "max_units", "unit_price_krw", "kpis", "support")},
    }


def document(slot: str, number: str) -> io.BytesIO:
    """A one-page PDF that says what it stands for: a real file, with nothing else in it to read."""
    line = f"Fictitious document {slot} of application {number}, made for a demonstration."
    drawing = f"BT /F1 14 Tf 60 760 Td ({line}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for n, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (n, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    out.seek(0)
    return out
