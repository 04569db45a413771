"""Names that are not one organisation's by spelling and may be all the same: a person is asked, nobody is barred by them alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from reviewers.organisations import organisation_key, translation, words_of

# Words that a firm adds to its name or leaves away: "Seoul Robotics" and "Seoul Robotics Lab" may be one, or two.
_ADDED = frozenset(
    "laboratory laboratories group holding holdings korea usa america international global technology technologies tech system "
    "systems solution solutions research institute center industry industries enterprise enterprises service services science "
    "sciences engineering consulting partners associates assoc asso hospital foundation works studio branch division".split()
)
_KOREAN_ADDED = re.compile(
    r"(?:부설\s*)?(?:기업부설연구소|중앙연구소|기술연구소|연구소|연구원|연구센터|기술원|그룹|홀딩스|코리아|테크|테크놀로지|시스템즈?|솔루션즈?|랩스?|병원|"
    r"산업|엔지니어링|컨설팅|재단|지사|지점|본사)$"
)
_SMALL = frozenset("of and the for in at de".split())
_TYPO_LEAST, _SOUND_LEAST, _CORE_LEAST = 8, 5, 4
_INITIAL = "g kk n d tt l m b pp s ss  j jj ch k t p h".split(" ")
_FINAL = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")


class Namesakes:
    """The names of some organisations, to be asked which of them a further name may mean."""

    def __init__(self, names: Iterable[str]) -> None:
        self._full: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._loose: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name in names:
            for form in _full(name):
                self._full[form].add(name)
            for form in _loose(name):
                self._loose[form].add(name)

    def of(self, name: str) -> dict[str, str]:
        """The names that are not `name` under another spelling and may mean the same, with the way in which they are alike.

        >>> Namesakes(["Seoul Robotics", "서울로보틱스", "Busan Robotics"]).of("Seoul Robotics Lab")
        {'Seoul Robotics': 'part'}
        """
        own, found = organisation_key(name), dict[str, str]()
        if not own:
            return found
        for kind, form in sorted(_full(name) | _loose(name)):
            for other in sorted(self._loose.get((kind, form), set()) | self._full.get((kind, form), set())):
                if organisation_key(other) != own and _tells(kind, form, name, other):
                    found.setdefault(other, kind)
        return found


def _tells(kind: str, form: str, name: str, other: str) -> bool:
    """Parts and initials stand for the whole of one of the two names; sound is for two scripts: the rest says nothing."""
    if kind == "sound":
        return "".join(words_of(name)).isascii() != "".join(words_of(other)).isascii()
    if kind not in ("part", "initials"):
        return True
    return (kind, form) in _full(name) or (kind, form) in _full(other)


@lru_cache(maxsize=50_000)
def _full(name: str) -> frozenset[tuple[str, str]]:
    """A name as what the parts and the initials of others are compared with."""
    key = organisation_key(name)
    return frozenset((kind, key) for kind in ("part", "initials", "translation")) if len(key) > 1 else frozenset()


@lru_cache(maxsize=50_000)
def _loose(name: str) -> frozenset[tuple[str, str]]:
    return frozenset(_forms(name))


def _forms(name: str) -> Iterator[tuple[str, str]]:
    words = words_of(name)
    whole, core = "".join(words), words
    if other := translation(name):
        yield "translation", organisation_key(other)
    while len(core) > 1 and core[-1] in _ADDED:
        core = core[:-1]
        if len("".join(core)) >= _CORE_LEAST:
            yield "part", "".join(core)
    korean = _KOREAN_ADDED.sub("", whole)
    if korean != whole and len(korean) > 1:
        yield "part", korean
    told = [word for word in words if word not in _SMALL]
    if len(told) > 2 and all(word.isascii() for word in told):
        yield "initials", "".join(word[0] for word in told)
    if len(told) > 1:
        yield "words", " ".join(sorted(_singular(word) for word in told))
    elif told:
        yield "words", _singular(told[0])
    sound = _sound(whole)
    if len(sound) >= _SOUND_LEAST:
        yield "sound", sound
    if whole.isascii() and len(whole) >= _TYPO_LEAST:
        yield "typo", whole
        yield from (("typo", whole[:n] + whole[n + 1 :]) for n in range(1, len(whole)) if not whole[n].isdigit())


def _singular(word: str) -> str:
    if word.isascii() and len(word) > 4:
        return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")
    return word


def _sound(text: str) -> str:
    """The consonants of a name as a Korean would write them down in Latin letters, so that 서울로보틱스 meets Seoul Robotics."""
    latin = "".join(_syllable(letter) for letter in text).lower()
    for written, heard in (("ch", "j"), ("ph", "p"), ("ck", "k"), ("x", "ks"), ("th", "t"), ("sh", "s")):
        latin = latin.replace(written, heard)
    latin = latin.translate(str.maketrans("rcqgzvfd", "lkkkjbpt"))
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouyw\W\d_h]", "", latin))


def _syllable(letter: str) -> str:
    if not "가" <= letter <= "힣":
        return letter
    n = ord(letter) - ord("가")
    return _INITIAL[n // 588] + "a" + _FINAL[n % 28]
