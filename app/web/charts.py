"""Charts drawn on the server as SVG, each with its numbers as a table: they print, read aloud and need no script.

Functions are pure: numbers and words in the reader's language go in, safe markup comes out. Looks come from the
classes of ``ppir.css``, geometry from presentation attributes (the content security policy forbids ``style=``).
Widths are fixed and a figure scrolls in its own region, so letters keep their size at 320 px.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WIDTH = 552  # half of a full page: two charts stand side by side without scrolling
ROW = 28  # one bar or one interval; keeps 13 px letters apart
GAP = 12
SERIES = ("mark-a", "mark-b", "mark-c", "mark-d", "mark-warn", "mark-bad", "mark-good")


@dataclass(frozen=True)
class Words:
    """What is written around a chart. ``ident`` is unique on the page: title and description are tied to it."""

    ident: str
    title: str
    desc: str
    table: str  # "Show the numbers"
    columns: tuple[str, ...]


class Figure(Markup):
    """A chart as it stands on a page, and what it is made of, for paper: the drawing and the rows of its table."""

    words: Words
    drawing: str
    rows: Sequence[tuple[str, ...]]

    def __new__(cls, markup: str, words: Words, drawing: str, rows: Sequence[tuple[str, ...]]) -> Figure:
        made = super().__new__(cls, markup)
        made.words, made.drawing, made.rows = words, drawing, rows
        return made


@dataclass(frozen=True)
class Interval:
    """One row of :func:`intervals`: a value with its uncertainty, in the unit of the axis."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True)
class Part:
    """One share of a :func:`stacked` bar. ``look`` is one of :data:`SERIES`."""

    label: str
    value: float
    look: str = ""


@dataclass(frozen=True)
class Series:
    """One line of :func:`trend`: a value for each moment, None where it is not known."""

    label: str
    values: Sequence[float | None]


# A dot, a square, a ring and a triangle: told apart without colour.
SHAPES = (
    '<circle r="4.5" class="mark-a" transform="{}"/>',
    '<rect x="-4" y="-4" width="8" height="8" class="mark-b" transform="{}"/>',
    '<circle r="4" class="open" transform="{}"/>',
    '<path d="M0 -5L5 4H-5z" class="mark-warn" transform="{}"/>',
)
SWATCH = '<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" class="{}"/></svg>'


