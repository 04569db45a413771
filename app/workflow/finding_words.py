"""What a rule of the eligibility check found, as one sentence with the value it used: for self-check, queue and letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.documents import dossier
from app.documents.form import LINKS, MINISTRIES, RESULTS, SIZES, Choice

Pair = dict[str, str]
Inputs = Mapping[str, Any]


def said(rule: str, result: str, inputs: Inputs) -> Pair:
    """The sentence of one finding; the result itself stands beside it as a word of its own."""
    words = _WORDS.get(rule)
    return words(result, inputs) if words else _pair("담당자가 확인합니다.", "A coordinator looks into it.")


def _pair(ko: str, en: str) -> Pair:
    return {"ko": ko, "en": en}


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(str(v) for v in values if v) or "–"


def _among(choices: Sequence[Choice]) -> Callable[[str, Inputs], Pair]:
    names = {c.key: c for c in choices}

    def words(_result: str, i: Inputs) -> Pair:
        allowed = [names[key] for key in i.get("allowed", ()) if key in names]
        ko, en = ", ".join(c.ko for c in allowed), ", ".join(c.en for c in allowed)
        found = names.get(str(i.get("value")))
        if found is None:
            return _pair(f"입력되지 않음. 인정: {ko}", f"Not entered. Accepted: {en}")
        return _pair(f"{found.ko}. 인정: {ko}", f"{found.en}. Accepted: {en}")

    return words


def _declared(yes: Pair, no: Pair) -> Callable[[str, Inputs], Pair]:
    none = _pair("입력되지 않음", "Not entered")
    return lambda _result, i: {"yes": yes, "no": no}.get(str(i.get("value")), none)


def _window(_result: str, i: Inputs) -> Pair:
    if not i.get("ended_on"):
        return _pair("과제 종료일이 입력되지 않음", "The end of the project is not entered")
    if i.get("reference") == "end_year":
        return _pair(
            f"과제 종료 {i['ended_on']}, 마감 연도를 기준으로 {i['years']}년 이내여야 함",
            f"Ended {i['ended_on']}; within {i['years']} years, counted by the year of closing",
        )
    return _pair(
        f"과제 종료 {i['ended_on']}, {i.get('earliest', '')}~{i['closing_on']}에 끝나야 함",
        f"Ended {i['ended_on']}; must lie between {i.get('earliest', '')} and {i['closing_on']}",
    )


def _readiness(_result: str, i: Inputs) -> Pair:
    level = i.get("trl")
    if level is None:
        return _pair(f"TRL이 입력되지 않음. {i['least']} 이상", f"TRL not entered; at least {i['least']}")
    return _pair(f"TRL {level}, 기준 {i['least']} 이상", f"TRL {level}; at least {i['least']}")


def _one_per_product(_result: str, i: Inputs) -> Pair:
    if not i.get("others"):
        return _pair("같은 제품의 다른 신청 없음", "No other application for the same product")
    return _pair(
        f"같은 제품의 다른 신청: {_listed(i['others'])}", f"Other applications for the same product: {_listed(i['others'])}"
    )


def _ip(_result: str, i: Inputs) -> Pair:
    if i.get("expired"):
        return _pair(f"마감일 전에 만료: {_listed(i['expired'])}", f"Expired before closing: {_listed(i['expired'])}")
    if i.get("dispute"):
        return _pair(f"권리 {i.get('n', 0)}건, 분쟁 중이라고 적음", f"{i.get('n', 0)} rights, a dispute is declared")
    return _pair(f"권리 {i.get('n', 0)}건 모두 유효", f"{i.get('n', 0)} rights, all in force")


def _certificates(_result: str, i: Inputs) -> Pair:
    if i.get("lapsed"):
        return _pair(f"유효기간이 지남: {_listed(i['lapsed'])}", f"No longer valid: {_listed(i['lapsed'])}")
    if not i.get("n"):
        return _pair("적힌 인증 없음. 인증 대상인지 확인 필요", "None named; whether one is needed is to be seen")
    return _pair(f"인증 {i['n']}건 모두 유효", f"{i['n']} certificates, all valid")


def _partners(_result: str, i: Inputs) -> Pair:
    return _pair(f"{i.get('n', 0)}곳, {i.get('most', 0)}곳까지", f"{i.get('n', 0)}; at most {i.get('most', 0)}")


def _slot(_result: str, i: Inputs) -> Pair:
    name = dossier.label(str(i["slot"]))
    return (
        _pair(f"{name['ko']} 제출됨", f"{name['en']} filed")
        if i.get("filed")
        else _pair(f"{name['ko']} 없음", f"{name['en']} is missing")
    )


def _catalogue(_result: str, i: Inputs) -> Pair:
    n = i.get("n", 0)
    return (
        _pair(f"{n}개 적음", f"{n} named")
        if n
        else _pair("아직 없음. 지정 전까지 낼 수 있음", "None yet; may follow until designation")
    )


def _complete(_result: str, i: Inputs) -> Pair:
    if i.get("unread"):
        return _unread(i["unread"])
    if not i.get("missing"):
        return _pair("빠진 것 없음", "Nothing is missing")
    names = [dossier.label(place) for place in i["missing"]]
    return _pair("빠짐: " + ", ".join(n["ko"] for n in names), "Missing: " + ", ".join(n["en"] for n in names))


def _unread(slots: Sequence[str]) -> Pair:
    names = [dossier.label(code) for code in slots]
    return _pair(
        "내용을 읽지 못해 사람이 확인해야 함: " + ", ".join(n["ko"] for n in names),
        "Could not be read, a person has to look: " + ", ".join(n["en"] for n in names),
    )


def _dated(_result: str, i: Inputs) -> Pair:
    if i.get("unread"):
        return _unread(i["unread"])
    if i.get("undated"):
        slots, closing = ", ".join(i["undated"]), i["closing_on"]
        return _pair(f"발급일을 적지 않은 서류: {slots} (마감일 {closing})", f"No issue date given: {slots} (closing {closing})")
    if not i.get("late"):
        return _pair(f"모두 마감일({i['closing_on']})까지 발급됨", f"All issued by closing ({i['closing_on']})")
    return _pair(
        f"마감일({i['closing_on']}) 뒤에 발급: {_listed(i['late'])}",
        f"Issued after closing ({i['closing_on']}): {_listed(i['late'])}",
    )


_WORDS: dict[str, Callable[[str, Inputs], Pair]] = {
    "E01": _among(SIZES),
    "E02": _among(MINISTRIES),
    "E03": _among(RESULTS),
    "E04": _window,
    "E05": _among(LINKS),
    "E06": _readiness,
    "E07": _declared(
        _pair("이미 지정되었다고 적음", "Declared as designated before"),
        _pair("지정된 적 없다고 적음", "Declared as not designated"),
    ),
    "E09": _one_per_product,
    "E10": _declared(
        _pair("사업을 계속한다고 적음", "Declared as active"), _pair("휴업·폐업이라고 적음", "Declared as suspended or closed")
    ),
    "E11": _declared(
        _pair("체납·제재가 없다고 적음", "Declared: no arrears, no bar"),
        _pair("체납·제재가 있다고 적음", "Declared: arrears or a bar"),
    ),
    "E12": _ip,
    "E13": _certificates,
    "E14": _partners,
    "E15": _slot,
    "E16": _catalogue,
    "E17": _complete,
    "E18": _dated,
    "E19": _slot,
}
