"""The applications of the demonstration: 120 product ideas of invented companies, some with a trouble designed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Any

from app.demo import forms
from app.demo.experts import SEED, experts
from app.demo.institutions import Organisation, companies, universities
from app.demo.names import korean_name
from app.demo.narrative import PARTS, texts
from app.demo.quality import quality
from app.demo.troubles import NOTES, TROUBLES
from app.demo.vocabulary_file import SubField, Topic, sub_fields

CLOSING = date(2026, 3, 31)
SEVERAL = ("F18", 0)  # the company that applies with several products …
_ITS_FURTHER = {("F08", 1), ("F17", 2), ("F20", 1)}  # … and what else it applies with


def dossiers(
    seed: int = SEED, n: int = 120, *, closing: date = CLOSING, pool: Sequence[dict[str, Any]] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield `n` dossiers, D-0001 upwards; those with a designed trouble are kept first when `n` is small.

    `pool` are the experts whose names appear as investigators and persons with interest, by default the same seed's.
    """
    rng = Random(f"dossiers {seed}")
    pool = list(experts(seed)) if pool is None else pool
    ideas = [(field, i) for field in sub_fields() for i in range(len(field.products))]
    ideas.sort(key=lambda idea: (idea[0].code, idea[1]) not in TROUBLES)  # stable: troubles first, else by sub-field
    chosen = ideas[:n]
    rng.shuffle(chosen)
    for number, (field, i) in enumerate(chosen, 1):
        yield _dossier(number, field, i, closing, pool, rng)


def _applicant(code: str, i: int) -> Organisation:
    return companies(SEVERAL[0])[SEVERAL[1]] if (code, i) in _ITS_FURTHER else companies(code)[i]


def _dossier(number: int, field: SubField, i: int, closing: date, pool: Sequence[dict[str, Any]], rng: Random) -> dict[str, Any]:
    product, trouble, company = field.products[i], TROUBLES.get((field.code, i)), _applicant(field.code, i)
    language = "en" if rng.random() < 0.2 else "ko"
    investigator = _investigator(field.code, company, pool, rng)
    lab = next((u for u in universities() if u.registration_no == investigator["organisation_no"]), company)
    written = texts(product, company.region, lab, language, rng)
    rnd = forms.rnd_link(field, product, company, lab, investigator, closing, trouble, rng)
    second = field.related[0] if rng.random() < 0.7 else field.related[-1]
    return {
        "application_id": f"D-{number:04d}",
        "language": language,
        "title": str(product.name.ko) if language == "ko" else f"{product.name.en:c}",
        "title_ko": str(product.name.ko),
        "title_en": f"{product.name.en:c}",
        "summary": written["summary"],
        "narrative": {part: written[part] for part in PARTS.values()},
        "organisation": forms.applicant(company, trouble),
        "product": forms.product(field, product, number, trouble, language, rng),
        "rnd": rnd,
        "ip": forms.ip_rights(product, company, lab, investigator, closing, trouble, language, rng),
        "certificates": forms.certificates(product, closing, rng),
        "fields": [field.code, second],
        "keywords": _keywords(product.topic, language),
        "people_with_interest": _people(company, investigator, trouble, pool),
        "requested_exclusions": _exclusions(field, company, trouble, pool),
        "pilot_plan": forms.pilot_plan(field, product, language, rng),
        "ai": forms.ai_texts(product, language) if product.is_ai else {},
        "ai_annex": "" if not product.is_ai or trouble == "ai_annex_missing" else forms.ai_annex(product, language),
        "filed_hours_before_closing": _hours_before_closing(trouble, rng),
        "quality": quality(trouble, rng),
        "trouble": trouble,
        "trouble_note": {"ko": str(NOTES[trouble].ko), "en": str(NOTES[trouble].en)} if trouble else None,
    }


def _keywords(topic: Topic, language: str) -> list[str]:
    return [str(pair.of(language)) for pair in (topic.subject, *topic.methods)][:5]


def _hours_before_closing(trouble: str | None, rng: Random) -> float:
    """Most are filed in the last two days; the late file comes 24 minutes after closing."""
    return -0.4 if trouble == "late_file" else round(min(400.0, rng.expovariate(1 / 40)) + 0.2, 1)


def _investigator(code: str, company: Organisation, pool: Sequence[dict[str, Any]], rng: Random) -> dict[str, Any]:
    """Who led the R&D: an expert of the sub-field at a university, so that real conflicts arise, else an employee."""
    scholars = [e for e in pool if e["sector"] == "academia" and e["fields"][0]["code"] == code]
    if scholars:
        return rng.choice(scholars)
    name = korean_name(rng)
    return {"name": str(name.ko), "name_en": str(name.en), "organisation_no": company.registration_no}


def _crowd(company: Organisation, pool: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [e for e in pool if e["organisation_no"] == company.registration_no]


def _people(company: Organisation, investigator: dict[str, Any], trouble: str | None, pool: Sequence[dict[str, Any]]) -> list[str]:
    names = [investigator["name"]]
    if trouble == "applicant_conflict":
        adviser = next((e for e in pool if e["fields"][0]["code"] == "F09" and e["sector"] != "industry"), None)
        names += [e["name"] for e in _crowd(company, pool)[:1]] + ([adviser["name"]] if adviser else [])
    return list(dict.fromkeys(names))


def _exclusions(
    field: SubField, company: Organisation, trouble: str | None, pool: Sequence[dict[str, Any]]
) -> list[dict[str, str]]:
    if trouble != "requested_exclusion":
        return []
    rivals = [e for e in pool if e["fields"][0]["code"] == field.code and e["sector"] == "industry"]
    rival = next((e for e in rivals if e["organisation_no"] != company.registration_no), None)
    reason = "경쟁 제품을 개발하는 회사에 소속되어 공정한 평가를 기대하기 어렵습니다."
    return [{"name": rival["name"], "organisation": rival["organisation"], "reason": reason}] if rival else []
