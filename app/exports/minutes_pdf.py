"""The minutes of a deliberation on paper, in Korean or English, from what was kept when the chair concluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app import i18n
from app.exports import fonts, press
from app.queries.minutes import Printed
from app.workflow import grounds, inspections
from app.workflow.deliberations import topics
from app.workflow.facts import FACTS
from app.workflow.states import state

Block = Mapping[str, Any]
WORDS: dict[str, dict[str, str]] = {
    "ko": {
        "title": "종합심사 회의록",
        "issuer": "혁신제품 사전 전문가 심사",
        "call": "공고",
        "round": "평가회차",
        "panel": "평가위원회",
        "dossier": "신청서류",
        "concluded": "종결",
        "outcome": "심사 결과",
        "run": "점수 산출",
        "run_no": "제%s차",
        "members": "출석",
        "alias": "위원",
        "duty": "역할",
        "attendance": "출석 여부",
        "answer": "합의문 의견",
        "names": "출석위원(가나다순)",
        "sittings": "심의 시간",
        "step_outs": "이해충돌에 따른 퇴장",
        "waivers": "이해충돌 면제",
        "out_at": "퇴장",
        "back_at": "복귀",
        "ground": "사유",
        "to_end": "종결 시까지",
        "none": "없음",
        "marks": "점수",
        "total": "총점",
        "mean": "평균",
        "cut_line": "과락 기준",
        "first": "제출 점수",
        "revised": "심의 중 수정",
        "alarm": "평균과의 차이",
        "outside": "%(low)s~%(high)s 밖",
        "rules": "기준에 따른 결과",
        "text": "합의문",
        "objections": "이견",
        "votes": "표결",
        "vote": "제%s호",
        "for": "찬성",
        "against": "반대",
        "abstain": "기권",
        "closed": "표결 종료",
        "inspections": "면접·현장확인",
        "interview": "면접",
        "site_check": "현장확인",
        "signed": "기업 확인자",
        "check": "확인 방법",
        "digest": "회의록 내용의 SHA-256",
        "digest_why": "위원장이 종결할 때 보관한 내용의 값으로, 같은 값이 감사 기록에 있습니다. 문서는 그 내용으로 만들었습니다.",
        "page_value": "공표 점수",
        "raw": "원점수 평균",
        "calibrated": "보정 점수",
        "pass_mark": "합격 기준점",
        "profile": "평가항목별 평균(세로선은 과락 기준)",
        "lottery": "경계 구간 추첨 제%s호: %s번째(%s건 중)",
        "bonus": "총점에 든 가점 %s점: %s",
        "exempt": "과락 기준을 적용하지 않은 항목: %s",
        "own_mark": "이 신청서류에 적용한 합격 기준점: %s(공고의 일반 기준점 %s)",
        "certainty": "결과의 신뢰도",
        "photo": "촬영 %s(카메라 시각)",
        "copy_why": "이해충돌로 참여하지 않는 다른 신청서류의 평가표를 빼고 산출한 위원용 사본의 값입니다. "
        "원본의 값은 감사 기록에 있습니다.",
        "overall": "종합의견",
        "alarms": "평균과 차이가 큰 점수에 관한 논의",
        "author": "작성 %s",
        "chair": "위원장",
        "rapporteur": "간사위원",
        "member": "위원",
        "present": "출석",
        "absent": "결석",
        "stepped_out": "퇴장",
        "left": "사임",
        "approves": "찬성",
        "objects": "이견",
        "unanswered": "–",
        "yes": "예",
        "no": "아니요",
        "not_applicable": "해당 없음",
        "fit": "적합",
        "supplement": "보완",
        "unfit": "부적합",
    },
    "en": {
        "title": "Minutes of the panel deliberation",
        "issuer": "Innovative product precertification",
        "call": "Call",
        "round": "Round",
        "panel": "Panel",
        "dossier": "Dossier",
        "concluded": "Concluded",
        "outcome": "Outcome",
        "run": "Computation",
        "run_no": "No. %s",
        "members": "Attendance",
        "alias": "Member",
        "duty": "Duty",
        "attendance": "Attendance",
        "answer": "Answer to the text",
        "names": "Present, in alphabetical order",
        "sittings": "Before the panel",
        "step_outs": "Stepped out for a conflict of interest",
        "waivers": "Conflicts waived",
        "out_at": "Out",
        "back_at": "Back",
        "ground": "Ground",
        "to_end": "to the end",
        "none": "None",
        "marks": "Marks",
        "total": "Total",
        "mean": "Mean",
        "cut_line": "Cut-line",
        "first": "As submitted",
        "revised": "Revised in deliberation",
        "alarm": "Far from the mean",
        "outside": "outside %(low)s to %(high)s",
        "rules": "By the rules of the call",
        "text": "Consensus",
        "objections": "Objections",
        "votes": "Votes",
        "vote": "Vote %s",
        "for": "For",
        "against": "Against",
        "abstain": "Abstention",
        "closed": "closed",
        "inspections": "Interview and site check",
        "interview": "Interview",
        "site_check": "Site check",
        "signed": "Signed for the company",
        "check": "How to check",
        "digest": "SHA-256 of the minutes' content",
        "digest_why": "Of what was kept when the chair concluded; the journal holds the same value. This paper is made from it.",
        "page_value": "Published value",
        "raw": "Raw mean",
        "calibrated": "Calibrated",
        "pass_mark": "Pass mark",
        "profile": "Mean of each criterion; the upright line is its cut-line",
        "lottery": "Borderline lottery %s: place %s of %s",
        "bonus": "Bonus points in the total, %s: %s",
        "exempt": "Cut-lines that do not apply: %s",
        "own_mark": "Pass mark of this dossier: %s (the call's general one is %s)",
        "certainty": "How sure the results are",
        "photo": "taken %s by the camera's clock",
        "copy_why": "Of this member's copy, computed without another dossier from which a conflict of interest keeps them. "
        "The journal holds the value of the original.",
        "overall": "Overall opinion",
        "alarms": "On marks far from the mean",
        "author": "written by %s",
        "chair": "Chair",
        "rapporteur": "Rapporteur",
        "member": "Member",
        "present": "present",
        "absent": "absent",
        "stepped_out": "stepped out",
        "left": "left the panel",
        "approves": "approves",
        "objects": "objects",
        "unanswered": "–",
        "yes": "yes",
        "no": "no",
        "not_applicable": "not applicable",
        "fit": "fit",
        "supplement": "to be supplemented",
        "unfit": "unfit",
    },
}


def build(found: Printed, language: str, pictures: Sequence[Block] = (), photographs: Mapping[str, bytes] | None = None) -> bytes:
    """One PDF. Names stand in the office's copy only, apart from the aliases.

    `pictures`: blocks drawn from what was kept; `photographs`: the small ones by digest.
    """
    language = language if language in WORDS else i18n.DEFAULT
    with i18n.speaking(language):
        data = _Minutes(found, language, photographs or {}).data(pictures)
    return press.printed("paper.typ", data, at=found.at)


class _Minutes:
    """The kept content in the words of one language."""

    def __init__(self, found: Printed, language: str, photographs: Mapping[str, bytes]) -> None:
        self.found, self.language, self.w, self.photographs = found, language, WORDS[language], photographs
        self.c: Mapping[str, Any] = found.content

    def data(self, pictures: Sequence[Block]) -> dict[str, Any]:
        c, w = self.c, self.w
        outcome = state("application", c["outcome"])
        facts = [
            (w["call"], f"{c['call'][self.language]} ({c['call']['code']})"),
            (w["round"], str(c["round"])),
            (w["panel"], str(c["panel"])),
            (w["dossier"], f"{c['label']} {c['title']}"),
            (w["concluded"], self.at(c["at"])),
            (w["outcome"], outcome.ko if self.language == "ko" else outcome.en),
        ]
        if c["run"]:
            facts.append((w["run"], f"{w['run_no'] % c['run']['number']}, SHA-256 {c['run']['inputs'][:16]}…"))
        sure = press.section(w["certainty"], *pictures) if pictures else None
        parts = [self.members(), self.step_outs(), self.marks(), self.inspections(), self.text(), self.votes(), sure, self.check()]
        return {
            "lang": self.language,
            "title": w["title"],
            "issuer": w["issuer"],
            "number": f"{c['call']['code']}/{c['label']}",
            "subtitle": fonts.printable(f"{c['label']} {c['title']}"),
            "facts": [[label, fonts.printable(value)] for label, value in facts],
            "sections": [part for part in parts if part],
        }

    def members(self) -> Block:
        w = self.w
        rows = []
        for m in self.c["members"]:
            answer = "unanswered" if m["approves"] is None else "approves" if m["approves"] else "objects"
            there = w[m["state"]] + (f" ({m['absent_because']})" if m["absent_because"] else "")
            rows.append((m["alias"], w[m["duty"]], there, w[answer] if m["state"] == "present" else "–"))
        blocks = [press.table((w["alias"], w["duty"], w["attendance"], w["answer"]), rows)]
        if self.found.names:
            blocks.append(press.text(f"{w['names']}: {', '.join(self.c['names'])}"))
        if self.c["sittings"]:
            times = ", ".join(f"{self.at(a)} – {self.at(b)}" for a, b in self.c["sittings"])
            blocks.append(press.text(f"{w['sittings']}: {times}"))
        return press.section(w["members"], *blocks)

    def step_outs(self) -> Block:
        w = self.w
        rows = [
            (s["alias"], self.ground(s["ground"]), self.at(s["out_at"]), self.at(s["back_at"]) or w["to_end"])
            for s in self.c["step_outs"]
        ]
        blocks = [press.table((w["alias"], w["ground"], w["out_at"], w["back_at"]), rows) if rows else press.text(w["none"])]
        if self.c["waivers"]:
            lines = [f"{alias}: {self.ground(ground)}. {note}" for alias, ground, note in self.c["waivers"]]
            blocks += [press.head(w["waivers"]), press.items(lines)]
        return press.section(w["step_outs"], *blocks)

    def marks(self) -> Block:
        c, w = self.c, self.w
        rubric, result = self.found.rubric, c["result"]
        aliases = [s["alias"] for s in c["sheets"]]
        by_code = {row["code"]: row for row in result["criteria"]} if result else {}
        rows: list[Sequence[object]] = []
        for criterion in rubric.criteria:
            line = by_code.get(criterion.code, {})
            name = f"{criterion.code} {self.pair(criterion)}"
            marks = [s["criteria"][criterion.code] for s in c["sheets"]]
            rows.append((name, *marks, line.get("mean", ""), line.get("cut_line") or "–"))
        total = (result["total"], c["pass_mark"]) if result else ("", "")
        rows.append((w["total"], *(s["total"] for s in c["sheets"]), *total))
        numbers = range(1, len(aliases) + 3)
        blocks = [press.table(("", *aliases, w["mean"], w["cut_line"]), rows, numbers=numbers)]
        if by_code:
            blocks += [press.small(w["profile"]), press.bars([self.bar(row) for row in by_code.values() if row["mean"]])]
        lines = []
        for s in c["sheets"]:
            if s["alarm"]:
                lines.append(f"{s['alias']}: {w['alarm']}, {s['total']} ({w['outside'] % s['alarm']})")
            for r in s["revisions"]:
                changed = ", ".join(f"{code} {was} → {step}" for code, (was, step) in sorted(s["changed"].items()))
                lines.append(
                    f"{s['alias']}: {w['revised']} {self.at(r['at'])}, {w['first']} {s['first_total']} ({changed}): {r['because']}"
                )
        if lines:
            blocks.append(press.items(lines))
        if result:
            values = {"page_value": result["total"], "raw": result["raw_mean"], "calibrated": result["calibrated"]}
            blocks.append(press.text(", ".join(f"{w[name]} {value}" for name, value in values.items() if value)))
            blocks += self.treated(c.get("treated") or {})
            blocks.append(press.items([i18n.gettext(f"result.{r['code']}") % r["data"] for r in result["reasons"]]))
        if c.get("lottery"):
            blocks.append(press.text(w["lottery"] % tuple(c["lottery"])))
        return press.section(w["marks"], *blocks)

    def treated(self, apart: Mapping[str, Any]) -> list[Block]:
        """What the rules of the call gave this dossier alone: bonus points, exemptions, a pass mark of its own."""
        w, lines = self.w, []
        if apart.get("bonus"):
            lines.append(w["bonus"] % (apart["bonus"], ", ".join(FACTS[code][self.language] for code in apart["bonuses"])))
        if apart.get("exempt"):
            spared = (f"{code} {self.pair(self.found.rubric.criterion(code))}" for code in apart["exempt"])
            lines.append(w["exempt"] % ", ".join(spared))
        if apart.get("pass_mark"):
            lines.append(w["own_mark"] % (apart["pass_mark"], apart["general"]))
        return [press.items(lines)] if lines else []

    def bar(self, row: Mapping[str, Any]) -> tuple[str, float, float | None, str]:
        points, most, line = float(row["mean"]), float(row["maximum"]), row.get("cut_line")
        name = f"{row['code']} {self.pair(self.found.rubric.criterion(row['code']))}"
        return name, points / most, float(line) / most if line else None, f"{row['mean']} / {row['maximum']}"

    def inspections(self) -> Block | None:
        w, blocks = self.w, []
        for one in self.c["inspections"]:
            held_on = i18n.day(date.fromisoformat(one["held_on"]))
            head = f"{w[one['kind']]} {held_on}" + (f": {w[one['outcome']]}" if one["outcome"] else "")
            people = ", ".join((one["place"], *one["people"])).strip(", ")
            signed = f"{w['signed']}: {one['signed_by']}" if one["signed_by"] else ""
            blocks += [press.head(head), press.text(people, signed)]
            checks = [
                f"{inspections.CHECKS[i['code']][self.language]}: {w[i['answer']]}" + (f" ({i['note']})" if i["note"] else "")
                for i in one["items"]
            ]
            if checks:
                blocks.append(press.items(checks))
            blocks.append(press.text(one["text"]))
            for p in one.get("photographs", ()):
                told = ", ".join(x for x in (w["photo"] % p["taken_at"] if p["taken_at"] else "", p["place"]) if x)
                words = " · ".join((p["caption"], told)) if told else p["caption"]
                png = self.photographs.get(p["small_sha256"])
                blocks.append(press.photo(png, alt=p["alt"], words=words, digest=p["sha256"]) if png else press.small(words))
        return press.section(w["inspections"], *blocks) if blocks else None

    def text(self) -> Block:
        w, blocks = self.w, []
        told = {p["topic"]: p for p in self.c["paragraphs"]}
        for topic in topics(self.found.rubric):
            if topic in told:
                name = w[topic] if topic in w else f"{topic} {self.pair(self.found.rubric.criterion(topic))}"
                blocks += [press.head(name), press.text(told[topic]["text"])]
                blocks.append(press.small(f"{w['author'] % told[topic]['by']}, {self.at(told[topic]['at'])}"))
        against = [f"{m['alias']}: {m['reason']}" for m in self.c["members"] if m["approves"] is False]
        if against:
            blocks += [press.head(w["objections"]), press.items(against)]
        return press.section(w["text"], *blocks)

    def votes(self) -> Block:
        w, blocks = self.w, []
        choices = {"yes": w["for"], "no": w["against"], "abstain": w["abstain"]}
        for vote in self.c["votes"]:
            counts = ", ".join(f"{words} {vote['counts'].get(key, 0)}" for key, words in choices.items())
            ballots = ", ".join(f"{alias} {choices[choice]}" for alias, choice in vote["ballots"])
            closed = f"{w['closed']} {self.at(vote['closed_at'])}"
            blocks.append(press.head(f"{w['vote'] % vote['number']}: {vote['question']}"))
            blocks.append(press.text(f"{counts} ({closed})", ballots))
        return press.section(w["votes"], *(blocks or [press.text(w["none"])]))

    def check(self) -> Block:
        why = self.w["copy_why" if self.found.copy else "digest_why"]
        return press.section(self.w["digest"], press.digest(self.found.digest), press.small(why))

    def ground(self, code: str) -> str:
        found = grounds.label(code)
        return str(found[self.language] if isinstance(found, dict) else self.pair(found))

    def pair(self, named: Any) -> str:
        return str(named.ko if self.language == "ko" else named.en)

    def at(self, moment: str | None) -> str:
        return i18n.kst(datetime.fromisoformat(moment)) if moment else ""
