"""QR codes on pages: an address as an SVG element, coloured by the page's style sheet."""

import io
from functools import lru_cache

import segno

LONGEST = 500
"""Most characters of a code that a phone still reads from a screen."""


def qr_svg(text: str) -> str:
    """The code of a text as SVG; empty above LONGEST characters, which an address reaches only by a made-up Host header."""
    if len(text) > LONGEST:
        return ""
    buffer = io.BytesIO()
    segno.make(text, error="m").save(
        buffer, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return buffer.getvalue().decode()


public_qr_svg = lru_cache(64)(qr_svg)
"""Cached, for public addresses only: drawing a code takes longer than the rest of a page."""
