"""The eligibility rules: one small function each, pure over a dossier, the rules of its call and the closing date.

The applicant's self-check and the official check run the same functions. A rule answers `pass`, `fail` or `needs_person` with the
values it used, and None when it has nothing to judge. To add a rule: write the function, name it in RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.documents import dossier
from app.documents.form import SLOT
from app.workflow.rules import Rules


@dataclass(frozen=True)
class Case:
    """What a rule may look at. `other_filed` says whether the same company filed the same product in another application."""

    content: dossier.Content
    rules: Rules
    closing_on: date  # the closing day in Korea
    files: frozenset[str] = frozenset()  # slots that hold a file, one of blank pages only does not count
    same_product: tuple[str, ...] = ()  # numbers of other applications of this company for the same product
    self_check: bool = False
    dated: tuple[tuple[str, str], ...] = ()  # (slot, day) of each file that must say when it was issued; "" when it does not
    unread: frozenset[str] = frozenset()  # of the slots with files, those where a file is still to be read or could not be

    def value(self, place: str) -> Any:
        found = dossier.value(self.content, place)
        return None if dossier.empty(found) else found


@dataclass(frozen=True)
class Verdict:
    result: str  # pass, fail, needs_person
    inputs: Mapping[str, Any]


Judge = Callable[[Case], Verdict | None]


@dataclass(frozen=True)
class Rule:
    """`hard`: a fail bars the application; otherwise it warns. `asks`: the fields a self-check needs for it."""

    code: str
    ko: str
    en: str
    hard: bool
    judge: Judge
    remedy_ko: str
    remedy_en: str
    asks: tuple[str, ...] = ()

    @property
    def remedy(self) -> dict[str, str]:
        return {"ko": self.remedy_ko, "en": self.remedy_en}


@dataclass(frozen=True)
class Found:
    """A rule's verdict on one case."""

    rule: Rule
    result: str
    inputs: Mapping[str, Any]


def screen(case: Case) -> list[Found]:
    """Every rule the call has switched on, in order; a rule with nothing to judge leaves no finding."""
    found = ((rule, rule.judge(case)) for code, rule in RULES.items() if code in case.rules.eligibility_on)
    return [Found(rule, verdict.result, verdict.inputs) for rule, verdict in found if verdict is not None]


def _judged(holds: bool, **inputs: Any) -> Verdict:
    return Verdict("pass" if holds else "fail", inputs)


def _among(case: Case, place: str, allowed: tuple[str, ...]) -> Verdict:
    """The entered choice is one of those the call allows; nothing entered needs a person."""
    found = case.value(place)
    if found is None:
        return Verdict("needs_person", {"value": None, "allowed": list(allowed)})
    return _judged(found in allowed, value=found, allowed=list(allowed))


def company_size(case: Case) -> Verdict:
    return _among(case, "company.size", case.rules.company_sizes)


def ministry(case: Case) -> Verdict:
    return _among(case, "rnd.ministry", case.rules.rnd_ministries)


def project_result(case: Case) -> Verdict:
    return _among(case, "rnd.result", case.rules.rnd_results)


def project_window(case: Case) -> Verdict:
    """Closing 2026-03-31 and five years: an end on 2021-03-31 passes, a day earlier fails; by the year, 2021 to 2026 pass."""
    years = case.rules.window_years
    try:
        ended = date.fromisoformat(str(case.value("rnd.ended_on")))
    except ValueError:
        return Verdict("needs_person", {"ended_on": None, "years": years})
    inputs = {
        "ended_on": ended.isoformat(),
        "closing_on": case.closing_on.isoformat(),
        "years": years,
        "reference": case.rules.window_reference,
    }
    if case.rules.window_reference == "end_year":
        return _judged(case.closing_on.year - years <= ended.year <= case.closing_on.year, **inputs)
    earliest = years_before(case.closing_on, years)
    return _judged(earliest <= ended <= case.closing_on, earliest=earliest.isoformat(), **inputs)


def link(case: Case) -> Verdict:
    """A non-exclusive licence counts only from a public institution, which a person must see; so it never passes by itself."""
    found = case.value("rnd.link_type")
    if found == "licence" and "licence" in case.rules.links:
        return Verdict("needs_person", {"value": found, "allowed": list(case.rules.links)})
    return _among(case, "rnd.link_type", case.rules.links)


def readiness(case: Case) -> Verdict:
    level = case.value("product.trl")
    if not isinstance(level, int):
        return Verdict("needs_person", {"trl": None, "least": case.rules.trl_min})
    return _judged(level >= case.rules.trl_min, trl=level, least=case.rules.trl_min)


