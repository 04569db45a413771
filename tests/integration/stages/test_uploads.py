"""A file sent in pieces arrives as it left, whatever breaks on the way, and obeys the rules of every file."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, NoRoom, NotFound, Stale, WrongStage
from app.files import Files
from app.models.applications import Application, DossierFile, Upload
from app.models.calls import Call
from app.models.process import Promise
from app.stages import eligibility, submission
from app.stages.submission import uploads
from app.workflow import dossiers
from app.workflow.actors import Actor
from app.workflow.rules import Rules
from tests.dossiers import PDF, folder, in_check, open_call
from tests.people import acting

pytestmark = pytest.mark.storage

SOURCE = PDF + bytes(range(256)) * 20_000  # 5 MB: more than one piece, no multiple of it
HEAD = hashlib.sha256(SOURCE[: 1 << 20]).hexdigest()


def whole(source: bytes) -> str:
    """What a browser computes at the end: the digest over the digests of its pieces."""
    pieces = [source[at : at + uploads.PIECE] for at in range(0, len(source), uploads.PIECE)]
    return hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces)).hexdigest()


@dataclasses.dataclass
class Sender:
    """Somebody who sends SOURCE into a slot of a draft."""

    session: Session
    application: Application
    actor: Actor
    files: Files
    now: datetime

    def begin(self, **changed: Any) -> Upload:
        announced = {"slot": "D02", "name": "plan.pdf", "size": len(SOURCE), "head": HEAD, **changed}
        return uploads.start(self.session, self.application.public_id, **self.by, **announced)

    def append(self, upload: Upload, offset: int, piece: bytes) -> int:
        stream = io.BytesIO(piece)
        return uploads.append(self.session, self.application.public_id, upload.public_id, offset=offset, piece=stream, **self.by)

    def send(self, upload: Upload, start: int = 0, step: int = 1_000_003, source: bytes = SOURCE) -> None:
        for at in range(start, len(source), step):
            assert self.append(upload, at, source[at : at + step]) == min(at + step, len(source))

    def finish(self, upload: Upload, source: bytes = SOURCE) -> DossierFile:
        return uploads.finish(self.session, self.application.public_id, upload.public_id, digest=whole(source), **self.by)

    @property
    def by(self) -> dict[str, Any]:
        return {"files": self.files, "actor": self.actor, "now": self.now}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return folder(tmp_path)


@pytest.fixture
def call(session: Session, now: datetime) -> Call:
    return open_call(session, now, rules=Rules(extra={"file_mb": 6}))


@pytest.fixture
def sender(session: Session, now: datetime, call: Call, files: Files) -> Sender:
    actor = acting(session, now, "applicant")
    application = submission.start(session, call.public_id, actor=actor, now=now)
    return Sender(session, application, actor, files, now)


def test_what_was_sent_in_pieces_is_stored_as_it_was(sender: Sender) -> None:
    upload = sender.begin()
    sender.send(upload)
    added = sender.finish(upload)
    assert added.sha256 == hashlib.sha256(SOURCE).hexdigest()
    assert sender.files.path(added.sha256).read_bytes() == SOURCE
    assert (added.kind, added.name, added.slot) == ("pdf", "plan.pdf", "D02")
    assert sender.finish(upload) is added  # the answer was lost and the browser asked again
    assert [f.public_id for f in dossiers.live_files(sender.session, sender.application)] == [added.public_id]


def test_the_same_file_goes_on_where_it_stopped_and_another_of_its_name_begins_anew(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1_500_000])
    again = sender.begin()
    assert (again.public_id, again.received) == (upload.public_id, 1_500_000)
    for other in ({"head": "0" * 64}, {"size": len(SOURCE) - 1}, {"name": "other.pdf"}, {"slot": "D03"}):
        assert sender.begin(**other).received == 0


def test_a_name_in_decomposed_hangul_is_the_same_name(sender: Sender) -> None:
    upload = sender.begin(name="시험성적서.pdf")
    assert sender.begin(name="시험성적서.pdf").public_id == upload.public_id


def test_a_piece_sent_twice_changes_nothing_and_one_with_a_gap_is_refused(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1000])
    assert sender.append(upload, 0, SOURCE[:1000]) == 1000
    assert sender.append(upload, 500, b"something else altogether" * 100) == 1000
    with pytest.raises(Stale) as refused:
        sender.append(upload, 1001, SOURCE[1001:2000])
    assert refused.value.data["offset"] == 1000
    sender.send(upload, 1000)
    assert sender.finish(upload).sha256 == hashlib.sha256(SOURCE).hexdigest()


def test_half_a_piece_left_by_a_killed_process_does_not_count(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1000])
    with sender.files.part(upload.public_id).open("ab") as part:
        part.write(b"written, but its row was never committed")
    assert sender.begin().received == 1000
    sender.send(upload, 1000)
    assert sender.finish(upload).sha256 == hashlib.sha256(SOURCE).hexdigest()


def test_a_part_that_is_gone_or_shorter_than_its_row_says_counts_as_it_is(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1000])
    sender.files.part(upload.public_id).write_bytes(SOURCE[:700])
    assert sender.begin().received == 700
    sender.files.drop(upload.public_id)
    with pytest.raises(Stale) as refused:
        sender.append(upload, 1000, SOURCE[1000:2000])
    assert refused.value.data["offset"] == 0
    assert sender.begin().received == 0


def test_too_large_is_refused_before_the_first_byte_and_while_it_comes(sender: Sender, call: Call) -> None:
    with pytest.raises(Invalid) as refused:
        sender.begin(size=(6 << 20) + 1)
    assert refused.value.code == "file.too_large"
    upload = sender.begin(size=2000)
    with pytest.raises(Invalid) as refused:
        sender.append(upload, 0, SOURCE[:2001])
    assert refused.value.code == "upload.too_long"
    assert sender.files.part(upload.public_id).stat().st_size == 0
    larger = sender.begin(name="b.pdf")
    call.rules = {**call.rules, "extra": {"file_mb": 1}}
    with pytest.raises(Invalid) as refused:
        sender.append(larger, 0, SOURCE[:1000])
    assert refused.value.code == "file.too_large"


@pytest.mark.parametrize(
    ("announced", "code"),
    [({"size": 0}, "file.empty"), ({"name": "plan.exe"}, "file.unknown_kind"), ({"head": "x"}, "file.bad_digest")],
)
def test_what_would_be_refused_at_the_end_is_refused_at_the_start(sender: Sender, announced: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        sender.begin(**announced)
    assert refused.value.code == code


def test_the_content_is_judged_as_the_plain_form_judges_it(sender: Sender) -> None:
    fake = b"MZ not a document" * 1000
    upload = sender.begin(size=len(fake))
    sender.send(upload, source=fake)
    with pytest.raises(Invalid) as refused:
        sender.finish(upload, fake)
    assert refused.value.code == "file.unknown_kind"


def test_a_file_that_changed_on_the_way_is_not_stored(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:3_000_000])
    other = SOURCE[:2_000_000] + b"?" + SOURCE[2_000_001:]
    sender.send(upload, 3_000_000, source=other)
    with pytest.raises(Invalid) as refused:
        sender.finish(upload, other)
    assert refused.value.code == "upload.differs"


def test_an_unfinished_file_is_not_added(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1000])
    with pytest.raises(Stale) as refused:
        sender.finish(upload)
    assert refused.value.data["offset"] == 1000


def test_one_person_sends_only_so_many_at_once(sender: Sender) -> None:
    for n in range(uploads.OPEN_MOST):
        sender.begin(name=f"{n}.pdf")
    with pytest.raises(Invalid) as refused:
        sender.begin(name="one more.pdf")
    assert refused.value.code == "upload.too_many"
    assert sender.begin(name="3.pdf").received == 0  # one that is known goes on


def test_a_stranger_finds_no_upload_and_neither_does_another_application(sender: Sender, call: Call) -> None:
    upload = sender.begin()
    stranger = dataclasses.replace(sender, actor=acting(sender.session, sender.now, "applicant"))
    for attempt in (stranger.begin, lambda: stranger.append(upload, 0, b"x"), lambda: stranger.finish(upload)):
        with pytest.raises(NotFound):
            attempt()
    other = submission.start(sender.session, call.public_id, actor=sender.actor, now=sender.now)
    with pytest.raises(NotFound):
        dataclasses.replace(sender, application=other).append(upload, 0, b"x")


def test_a_supplement_takes_only_the_slots_asked_for(session: Session, now: datetime, call: Call, files: Files) -> None:
    applicant, coordinator = acting(session, now, "applicant"), acting(session, now, "coordinator")
    application = in_check(session, call, applicant, files, now)
    later = call.closes_at + timedelta(hours=1)
    sender = Sender(session, application, applicant, files, later)
    with pytest.raises(WrongStage):
        sender.begin()
    eligibility.ask_supplement(session, application.public_id, items=["D09"], reason="서류", actor=coordinator, now=later)
    with pytest.raises(Invalid) as refused:
        sender.begin(slot="D02")
    assert refused.value.code == "dossier.slot_closed"
    upload = sender.begin(slot="D09")
    sender.send(upload)
    assert sender.finish(upload).slot == "D09"


def test_a_slot_that_closes_on_the_way_takes_no_more(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1000])
    submission.withdraw(sender.session, sender.application.public_id, actor=sender.actor, now=sender.now)
    for attempt in (lambda: sender.append(upload, 1000, b"x"), lambda: sender.finish(upload)):
        with pytest.raises(WrongStage):
            attempt()


def test_cancelling_throws_away_what_arrived(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:1000])
    part = sender.files.part(upload.public_id)
    uploads.cancel(sender.session, sender.application.public_id, upload.public_id, files=sender.files, actor=sender.actor)
    assert not part.exists()
    with pytest.raises(NotFound) as refused:
        sender.append(upload, 1000, b"x")
    assert refused.value.code == "upload.gone"


def test_what_nobody_goes_on_sending_is_swept_after_a_day(sender: Sender) -> None:
    upload = sender.begin()
    key, part = upload.public_id, sender.files.part(upload.public_id)
    sender.now += timedelta(hours=20)
    sender.append(upload, 0, SOURCE[:1000])
    last = sender.now

    def sweep(moment: datetime) -> None:
        uploads.sweep(sender.session, key, files=sender.files, now=moment)

    sweep(last + timedelta(hours=5))
    assert part.exists()
    due = sender.session.scalars(select(Promise.due_at).where(Promise.kind == "sweep_upload").order_by(Promise.due_at)).all()
    assert due == [last + timedelta(hours=4), last + timedelta(hours=24)]
    sweep(last + timedelta(hours=24))
    assert not part.exists()
    assert sender.session.scalars(select(Upload)).all() == []
    sweep(last + timedelta(hours=48))  # run twice, the second time does nothing


def test_the_part_of_a_finished_upload_is_swept_at_once_and_its_file_stays(sender: Sender) -> None:
    upload = sender.begin()
    sender.send(upload)
    added = sender.finish(upload)
    due = sender.session.scalars(select(Promise.due_at).where(Promise.kind == "sweep_upload").order_by(Promise.due_at)).all()
    assert due[0] == sender.now
    uploads.sweep(sender.session, upload.public_id, files=sender.files, now=sender.now)
    assert not sender.files.part(upload.public_id).exists()
    assert sender.files.path(added.sha256).exists()


# --- a full disk ------------------------------------------------------------------------------------------------------


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """What a full disk does to a process: a write stops in the middle, the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_piece_that_does_not_fit_leaves_what_was_there_and_goes_on_when_there_is_room(sender: Sender) -> None:
    upload = sender.begin()
    sender.append(upload, 0, SOURCE[:2_000_000])
    with largest_file(3_000_000), pytest.raises(NoRoom):
        sender.append(upload, 2_000_000, SOURCE[2_000_000:4_000_000])
    assert sender.files.part(upload.public_id).stat().st_size == 2_000_000
    assert sender.begin().received == 2_000_000
    sender.send(upload, 2_000_000)
    assert sender.finish(upload).sha256 == hashlib.sha256(SOURCE).hexdigest()


def test_a_file_that_does_not_fit_leaves_neither_file_nor_row(sender: Sender) -> None:
    with largest_file(3_000_000), pytest.raises(NoRoom):
        submission.add_file(
            sender.session, sender.application.public_id, slot="D02", stream=io.BytesIO(SOURCE), name="plan.pdf", **sender.by
        )
    assert dossiers.live_files(sender.session, sender.application) == []
    assert [path for path in sender.files.folder.rglob("*") if path.is_file()] == []


def test_below_a_gigabyte_free_nothing_new_begins_and_what_began_goes_on(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sender.begin()
    usage = shutil.disk_usage(sender.files.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=(1 << 30) - 1))
    with pytest.raises(NoRoom):
        sender.begin(name="another.pdf")
    assert sender.begin().public_id == upload.public_id
    sender.append(upload, 0, SOURCE[:1000])
