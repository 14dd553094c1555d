"""What may stand in a text that somebody gives us: characters that a person can read.

A control character, half of a surrogate pair and a code point that Unicode keeps for itself are text for a computer and for nobody
else. A database, an XML feed, a calendar or a terminal stumbles over them, so they are refused where a text comes in.
"""

import re

from shuttle.domain.basics.errors import Invalid

ALLOWED = "characters that can be read; no control characters, no half of a surrogate pair"

_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
"""All but tab, line feed and carriage return."""


def unreadable(text: str) -> tuple[int, str] | None:
    """Where the first such character stands, and its name as U+0007; None where there is none."""
    match = _UNREADABLE.search(text)
    return None if match is None else (match.start(), f"U+{ord(match.group()):04X}")


def check_readable(text: str, what: str) -> str:
    """The text itself. Raises Invalid (`unreadable-character`); `what` names the text."""
    if (odd := unreadable(text)) is not None:
        raise Invalid("unreadable-character", f"{what} has the character {odd[1]} in it", given=odd[1], allowed=ALLOWED)
    return text