def not_designated(case: Case) -> Verdict:
    return _declared(case, "product.designated_before", "no")


def one_per_product(case: Case) -> Verdict:
    return _judged(not case.same_product, others=list(case.same_product))


def business_active(case: Case) -> Verdict:
    return _declared(case, "company.active", "yes")


def no_bar(case: Case) -> Verdict:
    return _declared(case, "company.no_bar", "yes")


def ip_in_force(case: Case) -> Verdict | None:
    """Every right named with an end date holds on the closing day; a dispute is for a person to judge."""
    rows = case.value("rights.ip") or []
    if not rows:
        return None
    expired = [row.get("number", "") for row in rows if row.get("expires_on") and row["expires_on"] < case.closing_on.isoformat()]
    if expired:
        return _judged(False, expired=expired)
    disputed = bool(case.value("rights.dispute"))
    return Verdict("needs_person" if disputed else "pass", {"expired": [], "dispute": disputed, "n": len(rows)})


def certificates(case: Case) -> Verdict:
    """Which certificates a product needs depends on its class: without any named, a person decides."""
    rows = case.value("rights.certificates") or []
    lapsed = [row.get("number", "") for row in rows if row.get("valid_until") and row["valid_until"] < case.closing_on.isoformat()]
    if lapsed:
        return _judged(False, lapsed=lapsed)
    return Verdict("pass" if rows else "needs_person", {"n": len(rows), "lapsed": []})


def partners(case: Case) -> Verdict:
    n = len(case.value("product.partners") or [])
    return _judged(n <= case.rules.partner_max, n=n, most=case.rules.partner_max)


def domestic_parts(case: Case) -> Verdict:
    """The share stands in the statement (D12); a person reads it."""
    return Verdict("needs_person" if "D12" in case.files else "fail", {"slot": "D12", "filed": "D12" in case.files})


def catalogue_number(case: Case) -> Verdict:
    n = len(case.value("product.item_ids") or [])
    return _judged(n > 0, n=n)


def complete(case: Case) -> Verdict | None:
    """Required fields and the slots this call demands are filled; a blank page counts as not submitted, and what nobody
    could read is for a person to look at."""
    if case.self_check:
        return None
    slots = dossier.demanded(case.rules.extra, case.content)
    lacking = sorted({p.place for p in dossier.missing(case.content, case.files, slots)})
    unread = sorted(case.unread & set(slots))
    if unread and not lacking:
        return Verdict("needs_person", {"missing": [], "unread": unread})
    return _judged(not lacking, missing=lacking)


def evidence_dated(case: Case) -> Verdict | None:
    """Certificates and dated files were issued on or before closing; a file without its day, or unread, needs a person."""
    rows, closing = case.value("rights.certificates") or [], case.closing_on.isoformat()
    late = [row.get("number", "") for row in rows if row.get("issued_on") and row["issued_on"] > closing]
    late += [slot for slot, day in case.dated if day > closing]
    undated = sorted({slot for slot, day in case.dated if not day})
    if undated and not late:
        return Verdict("needs_person", {"undated": undated, "closing_on": closing})
    unread = sorted(code for code in case.unread if SLOT[code].dated)
    if unread and not late:
        return Verdict("needs_person", {"unread": unread, "closing_on": closing})
    return _judged(not late, late=late, closing_on=closing) if rows or case.dated else None


def ai_annex(case: Case) -> Verdict | None:
    if not case.value("product.is_ai") or case.self_check:
        return None
    return _judged("D16" in case.files, slot="D16", filed="D16" in case.files)


def false_document(_case: Case) -> None:
    """Found by a person only: the screening leaves no finding."""


