"""What the marks say, drawn: seven pictures of a scored round, each with its numbers as a table.

Like `app.web.charts`, from which the parts come: numbers and words in, safe markup out, looks by classes. Rows come in
the order they are to be read. The same pictures serve the coordinator's pages, the panel's and the minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from app.web.charts import ROW, WIDTH, Figure, Words, figure, label_width, line, number, places, rect, tenth, ticks, words_at

LOOKS = {"pass": "mark-good", "borderline": "mark-warn", "fail": "mark-bad"}
HEAT = (("heat-low2", "−−"), ("heat-low", "−"), ("heat-none", ""), ("heat-high", "+"), ("heat-high2", "++"))
HEAD, FOOT = 28, 28


@dataclass(frozen=True)
class Standing:
    """One row of :func:`forest`. `status` is pass, borderline or fail; `letter` says it without colour; `own` its own pass mark."""

    label: str
    value: float
    low: float
    high: float
    raw: float
    status: str
    letter: str
    note: str = ""
    own: float | None = None


@dataclass(frozen=True)
class Strictness:
    """One row of :func:`caterpillar`: above 0 lenient, below severe; `n` sheets. `doubt` says why it cannot be judged."""

    alias: str
    value: float
    low: float
    high: float
    n: int
    doubt: str = ""


@dataclass(frozen=True)
class Reach:
    """One row of :func:`leave_one_out`: the value and its range over every single deletion; `flips` of them change the decision."""

    label: str
    value: float
    low: float
    high: float
    flips: int
    own: float | None = None


@dataclass(frozen=True)
class Slope:
    """One row of :func:`slopes`; `passes` by the calibrated value."""

    label: str
    raw: float
    calibrated: float
    passes: bool


@dataclass(frozen=True)
class Tie:
    """One row of :func:`connectivity`: reviews of a sub-field, and those by panellists who also judge another."""

    label: str
    reviews: int
    shared: int
    components: int


@dataclass(frozen=True)
class Part:
    """One row of :func:`profile`: points reached and the cut-line, both of `maximum`."""

    label: str
    points: float
    maximum: float
    cut_line: float | None


def forest(words: Words, rows: Sequence[Standing], *, pass_at: float, pass_label: str) -> Figure:
    """Calibrated value with its interval as a dot, the raw mean as a cross, the pass line across, a letter by status."""
    frame = _Frame.over(
        [x for r in rows for x in (r.low, r.high, r.raw, pass_at if r.own is None else r.own)] + [pass_at],
        [r.label for r in rows],
        len(rows),
        right=148,
    )
    body = frame.grid() + frame.mark(pass_at, f"{pass_label} {number(pass_at, 1)}")
    for at, row in enumerate(rows):
        y = frame.y(at)
        body.append(words_at(frame.left - 8, y + 4, row.label, end=True))
        body += frame.own_mark(row.own, y)
        body.append(_whisker(frame, row.low, row.high, y))
        x = tenth(frame.x(row.raw))
        body.append(f'<path d="M-4 -4L4 4M-4 4L4 -4" class="cross" transform="translate({x} {tenth(y)})"/>')
        body.append(f'<circle cx="{tenth(frame.x(row.value))}" cy="{tenth(y)}" r="5" class="{LOOKS[row.status]} edge"/>')
        body.append(words_at(frame.end + 10, y + 4, _told(row.letter, number(row.value, 2), row.note), "value"))
    cells = [
        (
            r.label,
            number(r.value, 2),
            f"{number(r.low, 1)} – {number(r.high, 1)}",
            number(r.raw, 2),
            number(pass_at if r.own is None else r.own, 2),
            r.letter,
            r.note,
        )
        for r in rows
    ]
    return figure(words, frame.height, body, cells)


def caterpillar(words: Words, rows: Sequence[Strictness], *, severe: str, lenient: str) -> Figure:
    """Each panellist's severity with its interval; grey where the interval covers 0 or the sheets are too few to judge by."""
    frame = _Frame.over(
        [0.0, *(x for r in rows for x in (r.low, r.high))],
        [r.alias for r in rows],
        len(rows),
        right=96 + label_width([r.doubt for r in rows]) * any(r.doubt for r in rows),
    )
    body = [*frame.grid(), line(frame.x(0), HEAD - 6, frame.x(0), frame.base, "axis")]
    body.append(words_at(frame.left, 14, f"← {severe}", "small"))
    body.append(words_at(frame.end, 14, f"{lenient} →", "small", end=True))
    for at, row in enumerate(rows):
        y, covers = frame.y(at), bool(row.doubt) or row.low <= 0 <= row.high
        body.append(words_at(frame.left - 8, y + 4, row.alias, end=True))
        body.append(_whisker(frame, row.low, row.high, y, "span-quiet" if covers else "span"))
        look = "mark-quiet" if covers else "mark-a"
        body.append(f'<circle cx="{tenth(frame.x(row.value))}" cy="{tenth(y)}" r="4.5" class="{look}"/>')
        body.append(words_at(frame.end + 10, y + 4, _told(_signed(row.value), f"n={row.n}", row.doubt), "value"))
    cells = [(r.alias, _signed(r.value), f"{_signed(r.low)} – {_signed(r.high)}", _told(str(r.n), r.doubt)) for r in rows]
    return figure(words, frame.height, body, cells)


