"""Documents that can be read: a PDF drawn with Korean letters that stand in no font of its own, and readings of files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application, DossierVersion
from app.models.readings import Reading, ReadingPage

PAGES = (
    "시험성적서\n구조 드론 RD-1의 시험 결과",
    "시험 방법\n연기 속에서 열화상 카메라로 사람을 찾는다",
    "결과\n탐지율 97 %, 열화상   카메라의 오차는 0.3 도",
)
KOREAN = (
    b"<</Type/Font/Subtype/Type0/BaseFont/HYGoThic-Medium/Encoding/UniKS-UCS2-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
    b"/BaseFont/HYGoThic-Medium/CIDSystemInfo<</Registry(Adobe)/Ordering(Korea1)/Supplement 1>>/FontDescriptor<</Type"
    b"/FontDescriptor/FontName/HYGoThic-Medium/Flags 6/FontBBox[0 -150 1000 880]/ItalicAngle 0/Ascent 880/Descent -120"
    b"/CapHeight 800/StemV 93>>>>]>>"
)


def pdf(pages: Sequence[str] = PAGES) -> bytes:
    """One page for each text. Its letters are named by a Korean character map, as in papers of Korean offices."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", KOREAN]
    kids = []
    for text in pages:
        lines = b" T* ".join(b"<%s> Tj" % line.encode("utf-16-be").hex().encode() for line in text.split("\n"))
        drawn = b"BT /F 18 Tf 30 TL 60 760 Td %s ET" % lines
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end


def reading(session: Session, sha256: str, now: datetime, *, pages: Sequence[str] = PAGES, unit: str = "page") -> None:
    """What a worker writes when it has read the file."""
    row = Reading(sha256=sha256, reader=99, state="done", kind="pdf", unit=unit, n_pages=len(pages), asked_at=now, read_at=now)
    session.add(row)
    session.flush()
    session.add_all(ReadingPage(reading_id=row.id, number=n, text=text) for n, text in enumerate(pages, 1))


def file_again(session: Session, application: Application, files: list[dict[str, object]], now: datetime) -> None:
    """The same dossier filed with these files."""
    last = session.execute(
        select(DossierVersion).where(
            DossierVersion.application_id == application.id, DossierVersion.version == application.dossier_version
        )
    ).scalar_one()
    session.add(
        DossierVersion(
            application_id=application.id,
            version=last.version + 1,
            content=last.content,
            digest="1" * 64,
            filed=True,
            files=files,
            at=now,
        )
    )
    application.dossier_version = last.version + 1
