"""The files of a generated dossier: small Word documents with the same bytes every time, marked fictitious."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.demo.content import form_content
from app.demo.words import Pair
from app.documents.dossier import demanded

MARK = Pair.read(
    "시연을 위해 지어낸 문서입니다. 실제 기업이나 사람과 관계가 없습니다. "
    "| Invented for a demonstration; no relation to any real company or person."
)
TITLES = {
    "D02": Pair.read("제품설명서 | Product proposal"),
    "D03": Pair.read("규격서 | Specification"),
    "D04": Pair.read("협약서와 최종평가 결과통보서 | R&D agreement and final result"),
    "D05": Pair.read("기술이전 계약서 | Transfer contract"),
    "D06": Pair.read("등록원부와 특허적용확인서 | IP register and confirmation of use"),
    "D07": Pair.read("공인시험성적서 | Accredited test report"),
    "D08": Pair.read("법정인증서 | Statutory certificates"),
    "D11": Pair.read("협업계약서 | Partner contracts"),
    "D14": Pair.read("시범사용 기본계획 | Pilot-use basic plan"),
    "D16": Pair.read("AI 제품 부속서 | AI annex"),
}
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paper(slot: str, dossier: dict[str, Any]) -> tuple[str, bytes]:
    """File name and bytes of the document for one slot of the dossier."""
    language = dossier["language"]
    lines = [str(TITLES[slot].of(language)), dossier["title"], *_body(slot, dossier), str(MARK.of(language))]
    return f"{dossier['application_id']}-{slot}.docx", _docx(lines)


def slots(dossier: dict[str, Any]) -> list[str]:
    """The slots this dossier fills: those it must, less the AI annex where it is forgotten, and the usual ones."""
    asked = demanded({"slots": list(TITLES)}, form_content(dossier))
    return [slot for slot in TITLES if slot in asked and (slot != "D16" or dossier["ai_annex"])]


def _body(slot: str, dossier: dict[str, Any]) -> list[str]:
    product, rnd = dossier["product"], dossier["rnd"]
    return {
        "D02": [dossier["summary"], *dossier["narrative"].values()],
        "D03": [", ".join(product["models"]), product["detail_item_no"], f"KRW {product['price_krw']:,} / {product['unit']}"],
        "D04": [rnd["title"], rnd["ntis_project_no"], f"{rnd['started_on']} – {rnd['ended_on']}", rnd["lead_institution"]],
        "D05": [rnd["title"], rnd.get("provider", ""), rnd.get("contract_on", "")],
        "D06": [" · ".join((row["number"], row["title"], row["holder"], row["expires_on"])) for row in dossier["ip"]],
        "D07": [" · ".join(row[k] for k in ("kind", "number", "issuer", "issued_on")) for row in dossier["certificates"]],
        "D08": [" · ".join((row["kind"], row["number"], row["valid_until"])) for row in dossier["certificates"]],
        "D11": [*product["partners"], product.get("partner_work", "")],
        "D14": [*dossier["pilot_plan"]["kpis"], dossier["pilot_plan"]["support"]],
        "D16": [dossier["ai_annex"]],
    }[slot]  # fmt: skip


def _docx(lines: list[str]) -> bytes:
    paragraphs = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
    document = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{_WORD}"><w:body>'
    document += f"{paragraphs}</w:body></w:document>"
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        parts = {"[Content_Types].xml": _CONTENT_TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": document}
        for name, text in parts.items():
            archive.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode())  # a fixed date: the same bytes
    return out.getvalue()
