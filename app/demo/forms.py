"""The structured parts of a dossier: company, product, R&D link, rights, certificates, pilot-use plan."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from app.demo.institutions import Organisation, companies
from app.demo.names import korean_name
from app.demo.numbers import corporate_no
from app.demo.vocabulary_file import Product, SubField, phrases

_THEMES = (
    dict.fromkeys(("F05", "F06", "F19", "F20"), "citizen")
    | dict.fromkeys(("F13", "F14", "F15", "F17"), "social")
    | dict.fromkeys(("F21", "F22", "F23", "F24"), "overseas")
)
_PROGRAMMES = (
    ("공공수요 연계 기술사업화", "Public-demand technology transfer"),
    ("개인기초연구", "Individual basic research"),
    ("원천기술개발", "Core technology development"),
    ("현장문제 해결형 연구개발", "R&D for problems on the ground"),
)


def applicant(company: Organisation, trouble: str | None) -> dict[str, Any]:
    rng = Random(f"company {company.registration_no}")  # the same company is the same in all its dossiers
    head, contact = korean_name(rng), korean_name(rng)
    return {
        "name_ko": str(company.name.ko),
        "name_en": str(company.name.en),
        "business_no": company.registration_no,
        "corporate_no": corporate_no(rng),
        "size": "sme",
        "region": company.region,
        "address": f"{company.region} 가상로 {rng.randint(1, 300)}",
        "representative": str(head.ko),
        "representative_en": str(head.en),
        "contact": {
            "name": str(contact.ko),
            "name_en": str(contact.en),
            "mail": f"c{company.registration_no[:6]}@firms.example",
            "phone": f"070-0000-{rng.randint(1000, 9999)}",
        },
        "business_status": "01",
        "tax_arrears": trouble == "tax_arrears",
        "debarred": False,
        "rnd_barred": False,
    }


def product(field: SubField, product: Product, number: int, trouble: str | None, language: str, rng: Random) -> dict[str, Any]:
    model = f"{field.code[1:]}{chr(64 + rng.randint(1, 26))}-{100 + number}"
    partners = 4 if trouble == "too_many_partners" else rng.choice((0, 0, 1, 2))
    return {
        "name_ko": str(product.name.ko),
        "name_en": f"{product.name.en:c}",
        "models": [model, *([f"{model}S"] if rng.random() < 0.4 else [])],
        "detail_item_no": f"{field.item_class}{rng.randint(1, 20):02d}",
        "item_ids": [f"2{rng.randint(0, 9999999):07d}"] if rng.random() < 0.6 else [],
        "price_krw": product.price_krw,
        "unit": product.unit,
        "trl": 6 if trouble == "low_trl" else rng.choice((7, 8, 8, 9)),
        "is_ai": product.is_ai,
        **({"ai_data": ai_texts(product, language)["ai_data"]} if product.is_ai else {}),
        "is_software": product.is_software,
        **({"software_delivery": "installed"} if product.is_software else {}),
        "is_lease": False,
        "partners": [str(c.name.ko) for c in companies(field.code)[-partners:]] if partners else [],
        **({"partner_work": str(phrases("dossiers")[language]["partner_work"])} if partners else {}),
    }


def rnd_link(
    field: SubField,
    product: Product,
    company: Organisation,
    lab: Organisation,
    investigator: dict[str, Any],
    closing: date,
    trouble: str | None,
    rng: Random,
) -> dict[str, Any]:
    ended = closing - timedelta(days=rng.randint(60, 1700))
    if trouble == "rnd_ended_early":
        ended = closing.replace(year=closing.year - 5) - timedelta(days=1)
    programme = rng.choice(_PROGRAMMES)
    return {
        "ntis_project_no": f"17{rng.randint(0, 99999999):08d}",
        "agency_no": f"RS-{ended.year - 3}-{rng.randint(0, 99999999):08d}",
        "ministry": "MSIT",
        "programme": programme[0],
        "programme_en": programme[1],
        "agency": "가상연구관리재단",
        "title": f"{product.topic.methods[0].ko} 기반 {product.topic.subject.ko} 기술 개발",
        "lead_institution": str(lab.name.ko),
        "lead_institution_no": lab.registration_no,
        "principal_investigator": investigator["name"],
        "started_on": (ended - timedelta(days=365 * rng.choice((2, 3, 4)) - 1)).isoformat(),
        "ended_on": ended.isoformat(),
        "result": "success",
        "link_type": "own" if lab is company else "transfer",
        **({} if lab is company else _contract(lab, ended)),
    }


def _contract(lab: Organisation, ended: date) -> dict[str, str]:
    """The technology is handed over four weeks after the project ended."""
    return {"provider": str(lab.name.ko), "provider_kind": "university", "contract_on": (ended + timedelta(days=28)).isoformat()}


def ip_rights(
    product: Product,
    company: Organisation,
    lab: Organisation,
    investigator: dict[str, Any],
    closing: date,
    trouble: str | None,
    language: str,
    rng: Random,
) -> list[dict[str, Any]]:
    subject, methods = product.topic.subject, product.topic.methods
    rows = []
    for i, holder in enumerate((company, lab)[: rng.choice((1, 2, 2))]):
        name = methods[i]
        rows.append(
            {
                "kind": "patent",
                "number": f"10-9{rng.randint(0, 999999):06d}",  # a range the office has not reached
                "title": f"{name.ko:을} 이용한 {subject.ko} 장치"
                if language == "ko"
                else f"Apparatus for {subject.en} using {name.en}",
                "holder": str(holder.name.ko),
                "inventors": [investigator["name"]],
                "expires_on": (closing + timedelta(days=rng.randint(2500, 6500))).isoformat(),
                "dispute": trouble == "patent_dispute" and i == 0,
            }
        )
    return rows


def certificates(product: Product, closing: date, rng: Random) -> list[dict[str, Any]]:
    kinds = ["GS"] if product.is_software else ["KC"]
    kinds += ["test_report"]
    rows = []
    for kind in kinds:
        issued = closing - timedelta(days=rng.randint(40, 600))
        rows.append(
            {
                "kind": kind,
                "number": f"{kind[:2].upper()}-{issued.year}-{rng.randint(1000, 9999)}",
                "issuer": "가상시험인증원",
                "issued_on": issued.isoformat(),
                "valid_until": (issued + timedelta(days=1095)).isoformat(),
            }
        )
    return rows


def pilot_plan(field: SubField, product: Product, language: str, rng: Random) -> dict[str, Any]:
    say = phrases("dossiers")[language]
    least = max(1, min(200, 20_000_000 // product.price_krw))
    targets = [
        f"{gain.name.of(language)} {rng.randint(10, 30)} % {say['up' if gain.up else 'down']}" for gain in product.topic.gains
    ]
    return {
        "theme": _THEMES.get(field.code, "tech_lead"),
        "unit_price_krw": product.price_krw,
        "min_units": least,
        "max_units": least * 5,
        "support": say["support"],
        "kpis": [*targets, say["satisfaction"]],
        "target_institutions": list(product.buyers),
    }


def ai_annex(product: Product, language: str) -> str:
    return str(phrases("dossiers")[language]["ai_annex"]).format(**_ai_words(product, language))


def ai_texts(product: Product, language: str) -> dict[str, str]:
    """What the form asks of an AI product: its data, its reliability, why this model."""
    words, said = _ai_words(product, language), phrases("dossiers")[language]
    return {name: str(said[name]).format(**words) for name in ("ai_data", "ai_reliability", "ai_suitability")}


def _ai_words(product: Product, language: str) -> dict[str, Any]:
    return {"m": product.topic.methods[0].of(language), "o": product.topic.objects[0].of(language)}
