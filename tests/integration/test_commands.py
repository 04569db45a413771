"""What an operator types: one JSON object on standard output, the rest on standard error, and an exit code that tells."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import config as settings
from app import cli, journal
from app.db import Database
from app.jobs import matching as job
from app.models.applications import Application
from app.models.calls import Call
from app.models.matching import MatchRun
from app.models.people import AccountRole
from app.models.process import JournalEntry, Mail, Promise
from tests.encoders import WordEncoder, WordEncoders
from tests.matching import dossier, expert

SBIR = Path(__file__).parents[3] / "shared" / "data" / "sbir"

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist yet, and no other setting."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PPIR_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> WordEncoders:
    encoders = WordEncoders()
    monkeypatch.setattr(job, "encoders", lambda _config: encoders)
    return encoders


@pytest.fixture
def ppir(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, dict[str, Any], str]:
        code = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else {}, said.err

    return run


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "\n".join(json.dumps(row) for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def database() -> Database:
    return Database(settings.read().database_url)


def test_from_nothing_to_a_stored_run_in_four_commands(ppir: Run, folder: Path, models: WordEncoders) -> None:
    pool = lines(folder / "experts.jsonl.gz", [expert(n) for n in range(40)])
    filed = lines(folder / "applications.jsonl", [dossier(n) for n in range(8)])
    assert ppir("import", "experts", pool)[:2][1]["created"] == 40
    code, call, _ = ppir("call", "create", "C1", "--seats", "3", "--max-load", "2", "--title", "First")
    assert (code, call["seats"], call["max_load"]) == (0, 3, 2)
    assert ppir("import", "dossiers", filed, "--call", "C1")[1]["created"] == 8
    code, said, told = ppir("match", "--call", "C1", "--seed", "s", "--out", folder / "run.json")
    assert (code, said["seats"], said["empty"], said["seed"]) == (0, 24, 0, "s")
    assert "wall" in told and "CPU" in told and "peak memory" in told
    run = json.loads((folder / "run.json").read_text())
    assert {"call", "digest", "seed", "seconds", "panels"} <= set(run)
    assert [panel["application_id"] for panel in run["panels"]] == [f"A{n}" for n in range(8)]
    assert (said["round"], run["round"]) == (1, 1)
    assert ppir("match", "--call", "C1", "--round", "1", "--seed", "t")[1]["round"] == 1
    code, _, told = ppir("match", "--call", "C1", "--round", "2")
    assert code == 1 and "This call has no round 2." in told
    seat = run["panels"][0]["seats"][0]
    assert set(seat) == {"expert_id", "affinity", "works"}
    assert set(seat["works"][0]) == {"title", "share"}
    with database().read() as session:
        assert {e.actor for e in session.scalars(select(JournalEntry))} == {"operator", "system"}
        assert {a.status for a in session.scalars(select(Application))} == {"eligible"}
        assert session.scalars(select(Call.status)).all() == ["closed"]
        assert journal.verify(session).first_bad is None


def test_a_list_of_names_is_checked_before_anybody_is_contacted(
    ppir: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ppir("import", "experts", lines(folder / "experts.jsonl", [expert(0, name="Kim Own", organisation="Maker 0, Inc.")]))
    ppir("call", "create", "C1")
    ppir("import", "dossiers", lines(folder / "applications.jsonl", [dossier(n) for n in range(2)]), "--call", "C1")
    names = folder / "names.txt"
    names.write_text("Kim Own, MAKER 0 Co., Ltd.\nLee Else, Elsewhere\n", encoding="utf-8")
    code, said, _ = ppir("check-conflicts", names, "--call", "C1", "--dossier", "D-0001", "--json")
    assert (code, [(n["state"], n["expert"], {f["ground"] for f in n["findings"]}) for n in said["names"]]) == (2, [
        ("barred", "E0", {"same_organisation", "rival"}), ("clear", "", set())])  # fmt: skip
    assert cli.main(["check-conflicts", str(names), "--call", "C1"]) == 2
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "1\tbarred\tKim Own\tMAKER 0 Co., Ltd." and told[-1] == "2\tclear\tLee Else\tElsewhere"
    assert ppir("check-conflicts", folder / "none.txt", "--call", "C1")[0] == 1


def test_the_same_import_twice_says_unchanged_and_ends_well(ppir: Run, folder: Path) -> None:
    pool = lines(folder / "experts.jsonl", [expert(n) for n in range(3)])
    ppir("import", "experts", pool)
    code, said, _ = ppir("import", "experts", pool)
    assert (code, said["created"], said["changed"], said["unchanged"]) == (0, 0, 0, 3)


def test_a_refused_file_ends_badly_with_line_field_reason_and_remedy(ppir: Run, folder: Path) -> None:
    pool = lines(folder / "experts.jsonl", [expert(1), expert(2, mail="x")])
    code, said, told = ppir("import", "experts", pool)
    assert (code, said["status"], said["bad"]) == (1, "refused", 1)
    assert "line 2, mail: This is not a mail address. Correct it or leave it out" in told
    code, said, _ = ppir("import", "experts", pool, "--partial")
    assert (code, said["created"], said["bad"]) == (0, 1, 1)


def test_a_file_of_600_mb_is_refused_in_words(ppir: Run, folder: Path) -> None:
    path = folder / "huge.jsonl"
    with path.open("wb") as handle:
        handle.truncate(600 << 20)
    code, said, told = ppir("import", "experts", path)
    assert (code, said["status"]) == (1, "refused")
    assert "larger than 256 MB" in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "experts", "nowhere.jsonl"), "There is no file nowhere.jsonl."),
        (("match", "--call", "NONE"), "There is no call with the code NONE."),
        (("call", "create", "two words"), "A code has 1 to 40 letters"),
        (("call", "create", "C", "--seats", "0"), "seats"),
        (("invite", "a@example.org", "--name", "A", "--role", "institution"), "organisation"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(ppir: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, said, told = ppir(*arguments)
    assert (code, said) == (1, {})
    assert sentence in told


def test_the_first_administrator_is_invited_once(ppir: Run) -> None:
    for _ in range(2):
        code, said, _ = ppir("invite", "admin@example.org", "--name", "Kim", "--letters", "en")
        assert (code, said["mail"], said["role"], said["status"]) == (0, "admin@example.org", "administrator", "invited")
    with database().read() as session:
        (role,) = session.scalars(select(AccountRole))
        assert (role.role, role.ended_at) == ("administrator", None)
        assert {m.language for m in session.scalars(select(Mail))} == {"en"}
        assert {e.actor for e in session.scalars(select(JournalEntry))} == {"operator"}


def test_a_killed_match_is_taken_up_again_where_it_stopped(ppir: Run, folder: Path, models: WordEncoders) -> None:
    ppir("import", "experts", lines(folder / "experts.jsonl", [expert(n) for n in range(200)]))
    ppir("call", "create", "C1", "--seats", "3")
    ppir("import", "dossiers", lines(folder / "applications.jsonl", [dossier(n) for n in range(4)]), "--call", "C1")
    models.english.die_after = 300
    assert ppir("match", "--call", "C1")[0] == 130
    models.english = WordEncoder()
    with database().write() as session:  # a minute later the dead process's lease is over
        session.execute(update(Promise).values(leased_until=None))
    code, _, told = ppir("match", "--call", "C1", "--out", folder / "run.json")
    assert (code, "taken up again" in told) == (0, True)
    assert len(models.english.seen) <= 404 - 128
    with database().read() as session:
        assert session.scalars(select(MatchRun.status)).all() == ["done"]


def test_a_run_that_fails_ends_badly_and_stays_on_record(
    ppir: Run, folder: Path, models: WordEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ppir("import", "experts", lines(folder / "experts.jsonl", [expert(0)]))
    ppir("call", "create", "C1", "--seats", "1")
    ppir("import", "dossiers", lines(folder / "applications.jsonl", [dossier(0)]), "--call", "C1")

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no weights here")

    with monkeypatch.context() as patch:
        patch.setattr(job, "compute", broken)
        code, said, told = ppir("match", "--call", "C1")
    assert (code, said) == (1, {})
    assert "the run is failed: RuntimeError: no weights here" in told
    with database().read() as session:
        run = session.scalars(select(MatchRun)).one()
        assert (run.status, run.summary) == ("failed", {"error": "RuntimeError: no weights here"})
    assert ppir("match", "--call", "C1")[0] == 0


@pytest.mark.skipif(not SBIR.is_dir(), reason=f"the real data is not here: {SBIR}")
def test_real_dossiers_get_no_expert_of_their_own_company(ppir: Run, folder: Path, models: WordEncoders) -> None:
    """A slice: forty real dossiers, their own experts and four hundred others."""
    own = json.loads((SBIR / "own_expert.json").read_text())
    with gzip.open(SBIR / "applications.jsonl.gz", "rt") as stream:
        filed = [json.loads(line) for line in islice(stream, 40)]
    wanted = {own[row["application_id"]] for row in filed}
    with gzip.open(SBIR / "experts.jsonl.gz", "rt") as stream:
        everybody = [json.loads(line) for line in stream]
    pool = [row for n, row in enumerate(everybody) if row["expert_id"] in wanted or n < 400]
    ppir("import", "experts", lines(folder / "experts.jsonl.gz", pool))
    ppir("call", "create", "SBIR", "--seats", "5", "--max-load", "3")
    ppir("import", "dossiers", lines(folder / "applications.jsonl.gz", filed), "--call", "SBIR")
    assert ppir("match", "--call", "SBIR", "--out", folder / "run.json")[1]["seats"] == 200
    panels = json.loads((folder / "run.json").read_text())["panels"]
    loads = Counter(seat["expert_id"] for panel in panels for seat in panel["seats"])
    assert max(loads.values()) <= 3
    for panel in panels:
        seated = [seat["expert_id"] for seat in panel["seats"]]
        assert own[panel["application_id"]] not in seated
        assert len(set(seated)) == 5


def test_a_demonstration_too_small_for_its_story_is_refused_before_anything_is_made(ppir: Run, folder: Path) -> None:
    code, _, said = ppir("demo", "--dossiers", "12")
    assert code == 2
    assert "24 or more" in said
    assert not (folder / "data" / "ppir.sqlite").exists()
