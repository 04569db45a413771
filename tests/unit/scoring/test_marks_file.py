"""A table of scores from anywhere: read in whatever shape it comes, or refused with the place and the remedy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scoring.command import main
from scoring.errors import MarksFileInvalid
from scoring.marks_file import decode, read

HEAD = "application,panellist,score\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the file is empty; begin with application,panellist,score"),
        (
            "application,score\nA,1\n",
            "line 1, column panellist: is missing in the first line; begin with application,panellist,score",
        ),
        (HEAD + "A,e,7o\n", "line 2, column score: '7o' is no number; write it like 72.5"),
        (HEAD + 'A,e,"70,5"\n', "line 2, column score: '70,5' is no number; write the decimals after a point, like 72.5"),
        (HEAD + "A,e,nan\n", "line 2, column score: 'nan' is no finite number; take the line out"),
        (HEAD + "A,e,70\n\nA,,70\n", "line 4, column panellist: is empty; fill it in, or take the line out"),
        (HEAD + "A,e,70\nA,e,71\n", "line 3, column panellist: 'e' scored 'A' already in line 2; keep one of the two lines"),
        (HEAD + "A,e\n", "line 2: has 2 cells, not 3; give every line as many cells as the first, separated by ','"),
        (HEAD + 'A,"e,70\n', "line 2: cannot be split: unexpected end of data; check the quotation marks"),
    ],
)
def test_a_fault_names_its_line_its_column_and_the_remedy(text, sentence):
    with pytest.raises(MarksFileInvalid) as fault:
        read(text)
    assert fault.value.sentence == sentence


@pytest.mark.parametrize(
    "content",
    [
        "score;application;panellist;note\r\n70;가-1;김;x\r\n80;가-1;이;\r\n".encode("utf-8-sig"),
        "Application\tPanellist\tScore\n가-1\t김\t70\n가-1\t이\t80".encode("utf-16"),
        '\n"application","panellist","score"\n"가-1"," 이 ","80"\n가-1,김,7e1\n'.encode(),
    ],
)
def test_separators_marks_and_order_of_columns_do_not_matter(content):
    marks = read(decode(content))
    assert marks.application_ids == ("가-1",) and marks.panellist_ids == ("김", "이")
    assert marks.score.tolist() == [70.0, 80.0]


def test_bytes_that_are_no_text_are_refused_with_their_line():
    with pytest.raises(MarksFileInvalid) as fault:
        decode(HEAD.encode() + b"A,\xb1\xe8,70\n")
    assert fault.value.data["line"] == 2


def test_the_command_writes_what_it_found_and_the_same_again_for_the_same_scores(tmp_path):
    pairs = sorted({(a, (a * 3 + j * (1 + a % 4)) % 7) for a in range(9) for j in range(3)})
    rows = [f"A-{a},e-{p},{60 + 5 * ((a * 7 + p * 5) % 6) + (a * 3 + p) % 7}" for a, p in pairs]
    marks, out, again = tmp_path / "marks.csv", tmp_path / "out.json", tmp_path / "again.json"
    marks.write_text(HEAD + "\n".join(rows))
    command = [sys.executable, "-m", "scoring.calibration", str(marks), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(out.read_text())
    assert set(found) == {"applications", "panellists", "variance", "likelihood_ratio", "applied", "why"}
    assert set(found["applications"][0]) == {"application", "value", "se", "raw", "k"}
    assert set(found["panellists"][0]) == {"panellist", "severity", "se", "n"}
    marks.write_text(HEAD + "\n".join(reversed(rows)))
    assert main([str(marks), "--out", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_the_command_says_in_one_line_what_is_wrong(tmp_path, capsys):
    (tmp_path / "marks.csv").write_text(HEAD + "A,e,x\n")
    assert main([str(tmp_path / "marks.csv"), "--out", str(tmp_path / "out.json")]) == 1
    assert capsys.readouterr().err.endswith("marks.csv: line 2, column score: 'x' is no number; write it like 72.5\n")
    assert main([str(tmp_path / "none.csv"), "--out", str(tmp_path / "out.json")]) == 1
    assert "No such file or directory" in capsys.readouterr().err
