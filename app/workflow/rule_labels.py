"""What each rule of a call means, in words: label, explanation, kind of input and choices. The form of a call is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from app.workflow import facts, grounds
from app.workflow.regions import REGIONS
from app.workflow.rules import STEP_OUT

Pair = dict[str, str]


def _pair(ko: str, en: str) -> Pair:
    return {"ko": ko, "en": en}


def _choices(*rows: str) -> dict[str, Pair]:
    parts = [[part.strip() for part in row.split("|")] for row in rows]
    return {key: _pair(ko, en) for key, ko, en in parts}


@dataclass(frozen=True)
class RuleLabel:
    """`kind`: whole, numbers, text, choice, choices, flag, quotas, points (a number for some choices). `unit` follows a number."""

    name: str
    label: Pair
    why: Pair
    kind: str = "whole"
    unit: Pair | None = None
    choices: dict[str, Pair] | None = None


@dataclass(frozen=True)
class RuleGroup:
    key: str
    label: Pair
    rules: tuple[RuleLabel, ...]


DAYS, YEARS, SEATS, PEOPLE = _pair("일", "days"), _pair("년", "years"), _pair("석", "seats"), _pair("명", "people")
KRW, PERCENT, SECONDS, MONTHS = _pair("원", "KRW"), _pair("%", "%"), _pair("초", "seconds"), _pair("개월", "months")

SEAT_TYPES = _choices(
    "technology | 기술 | Technology", "market | 시장 | Market", "procurement | 조달·수요기관 | Procurement and demand"
)
AREAS = {("capital", "outside"): _pair("수도권 밖", "Outside the capital region")} | {
    ("region", key): label for key, label in REGIONS.items()
}
SECTORS = _choices("academia | 학계 | Academia", "industry | 산업계 | Industry", "public | 공공 | Public sector")


QUOTA_VALUES = SEAT_TYPES | SECTORS | {value: label for (_attribute, value), label in AREAS.items()}


def _rule(
    name: str,
    ko: str,
    en: str,
    why_ko: str,
    why_en: str,
    kind: str = "whole",
    unit: Pair | None = None,
    choices: dict[str, Pair] | None = None,
) -> RuleLabel:
    return RuleLabel(name, _pair(ko, en), _pair(why_ko, why_en), kind, unit, choices)


GROUPS: tuple[RuleGroup, ...] = (
    RuleGroup(
        "eligibility",
        _pair("요건심사", "Eligibility check"),
        (
            _rule(
                "eligibility_on",
                "적용 요건",
                "Rules in force",
                "자가진단과 요건심사가 같은 요건을 씁니다.",
                "The self-check and the official check run the same rules.",
                "choices",
            ),
            _rule(
                "company_sizes",
                "기업 규모",
                "Company sizes",
                "신청할 수 있는 기업 규모",
                "Sizes of company that may apply",
                "choices",
                choices=_choices("sme | 중소기업 | Small or medium-sized", "mid | 중견기업 | Mid-sized", "large | 대기업 | Large"),
            ),
            _rule(
                "rnd_ministries",
                "과제 부처",
                "Ministries of the project",
                "인정하는 연구개발 과제의 부처",
                "Whose R&D projects count",
                "choices",
                choices=_choices(
                    "MSIT | 과학기술정보통신부 | Ministry of Science and ICT",
                    "MOTIE | 산업통상부 | Ministry of Trade, Industry and Resources",
                    "MSS | 중소벤처기업부 | Ministry of SMEs and Startups",
                    "OTHER | 그 밖의 부처 | Another ministry",
                ),
            ),
            _rule(
                "rnd_results",
                "과제 결과",
                "Results of the project",
                "인정하는 최종평가 결과",
                "Final results that count",
                "choices",
                choices=_choices(
                    "success | 성공(완료) | Success",
                    "fail | 실패(중단) | Failed or stopped",
                    "running | 진행 중 | Still running",
                ),
            ),
            _rule(
                "links",
                "과제와의 관계",
                "Link to the project",
                "인정하는 제품과 과제의 관계",
                "Links between product and project that count",
                "choices",
                choices=_choices(
                    "own | 직접 수행 | Carried out by the applicant",
                    "transfer | 기술이전(계약) | Technology transfer by contract",
                    "licence | 통상실시권 | Non-exclusive licence",
                    "joint | 공동 연구 참여 | Joint research",
                ),
            ),
            _rule(
                "window_years",
                "과제 종료 후 기간",
                "Years since the project ended",
                "이 기간 안에 끝난 과제만 인정합니다.",
                "Only projects that ended within this time count.",
                unit=YEARS,
            ),
            _rule(
                "window_reference",
                "기간 계산 기준",
                "How the years are counted",
                "접수 마감일부터, 또는 종료 연도로",
                "From the closing date, or by the year of the end",
                "choice",
                choices=_choices("closing_date | 접수 마감일 | Closing date", "end_year | 종료 연도 | Year of the end"),
            ),
            _rule(
                "trl_min",
                "기술성숙도 하한",
                "Least technology readiness level",
                "이보다 낮으면 경고합니다.",
                "A lower level gives a warning.",
            ),
            _rule(
                "partner_max",
                "협력 생산업체 상한",
                "Most partner manufacturers",
                "제품을 함께 만드는 업체 수",
                "Companies that make the product with the applicant",
            ),
            _rule(
                "supplement_rounds",
                "보완 횟수",
                "Rounds of supplement",
                "보완을 요청할 수 있는 횟수",
                "How often a supplement may be asked for",
            ),
            _rule(
                "supplement_days",
                "보완 기간",
                "Days to answer a supplement",
                "지나면 낸 그대로 심사합니다.",
                "Afterwards the filed version is judged.",
                unit=DAYS,
            ),
            _rule(
                "grace_seconds",
                "마감 유예",
                "Grace after closing",
                "마감 순간의 지연을 받아 주는 시간",
                "Accepts what was on its way at closing",
                unit=SECONDS,
            ),
            _rule(
                "revive_until",
                "철회한 신청의 복원",
                "Reviving a withdrawn dossier",
                "복원하면 초안이 되고, 다시 제출해야 합니다.",
                "It becomes a draft and must be submitted again.",
                "choice",
                choices=_choices("closing | 마감까지 | Until closing", "never | 없음 | Never"),
            ),
        ),
    ),
    RuleGroup(
        "panels",
        _pair("평가위원회", "Panels"),
        (
            _rule(
                "panel_mode",
                "평가위원회 구성",
                "One panel for",
                "서면 개별 평가 또는 모여서 하는 평가",
                "Written review, or a panel that meets",
                "choice",
                choices=_choices(
                    "per_dossier | 신청서류마다 하나 | each dossier",
                    "batch | 비슷한 신청서류 묶음 | a batch of like dossiers",
                ),
            ),
            _rule(
                "seating",
                "배정 방식",
                "How seats are filled",
                "추첨은 누가 배정될지 미리 알 수 없고 시드로 재현됩니다. 공개 추첨은 담당자 두 명이 확정한 명부에서 뽑습니다.",
                "Drawn panels cannot be foreseen; the seed repeats them. Two coordinators hold a public draw on a frozen list.",
                "choice",
                choices=_choices(
                    "randomised | 적합도 기반 추첨 | Drawn near the best match",
                    "optimal | 최적 | Best match",
                    "drawn | 공개 추첨 | Public draw",
                ),
            ),
            _rule(
                "once_in",
                "배정 확률 상한",
                "Highest chance of a seat",
                "추첨 배정에서 한 전문가가 한 평가위원회에 배정될 확률은 1/N을 넘지 않습니다(N은 2~5).",
                "In drawn panels an expert's chance of a seat in one panel is at most one in N (2 to 5).",
            ),
            _rule(
                "fairness",
                "평가위원회 간 형평",
                "Fairness between panels",
                "하한을 두면 적합도가 가장 낮은 평가위원회도 가능한 최고 수준에 가깝게 유지됩니다.",
                "A floor keeps the panel served worst close to the best it could have.",
                "choice",
                choices=_choices("floor | 하한 보장 | A floor for every panel", "none | 합계만 | Total only"),
            ),
            _rule(
                "panel_seats",
                "위원석",
                "Seats of a panel",
                "평가위원회 하나의 위원 수",
                "Panellists of one panel",
                unit=SEATS,
            ),
            _rule(
                "quorum",
                "의결 정족수",
                "Quorum",
                "결과가 성립하는 제출 평가표 수",
                "Locked sheets that make a result",
                unit=SEATS,
            ),
            _rule(
                "quotas",
                "위원석 구성",
                "Composition",
                "유형·부문·지역별 최소와 최대. 추첨 배정에서는 한 가지 속성에만 둘 수 있습니다.",
                "Least and most seats by type, sector or region; drawn panels take quotas on one of these",
                "quotas",
                choices=QUOTA_VALUES,
            ),
            _rule(
                "institution_cap",
                "같은 기관 상한",
                "Most of one institution",
                "한 평가위원회에서 같은 기관 소속",
                "Panellists of the same institution in one panel",
                unit=PEOPLE,
            ),
            _rule(
                "load_max",
                "위원별 상한",
                "Most dossiers for a panellist",
                "한 사람이 맡는 신청서류 수",
                "Dossiers one person judges",
            ),
            _rule(
                "year_max",
                "위원별 연간 상한",
                "Most panels of a panellist in a year",
                "같은 해에 마감하는 모든 공고에서 한 사람이 맡는 위원석. 0이면 제한 없음",
                "Seats of one person in all calls that close in one calendar year; 0 sets no limit",
                unit=SEATS,
            ),
            _rule(
                "rest_after",
                "연속 참여 후 휴식",
                "Rest after calls in a row",
                "직전 공고에 이 횟수만큼 연속으로 참여한 위원은 이번 공고에서 쉽니다. 0이면 적용하지 않음",
                "Whoever sat in so many calls just before this one rests in it; 0: nobody does",
                unit=_pair("회", "calls"),
            ),
            _rule(
                "outside_least",
                "목표: 위원회마다 수도권 밖 위원",
                "Target: from outside the capital, each panel",
                "반드시 지키는 기준은 아닙니다. 0이면 적용하지 않음",
                "Aimed at, not a rule; 0: no target",
                unit=SEATS,
            ),
            _rule(
                "outside_pct",
                "목표: 전체 위원석 중 수도권 밖 위원",
                "Target: from outside the capital, of all seats",
                "배정 실행 전체의 비율. 0이면 적용하지 않음",
                "Of all seats of a run; 0: no target",
                unit=PERCENT,
            ),
            _rule(
                "newcomer_pct",
                "목표: 전체 위원석 중 처음 평가하는 위원",
                "Target: first-time panellists, of all seats",
                "이전에 서약하고 평가한 적이 없는 위원. 0이면 적용하지 않음",
                "People who never signed a pledge before; 0: no target",
                unit=PERCENT,
            ),
            _rule(
                "target_price",
                "목표 위원석의 가격",
                "Price of a target's seat",
                "목표를 한 석 더 채우려고 적합도 합계에서 내줄 수 있는 최대치. 필수 기준보다 앞서지 않습니다.",
                "Most affinity to give for one more seat towards a target; no rule gives way to it",
                unit=_pair("적합도 0.01", "hundredths of affinity"),
            ),
            _rule(
                "capital_regions",
                "수도권으로 보는 지역",
                "The capital region",
                "지역을 알 수 없는 위원은 수도권 안팎 어느 쪽으로도 세지 않습니다.",
                "Whose region is not known counts neither inside nor outside",
                "choices",
                choices=dict(REGIONS),
            ),
            _rule(
                "panel_max",
                "묶음 상한",
                "Most dossiers of a panel",
                "묶음 평가위원회의 신청서류 수",
                "Dossiers of one batch panel",
            ),
            _rule(
                "known_by",
                "신청서류별 해당 분야 위원",
                "Members who know each dossier",
                "묶음 평가위원회는 신청서류마다 적합도가 기준 이상인 위원을 이만큼 둡니다. 0이면 살피지 않습니다.",
                "A batch panel has so many members above the affinity below for each of its dossiers. 0: not looked at.",
                unit=PEOPLE,
            ),
            _rule(
                "known_pct",
                "해당 분야로 보는 적합도",
                "Affinity from which a member knows a dossier",
                "신청서류 한 건과의 적합도가 이 이상이면 해당 분야 위원으로 셉니다.",
                "Counted for the dossier from this affinity to it.",
                unit=_pair("/100", "/ 100"),
            ),
            _rule(
                "judges_least",
                "신청서류별 최소 평가 위원",
                "Least judges of a dossier",
                "묶음 평가위원회에서 이 인원이 남을 때만 다른 위원이 한 건을 회피하고 위원석에 앉을 수 있습니다."
                " 위원석 수와 같으면 회피를 허용하지 않습니다.",
                "In a batch panel a member may step out of one dossier while so many others judge it; as many as seats: nobody.",
                unit=PEOPLE,
            ),
            _rule(
                "step_out_grounds",
                "한 건만 회피하는 사유",
                "Grounds that cost one dossier only",
                "묶음 평가위원회에서 이 사유가 있으면 그 건만 보지도 평가하지도 않습니다. 다른 사유는 위원회 전체에서 제외합니다.",
                "In a batch panel such a member neither sees nor judges that dossier. Any other ground bars from the whole panel.",
                "choices",
                choices={code: grounds.label(code) for code in STEP_OUT},
            ),
            _rule(
                "review_links",
                "평가위원회 간 연결",
                "Panels that share panellists",
                "위원을 공유하지 않는 평가위원회끼리는 점수를 비교할 수 없습니다. 적합도 손실이 가장 작은 위원석부터 바꿉니다."
                " 공개 추첨에는 적용하지 않습니다.",
                "Else their marks cannot be compared. Seats are changed, the least loss first. Not in a public draw.",
                "choice",
                choices=_choices(
                    "none | 확인만 | Only reported",
                    "connected | 모두 이어지게 | All panels connected",
                    "share | 다른 분야를 주로 맡는 위원을 일정 비율로 | A share of seats across sub-fields as well",
                ),
            ),
            _rule(
                "link_pct",
                "다른 분야를 주로 맡는 위원석 비율",
                "Seats across sub-fields",
                "평가위원회 간 연결에서 비율을 고른 때만 적용합니다.",
                "Held by people who mostly judge another sub-field; only where the rule above asks for a share.",
                unit=PERCENT,
            ),
            _rule(
                "substitutes",
                "예비 위원",
                "Substitutes",
                "위원석 유형마다 순서를 정해 두는 예비 위원",
                "Ranked for each seat type",
                unit=PEOPLE,
            ),
            _rule(
                "draw_pool",
                "공개 추첨 명부 배수",
                "List of the public draw",
                "유형별 위원석 수의 몇 배까지 적합도 순으로 명부에 올립니다.",
                "Times the seats of a type that are listed, the nearest first.",
            ),
            _rule(
                "draw_multiple",
                "공개 추첨 배수",
                "Drawn in order",
                "유형별 위원석 수의 몇 배를 추첨합니다. 위원석을 채운 나머지는 예비 위원입니다.",
                "Times the seats of a type that are drawn; beyond the seats they are substitutes.",
            ),
            _rule(
                "invitation_days",
                "위촉 응답 기간",
                "Days to answer an invitation",
                "지나면 다음 순서로 넘어갑니다.",
                "Then the next in order is asked.",
                unit=DAYS,
            ),
            _rule(
                "pledge_days",
                "서약 기간",
                "Days to sign the pledge",
                "수락한 뒤 이 기간이 지나면 위원석은 다음 순서로 넘어갑니다.",
                "After accepting; then the seat goes to the next in order.",
                unit=DAYS,
            ),
            _rule(
                "reading_days",
                "검토 기간",
                "Reading days",
                "자료를 연 뒤 평가 마감까지의 최소 기간",
                "Least time between opening and the marks",
                unit=DAYS,
            ),
            _rule(
                "conflict_years",
                "이해충돌 조회 기간",
                "Look-back for conflicts",
                "재직, 주식, 자문, 공저·공동연구, 분쟁, 과제 평가",
                "Employment, shares, paid advice, joint work, litigation, having judged the research",
                unit=YEARS,
            ),
            _rule(
                "sanction_years",
                "제재 조회 기간",
                "Look-back for sanctions",
                "평가 규정 위반",
                "Breach of evaluation rules",
                unit=YEARS,
            ),
            _rule(
                "conflicts_off",
                "적용하지 않는 이해충돌 사유",
                "Grounds of conflict not applied",
                "보통은 비워 둡니다. 고른 사유는 이 공고에서 찾지 않습니다.",
                "Usually none. A ground chosen here is not looked for in this call.",
                "choices",
                choices={code: grounds.label(code) for code in grounds.BY_RULE if code != "former_panellist"},
            ),
            _rule(
                "names_shown",
                "위원 명단을 신청기업에 알리는 때",
                "When the applicant reads who is on the panel",
                "결정 전에 알리면 신청기업이 명단의 위원을 기피 신청할 수 있습니다. 결정 뒤의 공개는 결과 통지 기준에 따릅니다.",
                "Named before the decision, members may be challenged. After it, the result letter decides.",
                "choice",
                choices=_choices(
                    "decision | 결정 전에는 알리지 않음 | Not before the decision",
                    "interview | 면접 단계부터 | From the interview on",
                    "review | 평가 시작부터 | From the start of the review",
                ),
            ),
            _rule(
                "challenge_days",
                "명단 공개 뒤 기피 신청 기간",
                "Days to challenge a named member",
                "명단을 알린 날의 다음 날부터 셉니다.",
                "Counted from the day after the member was named",
                unit=DAYS,
            ),
        ),
    ),
    RuleGroup(
        "scoring",
        _pair("평가", "Scoring"),
        (
            _rule(
                "blind",
                "이름 가림",
                "Names kept from panellists",
                "평가표와 문서 열람에서 가립니다. 이해충돌 확인을 위해 위촉 요청에는 표시합니다.",
                "On the sheet and in its documents. The invitation names them, so that conflicts can be declared.",
                "choice",
                choices=_choices(
                    "none | 가리지 않음 | None",
                    "persons | 사람 이름 | Persons",
                    "all | 사람과 기업·기관 이름 | Persons and companies",
                ),
            ),
            _rule("pass_mark", "합격 기준점", "Pass mark", "반올림한 뒤 비교합니다.", "Compared after rounding.", "text"),
            _rule(
                "aggregate",
                "점수 집계",
                "Aggregate",
                "여러 평가표를 하나로 만드는 방법",
                "How the sheets become one result",
                "choice",
                choices=_choices("mean | 평균 | Mean", "trimmed | 절사평균 | Trimmed mean", "median | 중앙값 | Median"),
            ),
            _rule(
                "calibrate",
                "점수 보정",
                "Calibration",
                "여러 신청서류를 평가한 위원의 엄격도를 덜어 냅니다. 평균 집계에만 적용합니다.",
                "Takes out how severe a panellist is across dossiers; with the mean only.",
                "choice",
                choices=_choices("F | 보정함 | Calibrate", "none | 보정하지 않음 | Do not calibrate"),
            ),
            _rule(
                "apply_if",
                "보정 적용 조건",
                "When calibration applies",
                "근거가 있을 때란, 위원의 엄격도가 같다는 가정의 우도비가 2.71을 넘을 때입니다.",
                "Evidence: the likelihood ratio against equal severity exceeds 2.71.",
                "choice",
                choices=_choices(
                    "auto | 100건 미만이면 근거가 있을 때만 | Below 100 dossiers with evidence only",
                    "lrt | 근거가 있을 때만 | With evidence only",
                    "always | 항상 | Always",
                ),
            ),
            _rule(
                "calibration_cap",
                "보정 한도",
                "Most points of calibration",
                "보정으로 총점이 움직일 수 있는 최대 폭",
                "How far calibration may move a total",
                unit=_pair("점", "points"),
            ),
            _rule(
                "borderline_pct",
                "경계 구간",
                "Borderline band",
                "합격 확률이 이 값과 100에서 뺀 값 사이이면 논의합니다. 결과를 정하지는 않습니다.",
                "Discussed when the chance to pass lies between this and 100 less this; it decides nothing.",
                unit=PERCENT,
            ),
            _rule(
                "deviation_pct",
                "편차 기준",
                "Deviation to discuss",
                "평균에서 이보다 벗어난 점수는 논의합니다.",
                "Marks farther from the mean are discussed.",
                unit=PERCENT,
            ),
            _rule("decimals", "소수 자리", "Decimals", "사사오입", "Rounded half up"),
            _rule(
                "order",
                "판정 순서",
                "Order of the checks",
                "차례로 하면, 앞 단계에서 미달한 사유만 결과에 남습니다.",
                "One after the other: only what failed at the first step that fails is given as a reason.",
                "choice",
                choices=_choices(
                    "together | 한꺼번에 | All together",
                    "gates_first | 적부 항목, 과락 기준, 총점 차례로 | Gates, then cut-lines, then the total",
                ),
            ),
            _rule(
                "bonuses",
                "가점",
                "Bonus points",
                "해당하는 신청서류의 총점에 더합니다. 마감일에 유효한 인증만 인정하며, 과락은 면하지 못합니다.",
                "Added to the total. Certificates count if valid on the closing day; a missed cut-line stays missed.",
                "points",
                unit=_pair("점", "points"),
                choices=dict(facts.FACTS),
            ),
            _rule(
                "bonus_most",
                "가점 합계 한도",
                "Most bonus points",
                "한 신청서류가 받을 수 있는 가점의 합",
                "All bonus points of one dossier",
                unit=_pair("점", "points"),
            ),
            _rule(
                "pass_marks",
                "기업 규모별 합격 기준점",
                "Pass mark by company size",
                "비워 두면 합격 기준점을 그대로 씁니다.",
                "Left empty, the pass mark above applies.",
                "points",
                unit=_pair("점", "points"),
                choices=dict(facts.SIZE_FACTS),
            ),
            _rule(
                "cut_lines_off",
                "과락 기준 면제",
                "Exempt from the cut-lines",
                "해당하는 신청서류에는 평가항목별 과락 기준을 적용하지 않습니다. 총점과 적부 항목은 그대로 봅니다.",
                "The cut-lines of the criteria do not apply to these; the total and the gates do.",
                "choices",
                choices=dict(facts.FACTS),
            ),
            _rule(
                "disclosed",
                "결과 통지에 공개하는 내용",
                "What the result letter discloses",
                "결정, 총점과 그 이유는 언제나 통지합니다. 다른 신청기업과 위원별 실명 점수는 공개하지 않습니다.",
                "The decision, the total and its reasons are always told. Never: other applicants, or whose marks they were.",
                "choices",
                choices=_choices(
                    "criteria | 평가항목별 평균과 적부 항목 | Means by criterion, and gates",
                    "opinion | 합의한 종합의견 | The panel's opinion",
                    "sheets | 위원별 점수(가명) | Marks of each panellist, by a drawn label",
                    "comments | 위원이 신청기업에 남긴 의견 | The panellists' words to the applicant",
                    "panellists | 위원 명단(가나다순, 점수와 따로) | Names of the panel, apart and in alphabetical order",
                    "average | 분야 평균(5건 이상일 때) | Average of the sub-field, from five dossiers on",
                ),
            ),
            _rule("interview", "면접", "Interview", "평가 뒤 면접을 둡니다.", "An interview follows the review.", "flag"),
            _rule(
                "site_check",
                "현장확인",
                "Site check",
                "평가 뒤 현장확인을 둡니다.",
                "A site check follows the review.",
                "flag",
            ),
        ),
    ),
    RuleGroup(
        "after",
        _pair("평가 이후", "After the panel"),
        (
            _rule(
                "fitness_answer_days",
                "적합성 보완 기간",
                "Days to answer a fitness return",
                "조달청이 돌려보낸 뒤",
                "After the procurement service sent it back",
                unit=DAYS,
            ),
            _rule(
                "notice_days",
                "심의예정 공고",
                "Public notice",
                "누구나 공고 이의를 낼 수 있는 기간",
                "Anybody may object during it",
                unit=DAYS,
            ),
            _rule(
                "objection_days",
                "이의신청 기간",
                "Days to object",
                "결과 통지 뒤 신청기업이",
                "By the applicant, after the result",
                unit=DAYS,
            ),
            _rule(
                "answer_days",
                "이의 답변 기간",
                "Days to answer an objection",
                "담당자가",
                "By the coordinator",
                unit=DAYS,
            ),
            _rule("answer_extra_days", "답변 연장", "Extension of the answer", "한 번만", "Once only", unit=DAYS),
            _rule(
                "validity_years",
                "지정 유효기간",
                "Validity of a designation",
                "지정일부터 셉니다.",
                "Counted from the day of designation.",
                unit=YEARS,
            ),
            _rule(
                "extension_years",
                "연장 기간",
                "Years of each extension",
                "1차, 2차 순서로 쉼표로 구분",
                "First, second and so on, with commas between",
                "numbers",
                unit=YEARS,
            ),
            _rule(
                "extension_window_days",
                "연장 신청 기간",
                "Days to ask for an extension",
                "만료일 전 며칠부터 신청을 받는지",
                "How many days before its end a term may be asked to be extended",
                unit=DAYS,
            ),
            _rule(
                "reminder_days",
                "만료 알림",
                "Reminders before the end",
                "만료일 전 며칠에 알리는지, 쉼표로 구분",
                "Days before the end of the term, with commas between",
                "numbers",
                unit=DAYS,
            ),
            _rule(
                "request_days",
                "지정 관련 신청 처리 기간",
                "Days to decide a holder's request",
                "연장, 규격추가, 이전 신청을 접수한 뒤",
                "After an extension, change or transfer was asked for",
                unit=DAYS,
            ),
            _rule(
                "cancel_notice_days",
                "취소 사전통지",
                "Notice before cancellation",
                "의견을 낼 수 있는 기간",
                "Time to be heard",
                unit=DAYS,
            ),
            _rule(
                "number_pattern",
                "지정번호 형식",
                "Pattern of the number",
                "{year}는 연도, {serial:04d}는 순번",
                "{year} and {serial:04d} are filled in",
                "text",
            ),
            _rule(
                "pilot_months",
                "시범사용 기간",
                "Months of pilot use",
                "지나면 결과를 보고합니다.",
                "Then the institution reports.",
                unit=MONTHS,
            ),
            _rule(
                "small_pilot_krw",
                "소액 시범구매 상한",
                "Small pilot, at most",
                "한 번 제한을 받지 않는 금액",
                "Exempt from the once-only rule",
                unit=KRW,
            ),
        ),
    ),
)
RULE: dict[str, RuleLabel] = {rule.name: rule for group in GROUPS for rule in group.rules}
