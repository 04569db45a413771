"""The dossier form as data: its sections with every field, and the file slots D01 to D16. A page is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from reviewers.fields import all_fields


@dataclass(frozen=True)
class Choice:
    key: str
    ko: str
    en: str


@dataclass(frozen=True)
class Hint:
    ko: str
    en: str


@dataclass(frozen=True)
class Field:
    """`kind`: text, long, whole, money, date, choice, flag, lines (one entry a line), words (by comma), rows (of `columns`).
    `limit` counts characters (entries for lines and words, rows for rows). `panel`: panellists see it. `rule`: an identifier."""

    name: str
    ko: str
    en: str
    kind: str = "text"
    required: bool = False
    limit: int = 200
    hint: Hint | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    panel: bool = True
    rule: str = ""
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Section:
    key: str
    ko: str
    en: str
    hint: Hint
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Slot:
    """`requirement` R required, C by condition, O optional: what the official list asks; a call pins which it demands.
    `dated`: must be issued by closing. `panel`: panellists see it. D01 is the form itself and takes no file."""

    code: str
    ko: str
    en: str
    requirement: str
    condition: Hint | None = None
    dated: bool = False
    panel: bool = False
    confidential: bool = False


def _choices(*rows: str) -> tuple[Choice, ...]:
    return tuple(Choice(*(part.strip() for part in row.split("|"))) for row in rows)


SIZES = _choices("sme | 중소기업 | Small or medium-sized", "mid | 중견기업 | Mid-sized", "large | 대기업 | Large")
MINISTRIES = _choices(
    "MSIT | 과학기술정보통신부 | Ministry of Science and ICT",
    "MOTIE | 산업통상부 | Ministry of Trade, Industry and Resources",
    "MSS | 중소벤처기업부 | Ministry of SMEs and Startups",
    "OTHER | 그 밖의 부처 | Another ministry",
)
RESULTS = _choices("success | 성공(완료) | Success", "fail | 실패(중단) | Failed or stopped", "running | 진행 중 | Still running")
LINKS = _choices(
    "own | 직접 수행 | Carried out by the applicant",
    "transfer | 기술이전(계약) | Technology transfer by contract",
    "licence | 통상실시권 | Non-exclusive licence",
    "joint | 공동 연구 참여 | Joint research",
)
IP_KINDS = _choices(
    "patent | 특허 | Patent",
    "utility | 실용신안 | Utility model",
    "design | 디자인 | Design",
    "software | 프로그램 등록 | Software registration",
)
UNITS = _choices(
    "ea | 개 | piece",
    "set | 세트 | set",
    "system | 식 | system",
    "licence | 라이선스 | licence",
    "month | 월(구독) | month (subscription)",
)
PLEDGES = _choices("yes | 예 | Yes", "no | 아니요 | No")
INTERESTS = _choices(
    "researcher | 참여연구자 | Researcher of the project",
    "inventor | 발명자 | Inventor",
    "officer | 임원 | Officer",
    "employee | 직원 | Employee",
    "shareholder | 주주 | Shareholder",
    "other | 그 밖 | Other",
)


def sub_fields() -> tuple[Choice, ...]:
    return tuple(Choice(f.code, f"{f.code} {f.ko}", f"{f.code} {f.en}") for f in all_fields().values())


SECTIONS: tuple[Section, ...] = (
    Section(
        "company",
        "기업",
        "Company",
        Hint("사업자등록증과 같게 적습니다.", "As on the business registration."),
        (
            Field("name", "기업명", "Company name", required=True),
            Field(
                "business_no",
                "사업자등록번호",
                "Business registration number",
                required=True,
                limit=12,
                rule="business_no",
                panel=False,
                hint=Hint("10자리, 예: 000-00-00000", "Ten digits, such as 000-00-00000"),
            ),
            Field(
                "corporate_no",
                "법인등록번호",
                "Corporate registration number",
                limit=14,
                rule="corporate_no",
                panel=False,
                hint=Hint(
                    "법인인 경우 13자리. 주민등록번호는 받지 않습니다.",
                    "Thirteen digits, if incorporated. Resident numbers are refused.",
                ),
            ),
            Field("size", "기업 규모", "Company size", "choice", True, choices=SIZES),
            Field(
                "active",
                "휴업·폐업 상태가 아님",
                "Not suspended or closed",
                "choice",
                True,
                choices=PLEDGES,
                panel=False,
            ),
            Field(
                "no_bar",
                "체납·부정당업자 제재·참여제한 없음",
                "No tax arrears, debarment or R&D bar",
                "choice",
                True,
                choices=PLEDGES,
                panel=False,
            ),
            Field("representative", "대표자", "Representative", required=True, limit=60),
            Field("address", "주소", "Address", limit=300, panel=False),
            Field("contact_name", "담당자", "Contact person", limit=60, panel=False),
            Field("contact_phone", "연락처", "Telephone", limit=30, panel=False),
        ),
    ),
    Section(
        "product",
        "제품",
        "Product",
        Hint("지정받으려는 제품 하나를 적습니다.", "The one product to be designated."),
        (
            Field("name_ko", "제품명(국문)", "Product name (Korean)", required=True),
            Field("name_en", "제품명(영문)", "Product name (English)"),
            Field("models", "모델명", "Models", "lines", limit=30, hint=Hint("한 줄에 하나씩", "One on each line")),
            Field(
                "detail_item_no",
                "세부품명번호",
                "Detailed item number",
                limit=10,
                rule="detail_item_no",
                hint=Hint("10자리", "Ten digits"),
            ),
            Field(
                "item_ids",
                "물품식별번호",
                "Item identification numbers",
                "lines",
                limit=30,
                rule="item_id",
                hint=Hint(
                    "8자리, 한 줄에 하나씩. 지정 전까지 낼 수 있습니다.",
                    "Eight digits, one on each line. May follow until designation.",
                ),
            ),
            Field("price_krw", "가격(원)", "Price (KRW)", "money", True, most=10**13),
            Field("unit", "거래 단위", "Unit of sale", "choice", True, choices=UNITS),
            Field(
                "trl",
                "기술성숙도(TRL)",
                "Technology readiness level (TRL)",
                "whole",
                True,
                least=1,
                most=9,
                hint=Hint("1~9", "1 to 9"),
            ),
            Field("is_ai", "인공지능 제품", "Product uses artificial intelligence", "flag"),
            Field(
                "designated_before",
                "이미 혁신제품으로 지정됨",
                "Already an innovative product of any ministry",
                "choice",
                True,
                choices=PLEDGES,
            ),
            Field(
                "partners",
                "협력 생산업체",
                "Partner manufacturers",
                "lines",
                limit=10,
                hint=Hint("한 줄에 하나씩", "One on each line"),
            ),
        ),
    ),
    Section(
        "rnd",
        "연구개발 과제",
        "R&D project",
        Hint(
            "제품이 나온 국가연구개발 과제입니다. 수의계약의 근거가 됩니다.",
            "The public R&D project the product came from: it justifies the direct contract.",
        ),
        (
            Field(
                "ntis_project_no",
                "과제고유번호(NTIS)",
                "NTIS project number",
                required=True,
                limit=30,
                rule="ntis_project_no",
                hint=Hint("보통 10자리", "Usually ten digits"),
            ),
            Field("agency_no", "전문기관 과제번호", "Agency's project number", limit=40),
            Field("title", "과제명", "Project title", required=True, limit=300),
            Field("ministry", "부처", "Ministry", "choice", True, choices=MINISTRIES),
            Field("programme", "사업명", "Programme"),
            Field("agency", "전문기관", "Funding agency"),
            Field("lead_institution", "주관기관", "Lead institution", required=True),
            Field("principal_investigator", "연구책임자", "Principal investigator", required=True, limit=60),
            Field("started_on", "시작일", "Started on", "date", True),
            Field("ended_on", "종료일", "Ended on", "date", True),
            Field("result", "최종평가 결과", "Final result", "choice", True, choices=RESULTS),
            Field("link_type", "제품과의 관계", "Link to the product", "choice", True, choices=LINKS),
        ),
    ),
    Section(
        "rights",
        "지식재산·인증",
        "IP and certificates",
        Hint("제품에 적용된 것만 적습니다.", "Only those applied in the product."),
        (
            Field(
                "ip",
                "지식재산권",
                "Intellectual property",
                "rows",
                limit=20,
                columns=(
                    Field("kind", "종류", "Kind", "choice", True, choices=IP_KINDS),
                    Field("number", "등록번호", "Number", required=True, limit=40),
                    Field("title", "명칭", "Title", limit=300),
                    Field("holder", "권리자", "Holder"),
                    Field("expires_on", "만료일", "Expires on", "date"),
                ),
            ),
            Field("dispute", "지식재산 분쟁 중", "An IP dispute is pending", "flag"),
            Field(
                "certificates",
                "인증",
                "Certificates",
                "rows",
                limit=20,
                columns=(
                    Field("kind", "종류", "Kind", required=True, limit=60),
                    Field("number", "번호", "Number", required=True, limit=60),
                    Field("issuer", "발급기관", "Issuer"),
                    Field("issued_on", "발급일", "Issued on", "date"),
                    Field("valid_until", "유효기간", "Valid until", "date"),
                ),
            ),
        ),
    ),
    Section(
        "narrative",
        "제품 설명",
        "Description",
        Hint(
            "평가위원이 읽는 본문입니다. 숫자와 비교로 적어 주세요.",
            "What panellists read. Use numbers and comparisons.",
        ),
        (
            Field(
                "summary",
                "요약",
                "Summary",
                "long",
                True,
                1500,
                Hint("무엇이고 누구에게 왜 필요한지", "What it is, who needs it and why"),
            ),
            Field(
                "novelty",
                "기술적 신규성",
                "Technological novelty",
                "long",
                True,
                3000,
                Hint("가장 가까운 제품과 견주어 무엇이 새로운지", "What is new against the closest product"),
            ),
            Field(
                "impact",
                "사회·경제적 파급효과",
                "Social and economic impact",
                "long",
                True,
                3000,
                Hint("효과를 숫자로", "The effect in numbers"),
            ),
            Field(
                "procurement",
                "공공조달 혁신 잠재력",
                "Potential to innovate public procurement",
                "long",
                True,
                3000,
                Hint("어느 기관이 어디에 쓰는지", "Which institutions use it, and where"),
            ),
            Field(
                "market",
                "시장 기여도",
                "Market contribution",
                "long",
                True,
                3000,
                Hint("시장 규모, 경쟁, 판매 계획", "Market size, competition, plan of sales"),
            ),
        ),
    ),
    Section(
        "classification",
        "기술분야",
        "Sub-field",
        Hint("평가위원을 찾는 데 쓰입니다.", "Used to find the panellists."),
        (
            Field("field_1", "1순위 세부기술분야", "First sub-field", "choice", True, choices=sub_fields()),
            Field("field_2", "2순위 세부기술분야", "Second sub-field", "choice", choices=sub_fields()),
            Field(
                "keywords",
                "핵심어",
                "Keywords",
                "words",
                limit=5,
                hint=Hint("쉼표로 나누어 5개까지", "Up to five, separated by commas"),
            ),
        ),
    ),
    Section(
        "people",
        "이해관계자",
        "People with interest",
        Hint(
            "여기 적은 사람은 평가위원 후보와 모두 대조합니다.",
            "Everybody named here is checked against the candidates for the panel.",
        ),
        (
            Field(
                "interest",
                "이해관계자",
                "People with interest",
                "rows",
                limit=40,
                columns=(
                    Field("name", "이름", "Name", required=True, limit=60),
                    Field("organisation", "소속", "Organisation"),
                    Field("role", "관계", "Interest", "choice", True, choices=INTERESTS),
                ),
            ),
            Field(
                "exclusions",
                "제외 요청",
                "Requested exclusions",
                "rows",
                limit=10,
                panel=False,
                hint=Hint(
                    "담당자에게 전하는 의견이며, 평가위원에게는 보이지 않습니다.",
                    "Advice to the coordinator; panellists never see it.",
                ),
                columns=(
                    Field("name", "전문가 이름", "Expert's name", required=True, limit=60),
                    Field("organisation", "소속", "Organisation"),
                    Field("reason", "사유", "Reason", required=True, limit=500),
                ),
            ),
        ),
    ),
    Section(
        "pilot_plan",
        "시범사용 기본계획",
        "Pilot-use basic plan",
        Hint("지정되면 수요기관이 이 계획을 보고 신청합니다.", "Once designated, institutions apply on this plan."),
        (
            Field("min_units", "최소 수량", "Least units", "whole", True, least=1, most=100_000),
            Field("max_units", "최대 수량", "Most units", "whole", True, least=1, most=100_000),
            Field("unit_price_krw", "시범사용 단가(원)", "Unit price for the pilot (KRW)", "money", True, most=10**12),
            Field("sites", "적합한 설치 장소", "Suitable sites", "long", limit=1000),
            Field(
                "kpis",
                "성과지표",
                "Performance indicators",
                "lines",
                True,
                10,
                Hint("한 줄에 하나씩, 목표값과 함께", "One on each line, with its target"),
            ),
            Field("support", "설치·교육·유지보수", "Installation, training, support", "long", limit=1000),
        ),
    ),
)

SLOTS: tuple[Slot, ...] = (
    Slot("D01", "지정신청서", "Application form", "R", panel=True),
    Slot("D02", "제품설명서(제안서)", "Product proposal", "R", panel=True),
    Slot("D03", "규격서", "Specification and model list", "R", panel=True),
    Slot("D04", "협약서·최종평가 결과통보서", "R&D agreement and final result", "R", dated=True, panel=True),
    Slot(
        "D05",
        "기술이전·실시권 계약서",
        "Transfer or licence contract",
        "C",
        Hint("과제를 직접 수행하지 않은 경우", "If the R&D was not the applicant's own"),
        True,
    ),
    Slot(
        "D06",
        "등록원부·특허적용확인서",
        "IP register and confirmation of use",
        "C",
        Hint("지식재산이 있는 경우", "If IP is claimed"),
        True,
        True,
    ),
    Slot("D07", "공인시험성적서", "Accredited test report", "R", dated=True, panel=True),
    Slot(
        "D08",
        "법정인증(KC, 전파, 의료기기, CSAP/GS)",
        "Statutory certificates (KC, radio, medical, CSAP/GS)",
        "C",
        Hint("법정인증 대상인 경우", "If the product needs one"),
        True,
        True,
    ),
    Slot("D09", "중소기업확인서", "SME confirmation", "R", dated=True, confidential=True),
    Slot("D10", "사업자등록증", "Business registration", "R", dated=True, confidential=True),
    Slot(
        "D11",
        "공장등록증·직접생산확인증명서·협업계약서",
        "Production proof or partner contracts",
        "C",
        Hint("제조 제품인 경우", "If the product is manufactured"),
        True,
        confidential=True,
    ),
    Slot(
        "D12",
        "국내산 부품비율 명세",
        "Domestic-parts statement",
        "C",
        Hint("공고가 요구하는 경우", "If the call asks for it"),
        confidential=True,
    ),
    Slot("D13", "사업화 실적", "Sales record", "O", dated=True, panel=True),
    Slot("D14", "시범사용 기본계획(안)", "Pilot-use basic plan", "R", panel=True),
    Slot("D15", "개인정보·정보공개 동의, 청렴서약서", "Consents and integrity pledge", "R", confidential=True),
    Slot("D16", "AI 제품 부속서", "AI annex", "C", Hint("인공지능 제품인 경우", "If the product uses AI"), panel=True),
)
SECTION: dict[str, Section] = {section.key: section for section in SECTIONS}
SLOT: dict[str, Slot] = {slot.code: slot for slot in SLOTS}