def residuals(
    words: Words, panellists: Sequence[str], applications: Sequence[str], cells: Sequence[tuple[int, int, float]], *, step: float
) -> Figure:
    """Heat map panellist × application of what neither explains; beyond one and two `step` a sign is written in the cell.

    Its table has the same rows and columns; of `words.columns` only the first is used.
    """
    left, wide, top = label_width(panellists), 26, 64
    body = []
    for column, label in enumerate(applications):
        x = left + column * wide + wide / 2 + 4
        body.append(
            f'<text x="{tenth(x)}" y="{top - 8}" class="small" transform="rotate(-60 {tenth(x)} {top - 8})">{escape(label)}</text>'
        )
    for row, label in enumerate(panellists):
        body.append(words_at(left - 8, top + row * ROW + 18, label, end=True))
        body.append(rect(left, top + row * ROW, wide * len(applications), ROW, "heat-gap"))
    for row, column, value in cells:
        look, sign = HEAT[2 + max(-2, min(2, int(value / step)))]
        x, y = left + column * wide, top + row * ROW
        body.append(rect(x, y, wide, ROW, f"{look} edge"))
        body.append(words_at(x + wide / 2, y + 18, sign, "value", middle=True) if sign else "")
    known = {(r, c): _signed(value) for r, c, value in cells}
    told = [(who, *(known.get((r, c), "–") for c in range(len(applications)))) for r, who in enumerate(panellists)]
    words = replace(words, columns=(words.columns[0], *applications))
    return figure(words, top + len(panellists) * ROW + 8, body, told, width=max(left + wide * len(applications) + 40, 240))


def leave_one_out(words: Words, rows: Sequence[Reach], *, pass_at: float, pass_label: str, flips: str) -> Figure:
    """The range of each value over all single deletions; a diamond where one of them would change the decision."""
    marks = [r.own for r in rows if r.own is not None]
    known = [x for r in rows for x in (r.low, r.high)] + [pass_at, *marks]
    frame = _Frame.over(known, [r.label for r in rows], len(rows), right=132)
    body = frame.grid() + frame.mark(pass_at, f"{pass_label} {number(pass_at, 1)}")
    for at, row in enumerate(rows):
        y = frame.y(at)
        body.append(words_at(frame.left - 8, y + 4, row.label, end=True))
        body += frame.own_mark(row.own, y)
        body.append(_whisker(frame, row.low, row.high, y))
        place = f'transform="translate({tenth(frame.x(row.value))} {tenth(y)})"'
        body.append(
            f'<path d="M0 -6L6 0L0 6L-6 0z" class="mark-bad edge" {place}/>'
            if row.flips
            else f'<circle r="4.5" class="mark-a" {place}/>'
        )
        note = f"{flips} {row.flips}" if row.flips else ""
        body.append(words_at(frame.end + 10, y + 4, _told(number(row.value, 2), note), "value"))
    cells = [(r.label, number(r.value, 2), number(r.low, 2), number(r.high, 2), str(r.flips)) for r in rows]
    return figure(words, frame.height, body, cells)


def slopes(words: Words, rows: Sequence[Slope], *, pass_at: float, raw: str, calibrated: str, pass_label: str) -> Figure:
    """From the raw mean to the calibrated value, for the decisions that change."""
    scale = ticks(*_ends([x for r in rows for x in (r.raw, r.calibrated)] + [pass_at]))
    top, tall = 36, max(160, 14 * len(rows))
    left, right = 150, WIDTH - 150

    def y(value: float) -> float:
        return top + tall * (1 - (value - scale[0]) / (scale[-1] - scale[0]))

    body = [line(left, y(tick), right, y(tick), "grid") for tick in scale]
    body += [line(x, top, x, top + tall, "axis") for x in (left, right)]
    body += [words_at(left, 16, raw, middle=True), words_at(right, 16, calibrated, middle=True)]
    body.append(line(left, y(pass_at), right, y(pass_at), "pass"))
    body.append(words_at((left + right) / 2, y(pass_at) - 6, f"{pass_label} {number(pass_at, 1)}", "small", middle=True))
    spots = [_spread([y(value) for value in side]) for side in ([r.raw for r in rows], [r.calibrated for r in rows])]
    for at, row in enumerate(rows):
        look = "mark-good" if row.passes else "mark-bad"
        body.append(line(left, y(row.raw), right, y(row.calibrated), "span"))
        body.append(f'<circle cx="{right}" cy="{tenth(y(row.calibrated))}" r="4.5" class="{look} edge"/>')
        body.append(f'<circle cx="{left}" cy="{tenth(y(row.raw))}" r="4" class="open"/>')
        body.append(words_at(left - 10, spots[0][at] + 4, _told(row.label, number(row.raw, 2)), end=True))
        body.append(words_at(right + 10, spots[1][at] + 4, _told(number(row.calibrated, 2), row.label)))
    cells = [(r.label, number(r.raw, 2), number(r.calibrated, 2), _signed(r.calibrated - r.raw, 2)) for r in rows]
    return figure(words, max([top + tall, *spots[0], *spots[1]]) + 20, body, cells)


