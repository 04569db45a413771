"""After a filing: its bundle, then its printed receipt. Run twice, each gives the same bytes."""

from __future__ import annotations

from io import BytesIO

from app import clock
from app.documents import bundle as bundles
from app.exports import receipt_pdf
from app.files import Files
from app.jobs.job import Job
from app.queries import receipts as queries
from app.queries.receipts import Receipt
from app.stages import receipts
from app.workflow.actors import SYSTEM

PDF_LIMIT = 20 << 20


def bundle(job: Job) -> None:
    """The one pass over the bytes of every file, outside any transaction and any request."""
    files, filing = Files(job.config.files_dir), _filing(job)
    stored = files.make(
        lambda out: bundles.write(
            out, head=_head(filing), content=filing.content, files=bundles.members(filing.filed, files.path)
        )
    )
    with job.effect() as session:
        receipts.bundled(
            session,
            filing.application,
            filing.version,
            stored,
            actor=SYSTEM,
            now=clock.now(session),
            base_url=job.config.base_url,
            letter=job.args.get("letter", True),
        )


def print_receipt(job: Job) -> None:
    filing = _filing(job)
    stored = Files(job.config.files_dir).put(BytesIO(receipt_pdf.build(filing)), limit=PDF_LIMIT)
    with job.effect() as session:
        receipts.printed(session, filing.application, filing.version, stored, actor=SYSTEM, now=clock.now(session))


def _filing(job: Job) -> Receipt:
    with job.database.read() as session:
        return queries.one(session, job.args["application"], job.args["version"], actor=SYSTEM)


def _head(filing: Receipt) -> dict[str, object]:
    """Which filing the bundle is of, in the words of the receipt."""
    return {
        "application": filing.application,
        "call": filing.call_code,
        "company": filing.organisation,
        "filed_at": filing.filed_at.isoformat(),
        "number": filing.number,
        "product": filing.title,
        "version": filing.version,
    }