def number(value: float, decimals: int = 0) -> str:
    """``1234.5`` as people read it; half rounds up, as scores do, and a rounded zero has no sign."""
    scale = 10**decimals
    rounded = math.floor(abs(value) * scale + 0.5) / scale
    return f"{'-' if value < 0 and rounded else ''}{rounded:,.{decimals}f}"


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers that cover ``low`` to ``high`` in steps of 1, 2 or 5 times a power of ten.

    >>> ticks(0, 97)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("an axis needs finite ends")
    if high <= low:
        high = low + 1
    raw = (high - low) / max(wanted, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def bars(words: Words, items: Sequence[tuple[str, float]], *, decimals: int = 0, most: float | None = None) -> Markup:
    """Horizontal bars, one per label; a full bar is ``most`` (default: the largest value). Nothing may be negative."""
    _no_negative(value for _, value in items)
    left, right = label_width(label for label, _ in items), 72
    top = most or max((value for _, value in items), default=0) or 1
    room = WIDTH - left - right
    body = []
    for row, (label, value) in enumerate(items):
        y = row * ROW
        length = room * min(value / top, 1)
        body.append(words_at(left - 8, y + 18, label, end=True))
        body.append(rect(left, y + 6, room, 16, "track") + rect(left, y + 6, length, 16, "mark-a"))
        body.append(words_at(left + room + 8, y + 18, number(value, decimals), "value"))
    rows = [(label, number(value, decimals)) for label, value in items]
    return figure(words, len(items) * ROW, body, rows)


def paired(words: Words, items: Sequence[tuple[str, float, float]], *, decimals: int = 0) -> Markup:
    """Two bars for each label on one scale, the second below the first; named by the second and third of the columns."""
    _no_negative(value for _, *both in items for value in both)
    left, right, row_height = label_width(label for label, *_ in items), 72, ROW + 6
    top = max((max(a, b) for _, a, b in items), default=0) or 1
    room = WIDTH - left - right
    body = []
    for row, (label, *both) in enumerate(items):
        y = row * row_height
        body.append(words_at(left - 8, y + 21, label, end=True))
        for n, (value, look) in enumerate(zip(both, SERIES, strict=False)):
            body.append(rect(left, y + 5 + 12 * n, room, 10, "track") + rect(left, y + 5 + 12 * n, room * value / top, 10, look))
            body.append(words_at(left + room + 8, y + 14 + 12 * n, number(value, decimals), "small"))
    rows = [(label, number(a, decimals), number(b, decimals)) for label, a, b in items]
    return figure(words, len(items) * row_height, body, rows, after=_legend(words.columns[1:3]))


def histogram(words: Words, values: Sequence[float], edges: Sequence[float], *, decimals: int = 0) -> Markup:
    """How many ``values`` fall in each [edge, next edge); the last bin includes its end. Outliers are not drawn."""
    counts = [0] * (len(edges) - 1)
    for value in values:
        for i, (low, high) in enumerate(pairwise(edges)):
            if low <= value < high or (value == high and i == len(counts) - 1):
                counts[i] += 1
                break
    height, left, base = 160, 40, 172
    scale = ticks(0, max(counts, default=0) or 1, 4)
    step = (WIDTH - left - 16) / max(len(counts), 1)
    body = []
    for tick in scale:
        y = base - height * tick / scale[-1]
        body.append(line(left, y, WIDTH - 16, y, "grid") + words_at(left - 8, y + 4, number(tick), "small", end=True))
    for i, count in enumerate(counts):
        tall = height * count / scale[-1]
        body.append(rect(left + i * step + 1, base - tall, step - 2, tall, "mark-a"))
        body.append(words_at(left + i * step, base + 18, number(edges[i], decimals), "small", middle=True))
    body.append(words_at(left + len(counts) * step, base + 18, number(edges[-1], decimals), "small", middle=True))
    body.append(line(left, base, WIDTH - 16, base, "axis"))
    spans = zip(edges, edges[1:], counts, strict=False)
    rows = [(f"{number(low, decimals)}–{number(high, decimals)}", number(count)) for low, high, count in spans]
    return figure(words, base + 28, body, rows)


def intervals(
    words: Words,
    items: Sequence[Interval],
    *,
    pass_at: float | None = None,
    pass_label: str = "",
    decimals: int = 1,
    axis: tuple[float, float] | None = None,
) -> Markup:
    """One dot with its interval per row, and a pass line across.

    A dot is hollow where the interval contains the pass mark: such a row is not decided by the marks alone.
    Ends outside ``axis`` are cut at the frame.
    """
    known = [x for item in items for x in (item.low, item.high)] + ([] if pass_at is None else [pass_at])
    scale = ticks(*(axis or (min(known, default=0), max(known, default=1))))
    left, right, head = label_width(item.label for item in items), 136, 20
    room, low, span = WIDTH - left - right, scale[0], scale[-1] - scale[0]
    base = head + len(items) * ROW

    def at(value: float) -> float:
        return left + room * min(max((value - low) / span, 0), 1)

    body = [line(at(tick), head, at(tick), base, "grid") for tick in scale]
    body += [words_at(at(tick), base + 18, number(tick, places(scale)), "small", middle=True) for tick in scale]
    if pass_at is not None:
        body.append(line(at(pass_at), head - 4, at(pass_at), base, "pass"))
        body.append(words_at(at(pass_at), head - 8, f"{pass_label} {number(pass_at, decimals)}".strip(), "small", middle=True))
    rows = []
    for row, item in enumerate(items):
        y = head + row * ROW + ROW / 2
        unsure = pass_at is not None and item.low <= pass_at <= item.high
        body.append(words_at(left - 8, y + 4, item.label, end=True))
        body.append(line(at(item.low), y, at(item.high), y, "span"))
        body.extend(line(at(x), y - 4, at(x), y + 4, "span") for x in (item.low, item.high))
        body.append(f'<circle cx="{tenth(at(item.value))}" cy="{tenth(y)}" r="4.5" class="{"open" if unsure else "mark-a"}"/>')
        body.append(words_at(left + room + 12, y + 4, f"{number(item.value, decimals)}  {item.note}".strip(), "value"))
        rows.append((item.label, *(number(x, decimals) for x in (item.value, item.low, item.high)), item.note))
    return figure(words, base + 28, body, rows)


def trend(words: Words, moments: Sequence[str], series: Sequence[Series], *, decimals: int = 0) -> Markup:
    """One line per series over the same moments, each with a mark of its own shape; what is not known is a gap.

    At most four series: a fifth shape would not be told apart.
    """
    if len(series) > len(SHAPES):
        raise ValueError(f"at most {len(SHAPES)} series")
    known = [v for s in series for v in s.values if v is not None]
    _no_negative(known)
    height, top, base = 168.0, 12.0, 180.0
    scale = ticks(0, max(known, default=0) or 1, 4)
    left = 16 + 7.2 * len(number(scale[-1], places(scale)))
    step = (WIDTH - left - 32) / max(len(moments) - 1, 1)
    body = []
    for tick in scale:
        y = base - height * tick / scale[-1]
        body.append(line(left, y, WIDTH - 16, y, "grid"))
        body.append(words_at(left - 8, y + 4, number(tick, places(scale)), "small", end=True))
    for i, moment in enumerate(moments):
        body.append(words_at(left + 8 + i * step, base + 18, moment, "small", middle=True))
    for one, shape in zip(series, SHAPES, strict=False):
        points = [
            None if value is None else (left + 8 + i * step, base - height * value / scale[-1])
            for i, value in enumerate(one.values)
        ]
        body += [line(*a, *b, "span") for a, b in pairwise(points) if a and b]
        body += [shape.format(f"translate({tenth(at[0])} {tenth(at[1])})") for at in points if at]
    body.append(line(left, base, WIDTH - 16, base, "axis"))
    rows = [
        (moment, *("–" if s.values[i] is None else number(s.values[i] or 0, decimals) for s in series))
        for i, moment in enumerate(moments)
    ]
    legend = "".join(
        f'<li><svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{shape.format("translate(6 6)")}</svg>'
        f"{escape(one.label)}</li>"
        for one, shape in zip(series, SHAPES, strict=False)
    )
    return figure(words, top + height + 28, body, rows, after=f'<ul class="legend">{legend}</ul>')


def stacked(words: Words, parts: Sequence[Part], *, decimals: int = 0) -> Markup:
    """One bar cut in shares, its legend in words with the figures. A share of zero keeps its place in both."""
    _no_negative(part.value for part in parts)
    total = sum(part.value for part in parts)
    body, x = [], 0.0
    looks = [part.look or SERIES[i % 4] for i, part in enumerate(parts)]
    for part, look in zip(parts, looks, strict=True):
        wide = WIDTH * part.value / total if total else 0.0
        if wide:
            body.append(rect(x, 0, wide, 20, f"{look} edge"))
        x += wide
    if not total:
        body.append(rect(0, 0, WIDTH, 20, "track"))
    rows = [
        (part.label, number(part.value, decimals), f"{number(100 * part.value / total if total else 0, 1)} %") for part in parts
    ]
    legend = "".join(
        f'<li>{SWATCH.format(look)}{escape(part.label)} <b class="num">{number(part.value, decimals)}</b></li>'
        for part, look in zip(parts, looks, strict=True)
    )
    return figure(words, 20, body, rows, after=f'<ul class="legend">{legend}</ul>', fluid=True)


def lorenz(words: Words, values: Sequence[float], *, x_label: str, y_label: str) -> Markup:
    """How evenly ``values`` (loads, budgets) are spread: the share held by the least loaded x per cent.

    The dashed line is perfect evenness; the one number for it is :func:`gini`.
    """
    _no_negative(values)
    curve = lorenz_points(values)
    size, left, top = 240, 56, 28

    def path(points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{tenth(left + size * x)},{tenth(top + size * (1 - y))}" for x, y in points)

    body = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = left + size * share, top + size * (1 - share)
        body.append(line(left, y, left + size, y, "grid") + line(x, top, x, top + size, "grid"))
        body.append(words_at(left - 8, y + 4, f"{number(100 * share)} %", "small", end=True))
        body.append(words_at(x, top + size + 18, f"{number(100 * share)} %", "small", middle=True))
    body.append(f'<polyline points="{path([(0, 0), (1, 1)])}" class="line-even"/>')
    body.append(f'<polyline points="{path(curve)}" class="line"/>')
    body.append(words_at(left + size / 2, top + size + 38, x_label, middle=True))
    body.append(words_at(0, 14, y_label))
    rows = [(f"{number(100 * x)} %", f"{number(100 * _between(curve, x), 1)} %") for x in (0.25, 0.5, 0.75, 0.9, 1)]
    return figure(words, top + size + 48, body, rows, width=left + size + 24)


def lorenz_points(values: Sequence[float]) -> list[tuple[float, float]]:
    """Cumulated shares of people and of their total, least first, from (0, 0) to (1, 1), even of nothing but zeros."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return [(0.0, 0.0), (1.0, 1.0)]
    points, so_far = [(0.0, 0.0)], 0.0
    for i, value in enumerate(ordered, 1):
        so_far += value
        points.append((i / len(ordered), so_far / total))
    return points


def gini(values: Sequence[float]) -> float:
    """0 when all carry the same, towards 1 when one carries all: one minus twice the area under the Lorenz curve."""
    curve = lorenz_points(values)
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(curve))
    return max(0.0, 1 - 2 * area)


def figure(
    words: Words,
    height: float,
    body: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    *,
    after: str = "",
    width: float = WIDTH,
    fluid: bool = False,
) -> Figure:
    ident, title, desc = escape(words.ident), escape(words.title), escape(words.desc)
    wide = 'width="100%" preserveAspectRatio="none"' if fluid else f'width="{tenth(width)}"'
    size = f'{wide} height="{tenth(height)}" viewBox="0 0 {tenth(width)} {tenth(height)}"'
    twin = f'<table class="table-tight"><caption class="unseen">{title}</caption>'
    head = "".join(f'<th scope="col"{_right(i)}>{escape(name)}</th>' for i, name in enumerate(words.columns))
    table_rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td class="num">{escape(cell)}</td>' for cell in row[1 : len(words.columns)])
        + "</tr>"
        for row in rows
    )
    drawing = (
        f'<svg role="img" aria-labelledby="{ident}-title {ident}-desc" {size}>'
        f'<title id="{ident}-title">{title}</title><desc id="{ident}-desc">{desc}</desc>{"".join(body)}</svg>'
    )
    return Figure(
        f'<figure class="chart" id="{ident}"><figcaption>{title}</figcaption>'
        f'<div class="chart-scroll" role="region" tabindex="0" aria-label="{title}">{drawing}</div>{after}'
        f'<details><summary>{escape(words.table)}</summary><div class="table-scroll" role="region" tabindex="0" '
        f'aria-label="{title}">{twin}<thead><tr>{head}</tr></thead>'
        f"<tbody>{table_rows}</tbody></table></div></details></figure>",
        words,
        drawing,
        rows,
    )


def _right(column: int) -> str:
    return ' class="num"' if column else ""


def _legend(labels: Sequence[str]) -> str:
    """A square for each of the first looks with what it stands for."""
    entries = "".join(f"<li>{SWATCH.format(look)}{escape(label)}</li>" for look, label in zip(SERIES, labels, strict=False))
    return f'<ul class="legend">{entries}</ul>'


def rect(x: float, y: float, width: float, height: float, look: str) -> str:
    return f'<rect x="{tenth(x)}" y="{tenth(y)}" width="{tenth(width)}" height="{tenth(height)}" class="{look}"/>'


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    return f'<line x1="{tenth(x1)}" y1="{tenth(y1)}" x2="{tenth(x2)}" y2="{tenth(y2)}" class="{look}"/>'


def words_at(x: float, y: float, words: str, look: str = "", *, end: bool = False, middle: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    css = f' class="{look}"' if look else ""
    return f'<text x="{tenth(x)}" y="{tenth(y)}"{anchor}{css}>{escape(words)}</text>'


def tenth(value: float) -> str:
    """A coordinate in tenths of a pixel, without trailing zeros."""
    return f"{value:.1f}".removesuffix(".0")


def places(scale: Sequence[float]) -> int:
    return 0 if all(float(tick).is_integer() for tick in scale) else 2 if scale[1] - scale[0] < 0.1 else 1


def label_width(labels: Iterable[str]) -> float:
    """Room for the longest label: a Korean syllable is about 13 px wide at this size, a Latin letter about 7."""
    longest = max((sum(13 if ord(c) > 0x2E7F else 7.2 for c in label) for label in labels), default=0)
    return min(max(longest + 16, 64), WIDTH / 2)


def _between(curve: Sequence[tuple[float, float]], x: float) -> float:
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return curve[-1][1]


def _no_negative(values: Iterable[float]) -> None:
    if any(not value >= 0 for value in values):
        raise ValueError("lengths cannot be negative or missing")