def connectivity(words: Words, rows: Sequence[Tie], *, least: float) -> Figure:
    """Reviews by panellists who also judge in another sub-field, per cent of all; a line at the `least` that is wished for."""
    left, right = label_width(r.label for r in rows), 132
    room = WIDTH - left - right
    body = []
    for at, row in enumerate(rows):
        y, share = HEAD + at * ROW, row.shared / row.reviews if row.reviews else 0.0
        body.append(words_at(left - 8, y + 18, row.label, end=True))
        body.append(
            rect(left, y + 6, room, 16, "track") + rect(left, y + 6, room * share, 16, "mark-a" if share >= least else "mark-warn")
        )
        body.append(words_at(left + room + 8, y + 18, f"{number(100 * share)} %  ({row.shared}/{row.reviews})", "value"))
    x = left + room * least
    body.append(
        line(x, HEAD - 4, x, HEAD + len(rows) * ROW, "pass")
        + words_at(x, HEAD - 10, f"{number(100 * least)} %", "small", middle=True)
    )
    cells = [
        (r.label, str(r.reviews), str(r.shared), f"{number(100 * r.shared / r.reviews if r.reviews else 0)} %", str(r.components))
        for r in rows
    ]
    return figure(words, HEAD + len(rows) * ROW + 8, body, cells)


def profile(words: Words, rows: Sequence[Part]) -> Figure:
    """Points of each criterion as a bar of its maximum, the cut-line across it; a cross where it is missed."""
    left, right = label_width(r.label for r in rows), 120
    room = WIDTH - left - right
    body = []
    for at, row in enumerate(rows):
        y, missed = at * ROW, row.cut_line is not None and row.points < row.cut_line
        body.append(words_at(left - 8, y + 18, row.label, end=True))
        body.append(rect(left, y + 6, room, 16, "track"))
        body.append(rect(left, y + 6, room * row.points / row.maximum, 16, "mark-bad" if missed else "mark-a"))
        if row.cut_line is not None:
            x = left + room * row.cut_line / row.maximum
            body.append(line(x, y + 2, x, y + 26, "cut"))
        body.append(
            words_at(left + room + 8, y + 18, f"{number(row.points, 2)} / {number(row.maximum)}{' ✕' if missed else ''}", "value")
        )
    cells = [(r.label, number(r.points, 2), number(r.maximum), "–" if r.cut_line is None else number(r.cut_line, 2)) for r in rows]
    return figure(words, len(rows) * ROW, body, cells)


@dataclass(frozen=True)
class _Frame:
    """A value axis above rows: what the pictures with whiskers share."""

    scale: Sequence[float]
    left: float
    end: float
    base: float

    @classmethod
    def over(cls, known: Sequence[float], labels: Iterable[str], n: int, *, right: float) -> _Frame:
        left = label_width(labels)
        return cls(ticks(*_ends(known)), left, WIDTH - right, HEAD + n * ROW)

    @property
    def height(self) -> float:
        return self.base + FOOT

    def x(self, value: float) -> float:
        share = (value - self.scale[0]) / (self.scale[-1] - self.scale[0])
        return self.left + (self.end - self.left) * min(max(share, 0), 1)

    def y(self, row: int) -> float:
        return HEAD + row * ROW + ROW / 2

    def grid(self) -> list[str]:
        lines = [line(self.x(tick), HEAD, self.x(tick), self.base, "grid") for tick in self.scale]
        return lines + [
            words_at(self.x(t), self.base + 18, number(t, places(self.scale)), "small", middle=True) for t in self.scale
        ]

    def mark(self, value: float, label: str) -> list[str]:
        x = self.x(value)
        return [line(x, HEAD - 4, x, self.base, "pass"), words_at(x, HEAD - 10, label, "small", middle=True)]

    def own_mark(self, value: float | None, y: float) -> list[str]:
        """The pass mark of one row, where it is another than that of all."""
        return [] if value is None else [line(self.x(value), y - 11, self.x(value), y + 11, "pass-own")]


def _whisker(frame: _Frame, low: float, high: float, y: float, look: str = "span") -> str:
    ends = "".join(line(frame.x(x), y - 4, frame.x(x), y + 4, look) for x in (low, high))
    return line(frame.x(low), y, frame.x(high), y, look) + ends


def _ends(known: Sequence[float]) -> tuple[float, float]:
    return min(known, default=0.0), max(known, default=1.0)


def _spread(places_: Sequence[float]) -> list[float]:
    """Labels at least 15 px apart, in the order of their places."""
    out = list(places_)
    last = -15.0
    for at in sorted(range(len(out)), key=lambda i: out[i]):
        out[at] = last = max(out[at], last + 15)
    return out


def _told(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _signed(value: float, decimals: int = 1) -> str:
    shown = number(value, decimals)
    return f"+{shown}" if value > 0 and shown.strip("0.") else shown.replace("-", "−")
