"""QR codes on pages: an address as an SVG element that takes its colours from the page's style."""

import io
from functools import lru_cache

import segno

LONGEST = 500
"""Characters of an address that still make a code which a phone reads from a screen."""


def qr_svg(text: str) -> str:
    """The code of a text; empty for one that is too long, as an address is whose host a client made up."""
    if len(text) > LONGEST:
        return ""
    buffer = io.BytesIO()
    segno.make(text, error="m").save(
        buffer, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return buffer.getvalue().decode()


public_qr_svg = lru_cache(64)(qr_svg)
"""For addresses that everybody may know: to draw one takes longer than the rest of the page."""
