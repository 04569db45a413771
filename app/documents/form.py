"""The dossier form as data: its sections with every field, and the file slots D01 to D16. A page is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from app.documents.choices import IP_KINDS, LINKS, MINISTRIES, RESULTS, SIZES, STATUTORY, UNITS
from app.documents.fields import Choice, Field, Hint, Section, When
from app.documents.sections import SECTIONS

__all__ = [
    "IP_KINDS",
    "LINKS",
    "MINISTRIES",
    "RESULTS",
    "SECTION",
    "SECTIONS",
    "SIZES",
    "SLOT",
    "SLOTS",
    "UNITS",
    "Choice",
    "Field",
    "Section",
    "Slot",
]


@dataclass(frozen=True)
class Slot:
    """`requirement` R required, C by condition, O optional: what the official list asks; a call pins which it demands.
    `condition` says when in words, `when` as a rule, where the dossier itself can tell. `dated`: must be issued by closing.
    `panel`: panellists see it. D01 is the form itself and takes no file."""

    code: str
    ko: str
    en: str
    requirement: str
    condition: Hint | None = None
    dated: bool = False
    panel: bool = False
    confidential: bool = False
    when: When | None = None


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
        Hint("기술이전이나 실시권으로 쓰는 경우", "If the technology was transferred or licensed"),
        True,
        when=When("rnd.link_type", ("transfer", "licence")),
    ),
    Slot(
        "D06",
        "등록원부·특허적용확인서",
        "IP register and confirmation of use",
        "C",
        Hint("지식재산을 적은 경우", "If IP is claimed"),
        True,
        True,
        when=When("rights.ip"),
    ),
    Slot("D07", "공인시험성적서", "Accredited test report", "R", dated=True, panel=True),
    Slot(
        "D08",
        "법정인증(KC, 전파, 의료기기, CSAP/GS)",
        "Statutory certificates (KC, radio, medical, CSAP/GS)",
        "C",
        Hint("법정인증을 적은 경우", "If a statutory certificate is named"),
        True,
        True,
        when=When("rights.certificates", STATUTORY, "kind"),
    ),
    Slot("D09", "중소기업확인서", "SME confirmation", "R", dated=True, confidential=True),
    Slot("D10", "사업자등록증", "Business registration", "R", dated=True, confidential=True),
    Slot(
        "D11",
        "공장등록증·직접생산확인증명서·협업계약서",
        "Production proof or partner contracts",
        "C",
        Hint("협력 생산업체가 있는 경우", "If partners manufacture it"),
        True,
        confidential=True,
        when=When("product.partners"),
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
    Slot(
        "D16",
        "AI 제품 부속서",
        "AI annex",
        "C",
        Hint("인공지능 제품인 경우", "If the product uses AI"),
        panel=True,
        when=When("product.is_ai", (True,)),
    ),
)
SECTION: dict[str, Section] = {section.key: section for section in SECTIONS}
SLOT: dict[str, Slot] = {slot.code: slot for slot in SLOTS}
