#!/usr/bin/env python3
"""Repeats a draw from its published file alone: python3 verify_draw.py DRAW.zip [LIST [OUTCOME [LOG]]]

LIST, OUTCOME and LOG are the SHA-256 digests as they were published: of the list before the draw, of seats and reasons with it,
of the log of contacts as far as it went. Needs nothing but Python. From the list and the secrets it draws the order, fills the
seats, says why somebody in the order got none, and follows every replacement in the log. It refuses whatever differs by a byte.

log.json is a list of {at, panel, expert, event}; an event is one of HELD, OVER or LOST, some with `why`. After a loss comes
replaced {by} or not_replaced, with `passed_over`, [[expert, why], ...] in order, and `changed`: whose organisation or load is
not what list and outcome say any more.
"""

import hashlib
import json
import sys
import zipfile
from typing import Any

LOST = ("declined", "no_answer", "recused", "challenged_out", "excluded")
HELD = ("invited", "accepted", "pledged", "active")
OVER = ("done", "called_off")
FACTS = ("absent", "former", "conflict")  # why somebody may be passed over that only the log can know


def sha256(text: Any) -> str:
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode("utf-8")).hexdigest()


def canonical(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def problems(file: Any, *published: Any) -> list[str]:
    """Everything that does not hold, in words; empty when the draw repeats. `published`: digests of list, outcome and log."""
    try:
        with zipfile.ZipFile(file) as opened:
            members = {name: opened.read(name) for name in opened.namelist()}
        told = json.loads(members["draw.json"])
        if canonical(told) != members["draw.json"]:
            return ["draw.json is not as it was written"]
        return _problems(members, told, dict(enumerate(published)))
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RecursionError, zipfile.BadZipFile) as error:
        return ["not the file of a draw: " + repr(error)]


def _problems(members: Any, told: Any, published: Any) -> list[str]:
    digest = sha256(members["list.json"])
    if digest != told["list_sha256"] or published.get(0) not in (None, digest):
        return ["the list is not the one that was frozen: its SHA-256 is " + digest]
    listed = json.loads(members["list.json"])
    strata, seating = (listed["strata"], listed["seating"]) if "seating" in listed else (listed, None)
    names = {"list_sha256", "commitments", "secrets", "order"}
    if set(told) != names | ({"since", "places", "outcome_sha256", "log_sha256"} if seating else set()):
        return ["draw.json holds other parts than a draw has"]
    found = _order(strata, digest, told)
    if not seating:
        return found
    outcome = sha256(canonical({"since": told["since"], "places": told["places"]}))
    if outcome != told["outcome_sha256"] or published.get(1) not in (None, outcome):
        found.append("seats and reasons are not those that were published: their SHA-256 is " + outcome)
    seats = _walk(seating, told["order"], told["since"])
    found += [
        "the order seats otherwise in " + name
        for name in sorted(set(seats) | set(told["places"]))
        if seats.get(name) != told["places"].get(name)
    ]
    return found + (_log(members, told, seating, published.get(2)) if not found else [])


def _order(strata: Any, digest: str, told: Any) -> list[str]:
    found = []
    if list(map(sha256, told["secrets"])) != told["commitments"]:
        found.append("a secret does not fit the commitment published before the draw")
    seed = sha256("\n".join(sha256("seed\n" + secret) for secret in told["secrets"]))
    if set(told["order"]) != set(strata):
        found.append("the order and the list name different seat types")
    for stratum, tickets in strata.items():
        place = {
            expert: min(sha256("\n".join((seed, stratum, digest, expert, str(n)))) for n in range(count))
            for expert, count in tickets.items()
        }
        if told["order"].get(stratum) != sorted(place, key=lambda expert: (place[expert], expert)):
            found.append("the seed gives another order for " + stratum)
    return found


def _full(seating: Any, expert: str, inside: Any) -> bool:
    cap, houses = seating["institution_cap"], seating["houses"]
    return cap is not None and [houses.get(e, e) for e in inside].count(houses.get(expert, expert)) >= cap


def _walk(seating: Any, order: Any, since: Any) -> Any:
    """What everybody in the order becomes, panel by panel: all seats, then substitutes."""
    rooms, places = dict(seating["rooms"], **since["rooms"]), dict[str, Any]()
    for panel in sorted(seating["kinds"], key=int):
        here, ahead = list[str](), dict[str, Any]()
        for substitutes in (False, True):
            for kind, seats in seating["kinds"][panel]:
                name = panel + ":" + kind
                line, left = places.setdefault(name, []), ahead.setdefault(name, list(order[name]))
                wanted = seats * (seating["multiple"] - 1 if substitutes else 1)
                while wanted and left:
                    expert, became = left.pop(0), "substitute" if substitutes else "seat"
                    if expert in here:
                        became = "here"
                    elif expert in since["absent"]:
                        became = "absent"
                    elif expert in since["conflict"].get(panel, ()):
                        became = "conflict"
                    elif not substitutes and rooms.get(expert, 0) < 1:
                        became = "load"
                    elif not substitutes and _full(seating, expert, here):
                        became = "institution"
                    if became in ("seat", "substitute"):
                        wanted -= 1
                        here.append(expert)
                        rooms[expert] = rooms.get(expert, 0) - (not substitutes)
                    line.append({"expert": expert, "became": became})
    return places


