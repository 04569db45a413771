"""The ablation as a picture: what researchers rate against the own expert among 3,000, one point a configuration.

A configuration is on the frontier when none is better in both figures. The picture is plain SVG, made from the table alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

WIDTH, HEIGHT = 860, 600
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 215, 24, 56  # what stands beside the axes; names run out to the right
_ASKED = {"loss": 0.23, "mrr": 0.53}
_AIMED = {"loss": 0.195, "mrr": 0.65}
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.fine{font-size:12px;fill:#555}.axis{stroke:#222}.thread{stroke:#bbb}"
    ".asked{stroke:#8a5a00;stroke-dasharray:6 4}.aimed{stroke:#1a6b3c;stroke-dasharray:2 4}.strong{font-weight:bold}"
    ".frontier{fill:none;stroke:#2456a6;stroke-width:1.5}.point{fill:#777}.on{fill:#2456a6}.default{fill:#b3261e}"
)
Row = Mapping[str, float]


def undominated(rows: Mapping[str, Row]) -> tuple[str, ...]:
    """The configurations that none beats in both figures, by rising loss.

    >>> undominated({"a": {"loss": .2, "mrr": .5}, "b": {"loss": .21, "mrr": .4}, "c": {"loss": .3, "mrr": .6}})
    ('a', 'c')
    """
    kept: list[str] = []
    for name in sorted(rows, key=lambda name: (rows[name]["loss"], -rows[name]["mrr"])):
        if not kept or rows[name]["mrr"] > rows[kept[-1]]["mrr"]:
            kept.append(name)
    return tuple(kept)


def svg(rows: Mapping[str, Row]) -> str:
    """The picture: further right is a smaller loss, further up a higher mrr, so better is up and right."""
    lines = "\n".join(_drawn(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">\n'
        f'<title id="t">Loss on the ratings against mean reciprocal rank of the own expert</title>\n<style>{_STYLE}</style>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{lines}\n</svg>\n'
    )


def _drawn(rows: Mapping[str, Row]) -> Iterator[str]:
    ends = {
        figure: (min(values), max(values))
        for figure in ("loss", "mrr")
        if (values := [*(row[figure] for row in rows.values()), _ASKED[figure], _AIMED[figure]])
    }
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM

    def x(loss: float) -> float:
        low, high = ends["loss"]
        return round(_LEFT + 12 + (high - loss) / (high - low) * (right - _LEFT - 24), 1)

    def y(mrr: float) -> float:
        low, high = ends["mrr"]
        return round(bottom - 12 - (mrr - low) / (high - low) * (bottom - _TOP - 24), 1)

    yield f'<path class="axis" fill="none" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>'
    for tick in _ticks(*ends["loss"]):
        yield f'<text class="fine" text-anchor="middle" x="{x(tick)}" y="{bottom + 18}">{tick:.2f}</text>'
    for tick in _ticks(*ends["mrr"]):
        yield f'<text class="fine" text-anchor="end" x="{_LEFT - 8}" y="{y(tick) + 4}">{tick:.2f}</text>'
    middle = (_LEFT + right) / 2, (_TOP + bottom) / 2
    yield f'<text text-anchor="middle" x="{middle[0]}" y="{bottom + 42}">loss on the ratings (better to the right)</text>'
    turned = f"translate(18 {middle[1]}) rotate(-90)"
    yield f'<text text-anchor="middle" transform="{turned}">mrr of the own expert (better up)</text>'
    for kind, at in (("asked", _ASKED), ("aimed", _AIMED)):
        yield f'<path class="{kind}" fill="none" d="M{x(at["loss"])} {_TOP}V{bottom}M{_LEFT} {y(at["mrr"])}H{right}"/>'
        yield f'<text class="fine" x="{x(at["loss"]) + 4}" y="{_TOP + 12}">{kind}</text>'
    front = undominated(rows)
    joined = " ".join(f"{x(rows[name]['loss'])},{y(rows[name]['mrr'])}" for name in front)
    yield f'<polyline class="frontier" points="{joined}"/>'
    beside = _spread({name: y(row["mrr"]) for name, row in rows.items()}, bottom)
    for name, row in sorted(rows.items(), key=lambda row: row[0] == "default"):  # last, so that no other point covers it
        kind = "default" if name == "default" else "on" if name in front else "point"
        weight = " strong" if name == "default" else ""
        yield f'<path class="thread" d="M{x(row["loss"])} {y(row["mrr"])}L{right + 8} {beside[name]}"/>'
        yield f'<circle class="{kind}" cx="{x(row["loss"])}" cy="{y(row["mrr"])}" r="4.5"/>'
        yield f'<text class="fine{weight}" x="{right + 12}" y="{beside[name] + 4}">{escape(name)}</text>'


def _ticks(low: float, high: float) -> list[float]:
    step = 0.01 if high - low < 0.12 else 0.05
    return [n * step for n in range(round(low / step), round(high / step) + 1) if low <= n * step <= high]


def _spread(wanted: Mapping[str, float], bottom: float) -> dict[str, float]:
    """Names in the order of their points, 15 apart, so that none stands on another."""
    order = sorted(wanted, key=lambda name: wanted[name])
    place: dict[str, float] = {}
    least = float(_TOP)
    for n, name in enumerate(order):
        room = bottom - 15 * (len(order) - 1 - n)
        place[name] = round(min(max(wanted[name], least), room), 1)
        least = place[name] + 15
    return place
