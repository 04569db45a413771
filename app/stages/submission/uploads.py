"""A large file sent in pieces: begun once, gone on with from any device, added whole by the verb of the plain form."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePath
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import outbox
from app.documents import sniff
from app.documents.intake import file_name
from app.errors import Invalid, NotFound, Stale
from app.files import Files, digest_of_pieces
from app.models.applications import Application, DossierFile, Upload
from app.stages.submission import add_file, limit_of, receiving
from app.workflow.actors import Actor

PIECE = 4 << 20  # what a browser sends at once: seconds on a slow line, and no more than that is ever sent twice
OPEN_MOST = 20  # uploads under way of one person
KEPT = timedelta(days=1)  # after the last piece


def start(
    session: Session,
    application_id: str,
    *,
    slot: str,
    name: str,
    size: int,
    head: str,
    files: Files,
    actor: Actor,
    now: datetime,
) -> Upload:
    """An upload to send pieces to. The same file for the same slot, by name, size and first MB, finds what has arrived."""
    application = receiving(session, application_id, slot, actor)
    name = file_name(name)
    _check(application, name, size, head)
    known = session.execute(
        select(Upload)
        .where(
            Upload.application_id == application.id,
            Upload.slot == slot,
            Upload.name == name,
            Upload.size == size,
            Upload.head == head,
            Upload.finished_at.is_(None),
        )
        .with_for_update()
    ).scalar_one_or_none()
    if known is not None:
        known.received = files.held(known.public_id, known.received)
        return known
    mine = select(func.count()).select_from(Upload).where(Upload.by_id == actor.account_id, Upload.finished_at.is_(None))
    if session.execute(mine).scalar_one() >= OPEN_MOST:
        raise Invalid("upload.too_many", n=OPEN_MOST)
    files.need_room(size)
    row = Upload(
        application_id=application.id,
        slot=slot,
        name=name,
        size=size,
        head=head,
        by_id=actor.account_id,
        created_at=now,
        last_at=now,
    )
    session.add(row)
    session.flush()
    _promise_sweep(session, row, due_at=now + KEPT, now=now)
    return row


def append(
    session: Session,
    application_id: str,
    upload_id: str,
    *,
    offset: int,
    piece: BinaryIO,
    files: Files,
    actor: Actor,
    now: datetime,
) -> int:
    """Where the upload stands after this piece. One that came before changes nothing; one that would leave a gap is Stale."""
    row = _open(session, application_id, upload_id, actor)
    if row.finished_at is not None:
        return row.size
    held = files.held(row.public_id, row.received)
    if offset > held:
        raise Stale("upload.gap", offset=held)
    if offset == held:
        held = files.append(row.public_id, piece, at=held, most=row.size)
        row.last_at = now
    row.received = held
    return held


def finish(
    session: Session,
    application_id: str,
    upload_id: str,
    *,
    digest: str,
    files: Files,
    actor: Actor,
    now: datetime,
) -> DossierFile:
    """The whole file goes the way of every file. `digest` is the browser's, over its pieces: another means another file."""
    row = _open(session, application_id, upload_id, actor)
    if row.file is not None:
        return row.file
    held = files.held(row.public_id, row.received)
    if held < row.size:
        raise Stale("upload.gap", offset=held)
    with files.part(row.public_id).open("rb") as stream:
        if digest_of_pieces(stream, PIECE) != digest:
            raise Invalid("upload.differs")
        added = add_file(session, application_id, slot=row.slot, stream=stream, name=row.name, files=files, actor=actor, now=now)
    row.file, row.finished_at, row.last_at = added, now, now
    _promise_sweep(session, row, due_at=now, now=now)
    return added


def cancel(session: Session, application_id: str, upload_id: str, *, files: Files, actor: Actor) -> None:
    """What has arrived of a file is thrown away; a finished upload stays, its file is removed like any other."""
    row = _open(session, application_id, upload_id, actor)
    if row.finished_at is None:
        _forget(session, row, files)


def sweep(session: Session, upload_id: str, *, files: Files, now: datetime) -> None:
    """Throw away the part of a finished upload, and an upload that no piece has reached for a day; else look again then."""
    row = session.execute(select(Upload).where(Upload.public_id == upload_id).with_for_update()).scalar_one_or_none()
    if row is None:
        return
    if row.finished_at is not None:
        files.drop(row.public_id)
    elif row.last_at + KEPT <= now:
        _forget(session, row, files)
    else:
        _promise_sweep(session, row, due_at=row.last_at + KEPT, now=now)


def _check(application: Application, name: str, size: int, head: str) -> None:
    """What is wrong already before the first byte is sent."""
    if len(head) != 64:
        raise Invalid("file.bad_digest")
    if size < 1:
        raise Invalid("file.empty")
    if size > (limit := limit_of(application)):
        raise Invalid("file.too_large", limit_mb=limit >> 20)
    if PurePath(name).suffix.lower() not in sniff.EXTENSIONS:
        raise Invalid("file.unknown_kind")


def _open(session: Session, application_id: str, upload_id: str, actor: Actor) -> Upload:
    """The upload, held until the transaction ends, if its slot still takes files and it is not larger than the call allows."""
    found = session.execute(
        select(Upload)
        .join(Application, Application.id == Upload.application_id)
        .where(Application.public_id == application_id, Upload.public_id == upload_id)
        .with_for_update(of=Upload)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("upload.gone")
    application = receiving(session, application_id, found.slot, actor)
    if found.size > (limit := limit_of(application)):
        raise Invalid("file.too_large", limit_mb=limit >> 20)
    return found


def _forget(session: Session, row: Upload, files: Files) -> None:
    """The part goes first: a row without its part begins again at nothing, a part without its row would stay for ever."""
    files.drop(row.public_id)
    session.delete(row)


def _promise_sweep(session: Session, row: Upload, *, due_at: datetime, now: datetime) -> None:
    key = f"sweep_upload:{row.public_id}:{due_at.isoformat()}"
    outbox.promise(session, "sweep_upload", key=key, args={"upload": row.public_id}, now=now, due_at=due_at)
