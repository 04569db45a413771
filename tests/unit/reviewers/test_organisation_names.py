"""An organisation is known in any spelling; names that are only alike are asked about, never merged and never passed over."""

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.alike import Namesakes
from reviewers.conflicts import barred, find
from reviewers.organisations import campus_of, organisation_key, unit_of
from reviewers.records import Dossier, Expert

SBIR = Path(__file__).parents[4] / "shared" / "data" / "sbir"


def rewritten(name: str) -> list[str]:
    """Five other ways to write the name of a company: form, case and blanks, punctuation, width, article and legal form."""
    bare = re.sub(r",? (inc|incorporated|llc|corporation|corp)\.?$", "", name, flags=re.IGNORECASE)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in bare)
    return [
        f"{bare} Co., Ltd.".upper(),
        f"The  {bare.lower().removeprefix('the ')}  Corporation",
        f"{bare.replace('&', ' and ').replace('-', ' ')}, L.L.C.",
        wide,
        f"{bare.title()} (Incorporated), Seoul Campus",
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("㈜가나다", "주)가나다", "(株)가나다".replace("株", "주"), "주식회사  가나다", "가나다(주)", "가나다㈜"),
        (
            "KAIST",
            "한국과학기술원",
            "한국과학기술원(KAIST)",
            "카이스트",
            "Korea Advanced Institute of Science & Technology",
            "K A I S T",
        ),
        ("한국과학기술원 전산학부", "KAIST", "School of Computing, KAIST"),
        ("서울대학교 공과대학", "Seoul National University", "서울대학교 산학협력단", "Seoul National Univ."),
        ("한빛대학교 (Hanbit University)", "한빛대학교"),
        ("Société Générale", "SOCIETE GENERALE SA"),
        ("Acme Labs, Inc.", "ACME LABORATORIES"),
    ],
)
def test_every_spelling_has_one_key(names):
    assert len({organisation_key(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PC Photonics", "SA Photonics, Inc."),  # initials that look like legal forms
        ("한빛대학교", "한빛대학교병원"),
        ("Washington University", "University of Washington"),
        ("KIST", "KAIST"),
        ("Seoul Robotics", "Seoul Robotics Lab"),
        ("미래주", "미래"),
        ("経済", "工業"),
    ],
)
def test_two_organisations_keep_two_keys(one, other):
    assert organisation_key(one) != organisation_key(other)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("Seoul Robotics", "Seoul Robotics Lab", "part"),
        ("서울로보틱스", "서울로보틱스 중앙연구소", "part"),
        ("서울로보틱스", "Seoul Robotics Inc.", "sound"),
        ("Virginia Power Technologies", "VPT, Inc.", "initials"),
        ("Systems Technology Inc", "Technology Systems Inc.", "words"),
        ("Hanbit Instruments", "Hanbit Instrumnts", "typo"),
        ("Washington University", "University of Washington", "words"),
        ("한빛대학교", "Hanbit University (한빛대학교)", "translation"),
    ],
)
def test_names_that_are_alike_ask_a_person_and_bar_nobody_by_themselves(one, other, how):
    assert Namesakes([one]).of(other)[one] == how
    assert Namesakes([other]).of(one)[other] == how
    found = find([Dossier("d", one, "t")], [Expert("e", other)])
    assert [(c.ground, c.hard, c.evidence["identity_sure"], c.evidence["like"]) for c in found] == [
        ("same_organisation", False, False, how)
    ]
    assert barred(found) == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Seoul Robotics", "Seoul Rotors"),
        ("Advanced Systems", "Advanced Technologies"),
        ("경북대학교", "경남대학교"),
        ("Acme 1 Instruments", "Acme 2 Instruments"),
    ],
)
def test_names_that_share_little_are_left_in_peace(one, other):
    assert not Namesakes([one]).of(other)


def test_two_registration_numbers_tell_two_firms_of_like_names_apart():
    dossier = Dossier("d", "Seoul Robotics", "t", organisation_number="1111111111")
    assert find([dossier], [Expert("e", "Seoul Robotics Lab", organisation_number="2222222222")]) == []
    assert len(find([dossier], [Expert("e", "Seoul Robotics Lab")])) == 1


def test_unit_and_campus_are_read_out_of_a_name():
    assert unit_of("한빛대학교 서울캠퍼스 전자공학과") == "전자공학과"
    assert campus_of("한빛대학교 서울캠퍼스") == "서울캠퍼스"
    assert organisation_key("한빛대학교 서울캠퍼스 전자공학과") == organisation_key("한빛대학교")


SYLLABLES = st.text("가나다라마바사아자차카타파하", min_size=3, max_size=6)
WORDS = st.lists(
    st.sampled_from("Hanbit Mirae Acme Photon Robotics Bio Sensor R&D O'Neil X-ray Systems".split()),
    min_size=1,
    max_size=3,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(SYLLABLES, WORDS.map(" ".join)), st.data())
def test_an_organisation_written_another_way_never_sits_on_its_own_applicants_panel(name, data):
    korean = name.isalpha() and not name.isascii()
    ways = (
        [f"㈜{name}", f"{name} 주식회사", f"(주) {' '.join(name)}", f"{name}(유)", f"유한회사 {name}"]
        if korean
        else rewritten(name)
    )
    written = data.draw(st.sampled_from(ways))
    found = find([Dossier("d", name, "t")], [Expert("e", written), Expert("other", "다른 곳")])
    assert barred(found) == {("e", "d")}, written


@pytest.mark.skipif(not SBIR.is_dir(), reason="the SBIR set is not beside this checkout")
def test_of_a_thousand_real_applicants_the_own_expert_is_barred_in_five_other_spellings():
    def read(name):
        return [json.loads(line) for line in gzip.decompress((SBIR / name).read_bytes()).splitlines()]

    dossiers = [Dossier(row["application_id"], row["organisation"], row["title"]) for row in read("applications.jsonl.gz")]
    own = json.loads((SBIR / "own_expert.json").read_text())
    pool = {row["expert_id"]: row["organisation"] for row in read("experts.jsonl.gz")}
    ways = {expert: rewritten(name) for expert, name in pool.items()}
    for n in range(5):
        found = find(dossiers, [Expert(expert, names[n]) for expert, names in ways.items()])
        sure = {(c.expert_id, c.dossier_id) for c in found if c.hard and c.ground == "same_organisation"}
        missing = {(expert, dossier) for dossier, expert in own.items()} - sure
        assert not missing, [(pool[e], ways[e][n]) for e, _ in sorted(missing)][:5]
        wrong = {(pool[e], d) for e, d in sure if own[d] != e}
        assert len(wrong) <= 1, wrong  # SCI-TEC and SCITEC: blanks and hyphens tell nobody apart
