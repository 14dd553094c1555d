"""Typesetting: a page as a tagged PDF (PDF/UA-1) for texts with any characters.

PDF/UA-1 forbids a character without a glyph, and typst then makes no page. So each character that none of the fonts can draw is
replaced by a box before the page is set.
"""

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

FAMILIES = ("Inter", "Noto Sans Arabic", "Noto Sans Ethiopic", "Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Emoji")
"""Fonts in the order in which a glyph is looked up: Latin, Greek and Cyrillic; Arabic; Amharic and Tigrinya; signs."""

STAND_IN = "Libertinus Serif"
"""The font within typst, used where the assets were not built."""

BOX = "\u25a1"
Coverage = tuple[frozenset[int], ...]
"""The code points that each font has a glyph for."""

_JOINERS = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064") | frozenset(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10)))
)
"""Characters that change how their neighbours are drawn and need no glyph."""

_FORBIDDEN = frozenset((*range(0x20), *range(0x7F, 0xA0), 0xFEFF))
"""Characters that are not text, even where a font has a glyph for them."""

_MARKS = ("Mn", "Mc", "Me")
_STAND_IN_HAS = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, f"–—‘’“”…•{BOX}")))
"""Checked by a test: the file of the stand-in cannot be read."""


def typeset(template: Path, data: dict[str, object], day: date, fonts: Path | None) -> bytes:
    """The template filled with `data`, dated `day`. `fonts` is the folder of the families; without it a serif stands in.

    The template gets the names of the fonts as `data.fonts`. Raises typst.TypstError for a refusal of the template.
    """
    covered = coverage(fonts)
    drawn = {name: _drawable(value, covered) for name, value in data.items()}
    compiled = typst.compile(
        template,
        format="pdf",
        sys_inputs={"data": json.dumps({**drawn, "fonts": [*FAMILIES, STAND_IN]})},
        font_paths=_loaded(fonts),
        pdf_standards="ua-1",
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert isinstance(compiled, bytes)
    return compiled


def drawable(text: str, covered: Coverage) -> str:
    """The text on one line, with a box for each character that no font can draw together with its marks."""
    drawn = "".join(_cluster_drawn(cluster, covered) for cluster in _clusters(_plain(text)))
    return drawn if drawn or not text else BOX  # a heading without a text is no heading


def without_glyph(text: str, covered: Coverage) -> str:
    """The characters of a text, each with its marks, that `drawable` replaces by a box; in order, each once."""
    clusters = dict.fromkeys(_clusters(_plain(text)))
    return "".join(cluster for cluster in clusters if _cluster_drawn(cluster, covered) != cluster)


@lru_cache(4)
def coverage(fonts: Path | None) -> Coverage:
    """The code points of the fonts in a folder, in the order of `FAMILIES`; those of the stand-in where there are none."""
    characters: dict[str, frozenset[int]] = {}
    for path in sorted(fonts.glob("*.ttf")) if fonts else ():
        with TTFont(path, lazy=True) as font:
            family, has = font["name"].getDebugName(1), frozenset(font.getBestCmap()) - _FORBIDDEN
        characters[family] = characters.get(family, has) & has
    return tuple(characters[family] for family in FAMILIES if family in characters) or (_STAND_IN_HAS,)


@lru_cache(4)
def _loaded(fonts: Path | None) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[fonts] if fonts else [])


def _drawable(data: object, covered: Coverage) -> object:
    """The same data with each of its texts drawable."""
    if isinstance(data, str):
        return drawable(data, covered)
    if isinstance(data, dict):
        return {name: _drawable(value, covered) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_drawable(value, covered) for value in data]
    return data


def _plain(text: str) -> str:
    """Composed characters on one line, without the byte order mark that PDF/UA-1 forbids."""
    composed = unicodedata.normalize("NFC", text.replace("\ufeff", ""))
    return "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in composed)


def _clusters(text: str) -> Iterator[str]:
    """Each character with the marks and joiners that belong to it."""
    cluster = ""
    for char in text:
        if cluster and not _belongs(char, cluster[-1]):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _belongs(char: str, before: str) -> bool:
    return (
        unicodedata.category(char) in _MARKS
        or char in _JOINERS
        or before == "\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # the colours of skin
    )


def _cluster_drawn(cluster: str, covered: Coverage) -> str:
    needed = [char for char in cluster if char not in _JOINERS]
    if any(all(ord(char) in font for char in needed) for font in covered):
        return cluster
    first = next((font for font in covered if ord(needed[0]) in font), None)
    if first is None:
        return BOX
    return "".join(char if ord(char) in first else BOX for char in needed)
