"""The receipt of a filing on paper. The same filing gives the same bytes, so a reissue is verifiable."""

from __future__ import annotations

from typing import Any

from app import i18n
from app.clock import KST
from app.exports import fonts, press
from app.queries.receipts import Receipt

WORDS: dict[str, dict[str, Any]] = {
    "ko": {
        "title": "신청서류 접수증",
        "issuer": "혁신제품 사전 전문가 심사",
        "received": "접수",
        "facts": ("접수번호", "공고", "신청기업", "제품", "판", "접수 시각"),
        "digest": "접수 묶음의 SHA-256",
        "digest_why": "접수 묶음에는 신청서의 모든 항목과 모든 서류가 들어 있습니다. 내용이 한 글자라도 바뀌면 이 값이 달라집니다.",
        "files": "서류",
        "columns": ("구분", "파일 이름과 SHA-256", "바이트"),
        "no_files": "서류 없음",
        "verify": "확인 방법",
        "steps": (
            "‘나의 신청서류’의 접수증 화면에서 접수 묶음을 내려받습니다.",
            "컴퓨터에서 sha256sum(Windows: certutil -hashfile 파일 SHA256)으로 묶음의 값을 계산합니다.",
            "계산한 값이 위의 값과 같으면 접수한 내용 그대로입니다. 빈칸은 읽기 쉽게 넣은 것입니다.",
            "묶음을 풀어 sha256sum -c SHA256SUMS를 실행하면 서류마다 확인할 수 있습니다.",
        ),
    },
    "en": {
        "title": "Receipt of a dossier",
        "issuer": "Innovative product precertification",
        "received": "Received",
        "facts": ("Number", "Call", "Company", "Product", "Version", "Received"),
        "digest": "SHA-256 of the filed bundle",
        "digest_why": "The bundle holds every field of the form and every file. If one letter changed, so would this value.",
        "files": "Files",
        "columns": ("Slot", "Name and SHA-256", "Bytes"),
        "no_files": "No files",
        "verify": "How to check",
        "steps": (
            "Download the filed bundle from the page of this receipt, under “My dossiers”.",
            "Compute its value with sha256sum (Windows: certutil -hashfile FILE SHA256).",
            "If it equals the value above, the content is what was filed. The spaces are for reading only.",
            "Unpacked, the bundle checks file by file with sha256sum -c SHA256SUMS.",
        ),
    },
}


def build(filing: Receipt) -> bytes:
    """One PDF in the language the application is written in. The bundle must be there: the receipt states its digest."""
    if filing.bundle is None:
        raise ValueError("a receipt states the digest of its bundle")
    language = filing.language if filing.language in WORDS else i18n.DEFAULT
    words, local = WORDS[language], filing.filed_at.astimezone(KST)
    at = f"{local:%Y-%m-%d %H:%M:%S} KST"
    call = f"{filing.call[language]} ({filing.call_code})"
    values = (filing.number, call, filing.organisation, filing.title, str(filing.version), at)
    data = {
        "lang": language,
        "number": filing.number,
        "issuer": words["issuer"],
        "words": words,
        "filed_at": at,
        "facts": list(zip(words["facts"], map(fonts.printable, values), strict=True)),
        "digest": filing.bundle.sha256,
        "files": [
            {"slot": f.slot, "name": fonts.printable(f.name), "sha256": f.sha256, "size": f"{f.size:,}"} for f in filing.files
        ],
    }
    return press.printed("receipt.typ", data, at=filing.filed_at)