def _log(members: Any, told: Any, seating: Any, published: Any) -> list[str]:
    """The log is a chain, and every replacement in it is the next in order who could be asked."""
    log, before = json.loads(members["log.json"]), told["outcome_sha256"]
    for number, entry in enumerate(log, 1):
        before = sha256(before.encode("ascii") + b"\n" + canonical({k: v for k, v in entry.items() if k != "sha256"}))
        if entry["sha256"] != before:
            return [f"the log was changed at entry {number}"]
    if canonical(log) != members["log.json"] or told["log_sha256"] != before or published not in (None, before):
        return ["the log is not the one that was published: its last SHA-256 is " + before]
    panels = {panel: _Panel(panel, seating, told) for panel in seating["kinds"]}
    loads: dict[str, int] = {}
    for panel in panels.values():
        for expert in panel.seated:
            loads[expert] = loads.get(expert, 0) + 1
    found = []
    for number, entry in enumerate(log, 1):
        if wrong := panels[entry["panel"]].take(entry, loads):
            found.append(f"entry {number} of the log, panel {entry['panel']}: {wrong}")
    open_places = [(own.name, sorted(own.lost)) for own in panels.values() if own.lost]
    return found + [f"panel {panel}: nobody was asked after {', '.join(lost)}" for panel, lost in open_places]


class _Panel:
    """Who sits, who waits in which order, and whose place is not filled again yet."""

    def __init__(self, name: str, seating: Any, told: Any) -> None:
        self.name, self.seating = name, seating
        self.rooms = dict(seating["rooms"], **told["since"]["rooms"])
        self.kind: dict[str, str] = {}
        self.seated: list[str] = []
        self.waiting: list[Any] = []  # rank, number of the seat type, expert
        self.lost: dict[str, str] = {}
        self.invited: set[str] = set()
        for number, (kind, _) in enumerate(seating["kinds"][name]):
            rank = 0
            for entry in told["places"][name + ":" + kind]:
                if entry["became"] in ("seat", "substitute"):
                    self.kind[entry["expert"]] = kind
                if entry["became"] == "seat":
                    self.seated.append(entry["expert"])
                if entry["became"] == "substitute":
                    rank += 1
                    self.waiting.append((rank, number, entry["expert"]))

    def take(self, entry: Any, loads: Any) -> str:
        """Take one entry of the log; what is wrong with it, or nothing."""
        expert, event = str(entry["expert"]), str(entry["event"])
        if event in ("replaced", "not_replaced"):
            return self._replace(entry, loads) if expert in self.lost else "nobody left that place"
        if event not in LOST + HELD + OVER:
            return "no such event: " + event
        if expert not in self.seated:
            return expert + " does not sit here"
        if (event == "invited") == (expert in self.invited) and event != "excluded":
            return expert + (" was invited twice" if event == "invited" else " was not invited")
        self.invited.add(expert)
        if event in LOST + OVER:
            self.seated.remove(expert)
            loads[expert] -= 1
            if event in LOST:
                self.lost[expert] = event
        return ""

    def _replace(self, entry: Any, loads: Any) -> str:
        lost, by, passed = str(entry["expert"]), entry.get("by"), list(entry["passed_over"])
        del self.lost[lost]
        if entry.get("why") == "review_over":
            return "somebody was asked when the review was over" if by or passed else ""
        kind, least = self.kind[lost], self.seating["least"]
        spare = [self.kind[other] for other in self.seated].count(kind) >= least.get(kind, 0)
        order = sorted((self.kind[w[2]] != kind, *w) for w in self.waiting if spare or self.kind[w[2]] == kind)
        for expert in [str(place[-1]) for place in order]:
            if expert == by and not passed:
                why = self._obstacle(expert, entry, loads)
                self.waiting = [w for w in self.waiting if w[2] != expert]
                self.seated.append(expert)
                loads[expert] = loads.get(expert, 0) + 1
                return expert + " could not be asked: " + why if why else ""
            if not passed or passed[0][0] != expert:
                return expert + " was the next in order"
            why = passed.pop(0)[1]
            if why not in (*FACTS, *self._may_say(expert, entry, loads)):
                return f"{expert} was passed over for {why}"
        return "somebody was asked who was not drawn" if by or passed else ""

    def _may_say(self, expert: str, entry: Any, loads: Any) -> Any:
        """The reasons that list, outcome and log bear out, or cannot know since somebody's organisation or load is another now."""
        if expert in entry["changed"]:
            return ("institution", "load")
        moved = ["institution"] if set(self.seated) & set(entry["changed"]) else []
        return [self._obstacle(expert, entry, loads), *moved]

    def _obstacle(self, expert: str, entry: Any, loads: Any) -> str:
        if expert in entry["changed"]:
            return ""
        inside = [other for other in self.seated if other not in entry["changed"]]
        if _full(self.seating, expert, inside):
            return "institution"
        return "load" if loads.get(expert, 0) >= self.rooms.get(expert, 0) else ""


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    wrong = problems(*sys.argv[1:])
    print("\n".join(wrong) or "The draw repeats: list, seed, order, seats, reasons and replacements are as published.")
    sys.exit(1 if wrong else 0)
