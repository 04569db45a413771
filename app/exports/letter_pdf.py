"""The result letter on paper, in Korean or English: what its page shows, and what the applicant can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import i18n
from app.exports import fonts, press
from app.queries.result_letters import ResultLetter

WORDS: dict[str, dict[str, str]] = {
    "ko": {
        "title": "심사 결과 통지서",
        "issuer": "혁신제품 사전 전문가 심사",
        "designated": "혁신제품으로 지정",
        "rejected": "미지정",
        "number": "접수번호",
        "call": "공고",
        "product": "제품",
        "decided": "결정일",
        "total": "총점",
        "pass_mark": "합격 기준점",
        "bonus": "총점에 든 가점",
        "raw": "보정 전 평균",
        "sheets": "평가표",
        "average": "분야 평균",
        "reasons": "결정 이유",
        "rules": "기준 충족 여부",
        "criteria": "평가항목별 점수",
        "criterion": "평가항목",
        "mean": "평균",
        "most": "배점",
        "cut_line": "과락 기준",
        "met": "충족",
        "missed": "미달",
        "gate": "적부 항목",
        "yes": "적합",
        "no": "부적합",
        "opinion": "평가위원회 의견",
        "overall": "종합의견",
        "marks": "위원별 점수",
        "label": "표시",
        "drawn": "표시는 이 통지서에서만 무작위로 붙인 것이며, 위원을 나타내지 않습니다.",
        "comments": "위원 의견",
        "panel": "평가위원 명단",
        "apart": "가나다순이며 위의 표시와 순서가 다릅니다.",
        "remedy": "이의신청",
        "remedy_text": "이 결정에 이의가 있으면 %s까지 ‘나의 신청서류’에서 이의신청을 할 수 있습니다(행정기본법 제36조).",
        "remedy_then": "이의가 인정되면 이번에 참여하지 않은 위원이 다시 심사합니다.",
    },
    "en": {
        "title": "Result of the review",
        "issuer": "Innovative product precertification",
        "designated": "Designated as an innovative product",
        "rejected": "Not designated",
        "number": "Number",
        "call": "Call",
        "product": "Product",
        "decided": "Decided",
        "total": "Total",
        "pass_mark": "Pass mark",
        "bonus": "Bonus points in the total",
        "raw": "Mean before calibration",
        "sheets": "Score sheets",
        "average": "Average of the sub-field",
        "reasons": "Reasons of the decision",
        "rules": "Rules met or missed",
        "criteria": "Marks by criterion",
        "criterion": "Criterion",
        "mean": "Mean",
        "most": "Most",
        "cut_line": "Cut-line",
        "met": "met",
        "missed": "missed",
        "gate": "Gate",
        "yes": "Yes",
        "no": "No",
        "opinion": "Opinion of the panel",
        "overall": "Overall opinion",
        "marks": "Marks of each panellist",
        "label": "Label",
        "drawn": "The labels are drawn at random for this letter and do not identify anybody.",
        "comments": "Comments of the panellists",
        "panel": "The panel",
        "apart": "In alphabetical order; the labels above do not follow it.",
        "remedy": "Objection",
        "remedy_text": "If you do not agree you may object until %s, under “My dossiers” (Administrative Act, article 36).",
        "remedy_then": "If the objection is upheld, panellists who took no part judge again.",
    },
}


def build(letter: ResultLetter, language: str) -> bytes:
    """One PDF with the same parts as the page, by the disclosure rule of the call."""
    language = language if language in WORDS else i18n.DEFAULT
    with i18n.speaking(language):
        data = _data(letter, language)
    return press.printed("paper.typ", data, at=letter.decided_at)


def _data(row: ResultLetter, language: str) -> dict[str, Any]:
    w = WORDS[language]
    facts = [
        (w["number"], row.number),
        (w["call"], row.call[language]),
        (w["product"], row.title),
        (w["decided"], i18n.day(row.decided_at)),
    ]
    if row.has_marks:
        facts += [(w["total"], row.total), (w["pass_mark"], row.pass_mark), (w["raw"], row.raw_mean)]
        facts += [(w["bonus"], row.bonus)] if row.bonus else []
        facts += [(w["sheets"], str(row.n_sheets)), *([(w["average"], row.average)] if row.average else [])]
    return {
        "lang": language,
        "title": w["title"],
        "issuer": w["issuer"],
        "number": row.number,
        "subtitle": w["designated"] if row.outcome == "designated" else w["rejected"],
        "facts": [[label, fonts.printable(value)] for label, value in facts],
        "sections": _sections(row, language, w),
    }


def _sections(row: ResultLetter, language: str, w: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    if row.text.get(language):
        found.append(press.section(w["reasons"], press.text(row.text[language])))
    if row.reasons:
        rules = [i18n.gettext(f"result.{r['code']}") % r["data"] for r in row.reasons]
        found.append(press.section(w["rules"], press.items(rules)))
    if row.criteria:
        found.append(press.section(w["criteria"], *_criteria(row, language, w)))
    if row.opinion:
        said = []
        for topic, text in row.opinion:
            said.append(press.head(w["overall"] if topic == "overall" else _name(row.rubric.criterion(topic), language)))
            said.append(press.text(text))
        found.append(press.section(w["opinion"], *said))
    if row.marks:
        codes = row.rubric.criterion_codes
        lines = [(m.label, *(m.criteria.get(code, "") for code in codes), m.total) for m in row.marks]
        numbers = range(1, len(codes) + 2)
        marks = press.table((w["label"], *codes, w["total"]), lines, numbers=numbers)
        found.append(press.section(w["marks"], press.small(w["drawn"]), marks))
    if row.comments:
        found.append(press.section(w["comments"], *(press.text(f"{c.label}. {c.text}") for c in row.comments)))
    if row.panellists:
        found.append(press.section(w["panel"], press.text(", ".join(row.panellists)), press.small(w["apart"])))
    if row.object_until:
        remedy = press.text(w["remedy_text"] % i18n.until(row.object_until), w["remedy_then"])
        found.append(press.section(w["remedy"], remedy))
    return found


def _criteria(row: ResultLetter, language: str, w: Mapping[str, str]) -> list[dict[str, Any]]:
    def met(value: bool | None) -> str:
        return "–" if value is None else w["met"] if value else w["missed"]

    lines = [
        (_name(row.rubric.criterion(c["code"]), language), c["mean"], c["maximum"], c["cut_line"] or "–", met(c["met"]))
        for c in row.criteria
    ]
    blocks = [press.table((w["criterion"], w["mean"], w["most"], w["cut_line"], w["met"]), lines, numbers=(1, 2, 3))]
    if row.gates:
        gates = [(_name(row.rubric.gate(g["code"]), language), g["yes"], g["no"], met(g["met"])) for g in row.gates]
        blocks.append(press.table((w["gate"], w["yes"], w["no"], w["met"]), gates, numbers=(1, 2)))
    return blocks


def _name(named: Any, language: str) -> str:
    return f"{named.code} {named.ko if language == 'ko' else named.en}"
