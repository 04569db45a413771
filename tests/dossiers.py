"""Calls and dossiers for tests: a full dossier by the form, files of every kind, an application filed or in the check."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.documents import reading, verdict
from app.files import Files
from app.models.applications import Application, DossierFile
from app.models.calls import Call
from app.stages import calls, eligibility, submission
from app.stages import reading as stages_reading
from app.workflow import dossiers
from app.workflow.actors import OPERATOR, SYSTEM, Actor
from app.workflow.rules import Rules


def pdf(text: str = "A rescue drone that finds people in smoke") -> bytes:
    """A PDF of one page with one line on it; without a line the page is blank."""
    drawn = f"BT /F 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, starts = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out) + end % (table, len(out))


PDF = pdf()

FULL: dict[str, dict[str, Any]] = {
    "company": {
        "name": "가상로봇",
        "business_no": "380-81-00318",
        "size": "sme",
        "active": "yes",
        "no_bar": "yes",
        "representative": "홍길동",
    },
    "product": {
        "name_ko": "구조 드론",
        "name_en": "Rescue drone",
        "models": ["RD-1"],
        "price_krw": 12_000_000,
        "unit": "ea",
        "trl": 8,
        "is_ai": False,
        "designated_before": "no",
        "item_ids": ["23456789"],
    },
    "rnd": {
        "ntis_project_no": "1711190129",
        "title": "재난 대응 드론 개발",
        "ministry": "MSIT",
        "lead_institution": "가상로봇",
        "principal_investigator": "김연구",
        "started_on": "2014-04-01",
        "ended_on": "2024-03-31",
        "result": "success",
        "link_type": "own",
    },
    "rights": {"ip": [], "dispute": False, "certificates": []},
    "narrative": {
        "summary": "연기 속에서 사람을 찾는 드론",
        "novelty": "열화상과 레이더를 함께 쓴다",
        "impact": "수색 시간을 40 % 줄인다",
        "procurement": "소방서와 해양경찰이 쓴다",
        "market": "국내 800대 수요",
    },
    "classification": {"field_1": "F09", "field_2": "F20", "keywords": ["드론", "구조"]},
    "people": {"interest": [{"name": "이발명", "organisation": "가상대학교", "role": "inventor"}], "exclusions": []},
    "pilot_plan": {"min_units": 1, "max_units": 5, "unit_price_krw": 11_000_000, "kpis": ["수색 시간 40 % 단축"]},
}


def dossier_with(**changed: Any) -> dict[str, dict[str, Any]]:
    """A full dossier; `rnd__ended_on="…"` changes one field."""
    content = {section: dict(values) for section, values in FULL.items()}
    for place, value in changed.items():
        section, _, name = place.partition("__")
        content[section][name] = value
    return content


def open_call(session: Session, now: datetime, *, code: str = "2027-1", rules: Rules | None = None, days: int = 30) -> Call:
    call = calls.create(
        session,
        code=code,
        title_ko="2027년 1차 공고",
        title_en="First call of 2027",
        rules=rules or Rules(),
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=days),
        actor=OPERATOR,
        now=now,
    )
    return calls.open_call(session, call.public_id, actor=OPERATOR, now=now)


def fill(session: Session, application: Application, content: dict[str, Any], actor: Actor, now: datetime) -> None:
    for section, values in content.items():
        base = dossiers.latest(session, application).version
        submission.save(session, application.public_id, section, values, base=base, actor=actor, now=now)


def draft(session: Session, call: Call, actor: Actor, files: Files, now: datetime, **changed: Any) -> Application:
    """A complete draft with the files a call demands, read."""
    application = submission.start(session, call.public_id, actor=actor, now=now)
    fill(session, application, dossier_with(**changed), actor, now)
    for slot in ("D02", "D03"):
        row = submission.add_file(
            session,
            application.public_id,
            slot=slot,
            stream=io.BytesIO(pdf(slot)),
            name=f"{slot}.pdf",
            files=files,
            actor=actor,
            now=now,
        )
        read(session, row, now, f"Proposal of a rescue drone, {slot}")
    return application


def read(session: Session, row: DossierFile, now: datetime, *texts: str, drawn: bool = False) -> None:
    """Reading's result for a file, page by page, as if its process had answered."""
    pages = tuple(reading.Page("", text, "", drawn) for text in texts)
    said = verdict.of_pages("page", pages, (), ())
    stages_reading.record(session, row.sha256, row.kind, reading.Read("page", pages, said), now=now)


def filed(session: Session, call: Call, actor: Actor, files: Files, now: datetime, **changed: Any) -> Application:
    application = draft(session, call, actor, files, now, **changed)
    base = dossiers.latest(session, application).version
    submission.submit(session, application.public_id, base=base, pledged=True, actor=actor, now=now)
    return application


def in_check(session: Session, call: Call, actor: Actor, files: Files, now: datetime, **changed: Any) -> Application:
    """Filed, the call closed, the rules run. `now` is before closing; the check runs right after it."""
    application = filed(session, call, actor, files, now, **changed)
    after = call.closes_at + timedelta(minutes=1)
    if call.status == "open":
        calls.close_call(session, call.public_id, actor=OPERATOR, now=after)
    eligibility.screen(session, application.public_id, actor=SYSTEM, now=after)
    return application


def folder(path: Path) -> Files:
    return Files(path / "files")


def zipped(*names: str, first: tuple[str, bytes] | None = None) -> bytes:
    """A ZIP with these entries; `first` is stored uncompressed at the start, as HWPX does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in names:
            archive.writestr(name, b"<x/>")
    return out.getvalue()