def years_before(day: date, years: int) -> date:
    """The same day so many years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _declared(case: Case, place: str, wanted: str) -> Verdict:
    found = case.value(place)
    return Verdict("needs_person", {"value": None}) if found is None else _judged(found == wanted, value=found)


_TABLE: tuple[Rule, ...] = (
    Rule(
        "E01",
        "기업 규모",
        "Company size",
        True,
        company_size,
        "이 공고가 정한 규모의 기업만 신청할 수 있습니다. 확인서를 다시 확인해 주십시오.",
        "Only companies of the sizes this call names may apply. Check your size confirmation.",
        ("company.size",),
    ),
    Rule(
        "E02",
        "과제 부처",
        "Ministry of the R&D project",
        True,
        ministry,
        "이 공고가 인정하는 부처의 과제가 있어야 합니다. 다른 부처의 지정 공고를 확인해 주십시오.",
        "A project of the ministries this call names is needed. Look at the call of that other ministry.",
        ("rnd.ministry",),
    ),
    Rule(
        "E03",
        "과제 결과",
        "Result of the project",
        True,
        project_result,
        "최종평가를 성공으로 마친 뒤 신청할 수 있습니다.",
        "Apply once the project has ended with a successful final evaluation.",
        ("rnd.result",),
    ),
    Rule(
        "E04",
        "과제 종료 시기",
        "When the project ended",
        True,
        project_window,
        "인정 기간 안에 끝난 과제를 적어 주십시오. 후속 과제가 있으면 그 과제로 신청할 수 있습니다.",
        "Name a project that ended within the window; a follow-up project may serve.",
        ("rnd.ended_on",),
    ),
    Rule(
        "E05",
        "과제와 제품의 관계",
        "Link between project and product",
        True,
        link,
        "직접 수행했거나 계약으로 기술을 이전받아야 합니다.",
        "The applicant carried the project out, or took the technology over by contract.",
        ("rnd.link_type",),
    ),
    Rule(
        "E06",
        "기술성숙도",
        "Technology readiness",
        False,
        readiness,
        "신청은 할 수 있지만 완성 수준을 평가에서 확인합니다.",
        "You may apply; the panel will look at how mature the product is.",
        ("product.trl",),
    ),
    Rule(
        "E07",
        "기존 지정 여부",
        "Not designated before",
        True,
        not_designated,
        "이미 지정된 제품은 규격추가나 연장으로 신청해 주십시오.",
        "For a designated product ask for a specification addition or an extension.",
        ("product.designated_before",),
    ),
    Rule(
        "E09",
        "제품당 신청 한 건",
        "One application per product",
        True,
        one_per_product,
        "같은 제품의 다른 신청을 철회해 주십시오.",
        "Withdraw the other application for the same product.",
    ),
    Rule(
        "E10",
        "사업 계속 여부",
        "Business is active",
        True,
        business_active,
        "휴업·폐업 상태를 해소한 뒤 신청해 주십시오.",
        "Apply once the business is active again.",
        ("company.active",),
    ),
    Rule(
        "E11",
        "체납·제재 없음",
        "No arrears or bar",
        True,
        no_bar,
        "체납이나 제재가 끝난 뒤 신청해 주십시오.",
        "Apply once arrears are paid and any bar has ended.",
        ("company.no_bar",),
    ),
    Rule(
        "E12",
        "지식재산 유효",
        "IP in force",
        True,
        ip_in_force,
        "유효한 권리를 적거나, 분쟁의 경위를 설명해 주십시오.",
        "Name rights that are in force, or explain the dispute.",
    ),
    Rule(
        "E13",
        "법정인증",
        "Statutory certificates",
        True,
        certificates,
        "유효한 인증을 적거나, 인증 대상이 아님을 설명해 주십시오.",
        "Name valid certificates, or explain why none is needed.",
    ),
    Rule(
        "E14",
        "협력 생산업체 수",
        "Partner manufacturers",
        True,
        partners,
        "협력 생산업체를 공고가 정한 수까지 줄여 주십시오.",
        "Reduce the partner manufacturers to the number this call allows.",
    ),
    Rule(
        "E15",
        "국내산 부품비율",
        "Domestic parts",
        True,
        domestic_parts,
        "국내산 부품비율 명세(D12)를 내 주십시오.",
        "File the domestic-parts statement (D12).",
    ),
    Rule(
        "E16",
        "물품식별번호",
        "Catalogue number",
        False,
        catalogue_number,
        "지정 전까지 번호를 받으면 됩니다.",
        "The number may follow until designation.",
    ),
    Rule(
        "E17",
        "필수 항목과 서류",
        "Required fields and files",
        True,
        complete,
        "비어 있는 항목과 서류를 보완해 주십시오.",
        "Fill in the fields and files that are missing.",
    ),
    Rule(
        "E18",
        "증빙 발급일",
        "Evidence dated by closing",
        True,
        evidence_dated,
        "마감일까지 발급된 증빙만 인정합니다.",
        "Only evidence issued by the closing day counts.",
    ),
    Rule("E19", "AI 부속서", "AI annex", True, ai_annex, "AI 제품 부속서(D16)를 내 주십시오.", "File the AI annex (D16)."),
    Rule(
        "E20",
        "허위 서류",
        "False document",
        True,
        false_document,
        "담당자가 확인합니다.",
        "A coordinator looks into it.",
    ),
)
RULES: dict[str, Rule] = {rule.code: rule for rule in _TABLE}
