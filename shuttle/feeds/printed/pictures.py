"""Pictures of ridership as SVG, the same on a page and on paper: riders by fortnight as a line, and departures as bars.

Everything is drawn in `currentColor`, so that a page gives light and dark, and paper its ink. Colour alone carries no meaning: bars
have names and numbers, a period that is not over is hollow, and the alternative text states the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10
from xml.sax.saxutils import escape, quoteattr

INK = "#10233a"
WIDTH, HEIGHT = 720, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 18, 34
_LABELS = 9
"""Most names along the horizontal axis."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A period: its name, its figure (None: hidden or not counted), the most that it can have been, and if it is over."""

    name: str
    value: float | None
    most: float | None = None
    is_over: bool = True


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar with its name (a second line after a line break) and its figure as a text; None: not counted."""

    name: str
    value: float | None
    written: str


@dataclass(frozen=True)
class Picture:
    """A drawing with its caption and alternative text. `svg` is drawn in `currentColor`."""

    caption: str
    alternative: str
    svg: str

    @property
    def on_paper(self) -> str:
        """The drawing in the ink of the paper."""
        return self.svg.replace("<svg ", f'<svg color="{INK}" ', 1)


def line(
    caption: str,
    alternative: str,
    points: Sequence[Point],
    written: Sequence[str],
    limit: tuple[float, str] | None = None,
) -> Picture:
    """Figures over time with a pale band up to the most, and a named limit. `written`: each figure as a text."""
    shown = [point.value for point in points if point.value is not None]
    top = _nice(max([*shown, *([limit[0]] if limit else [])], default=1) * 1.25)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(points), 1)
    xs = [_LEFT + step * (n + 0.5) for n in range(len(points))]
    parts = [*_grid(top)]
    for run in _runs(points):
        band = [(xs[n], _y(min(points[n].most or points[n].value or 0, top), top)) for n in run]
        curve = [(xs[n], _y(points[n].value or 0, top)) for n in run]
        if len(run) == 1:
            half = min(step, 24) / 2
            band, base = ([(x + shift, y) for x, y in several for shift in (-half, half)] for several in (band, curve))
        else:
            base = curve
        parts.append(f'<polygon points="{_path([*band, *reversed(base)])}" fill="currentColor" fill-opacity="0.13"/>')
        parts.append(f'<polyline points="{_path(curve)}" fill="none" stroke="currentColor" stroke-width="2"/>')
    for x, point in zip(xs, points, strict=True):
        if point.value is not None:
            y = _y(point.value, top)
            dash = "" if point.is_over else ' stroke-dasharray="2 2"'
            fill = 'fill="currentColor"' if point.is_over else 'fill="none"'
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {fill} stroke="currentColor" stroke-width="1.5"{dash}/>'
            )
    every, last = ceil(len(points) / _LABELS), max((n for n, point in enumerate(points) if point.is_over), default=0)
    for n, point in enumerate(points):
        if (last - n) % every == 0:
            at_edge = n == len(points) - 1 and n > 0
            x, anchor = (WIDTH - 2, "end") if at_edge else (xs[n], "middle")
            parts.append(_text(x, HEIGHT - _BOTTOM + 16, point.name, anchor=anchor))
            if point.value is not None:
                parts.append(_text(xs[n], _y(point.value, top) - 8, written[n], weight=650))
    if limit:
        y = _y(limit[0], top)
        parts.append(_rule(y))
        parts.append(_text(_LEFT + 4, y - 4, limit[1], anchor="start"))
    return Picture(caption, alternative, _svg(alternative, parts, HEIGHT))


def bars(caption: str, alternative: str, several: Sequence[Bar], limit: tuple[float, str] | None = None) -> Picture:
    """Bars with their names beneath and their figures above; a named limit as a dashed line."""
    shown = [bar.value for bar in several if bar.value is not None]
    top = _nice(max([*shown, *([limit[0]] if limit else [])], default=1) * 1.15)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(several), 1)
    lines = max((bar.name.count("\n") + 1 for bar in several), default=1)
    height = HEIGHT + 12 * (lines - 1)
    parts = [*_grid(top)]
    width = min(step * 0.6, 48)
    for n, bar in enumerate(several):
        middle = _LEFT + step * (n + 0.5)
        y = _y(bar.value or 0, top)
        if bar.value is not None:
            tall = max(HEIGHT - _BOTTOM - y, 0)
            parts.append(
                f'<rect x="{middle - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{tall:.1f}" '
                'fill="currentColor" fill-opacity="0.75"/>'
            )
        at_limit = limit is not None and abs(y - 9 - _y(limit[0], top)) < 9
        above = _y(limit[0], top) if limit and at_limit else y
        parts.append(_text(middle, above - 5, bar.written, weight=650))
        for below, name in enumerate(bar.name.split("\n")):
            parts.append(_text(middle, HEIGHT - _BOTTOM + 15 + 12 * below, name, size=11 if below == 0 else 9.5))
    if limit:
        y = _y(limit[0], top)
        parts.append(_rule(y))
        parts.append(_text(_LEFT + 4, y - 4, limit[1], anchor="start"))
    return Picture(caption, alternative, _svg(alternative, parts, height))


def _runs(points: Sequence[Point]) -> list[list[int]]:
    """Consecutive points with a figure, of periods that are over: no line leads to an unfinished one."""
    runs: list[list[int]] = []
    for n, point in enumerate(points):
        if point.value is None or not point.is_over:
            continue
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


def _nice(value: float) -> float:
    """The next of 1, 2, 4, 5 and 10 times a power of ten."""
    power = 10 ** int(log10(max(value, 1)))
    return float(next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value))


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * value / top


def _grid(top: float) -> list[str]:
    parts = []
    for quarter in range(5):
        value = top * quarter / 4
        if value == int(value):
            y = _y(value, top)
            opacity = 0.5 if quarter == 0 else 0.18
            parts.append(
                f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" stroke-opacity="{opacity}"/>'
            )
            parts.append(_text(_LEFT - 6, y + 4, f"{value:.0f}", anchor="end"))
    return parts


def _rule(y: float) -> str:
    return (
        f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
        'stroke-width="1.5" stroke-dasharray="6 4"/>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle", size: float = 11, weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="currentColor">{escape(text)}</text>'
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _svg(alternative: str, parts: Sequence[str], height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Inter, sans-serif" '
        f'role="img" aria-label={quoteattr(alternative)}>{"".join(parts)}</svg>'
    )
