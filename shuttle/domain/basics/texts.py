"""Readable text: the characters that an input text may contain.

Control characters, lone surrogates and Unicode noncharacters break a database, an XML feed, a calendar or a terminal.
They are refused where a text enters the program.
"""

import re

from shuttle.domain.basics.errors import Invalid

ALLOWED = "characters that can be read; no control characters, no half of a surrogate pair"

_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
"""Control characters except tab, line feed and carriage return; surrogates; noncharacters."""


def unreadable(text: str) -> tuple[int, str] | None:
    """Position and name (`U+0007`) of the first refused character; None when there is none."""
    match = _UNREADABLE.search(text)
    return None if match is None else (match.start(), f"U+{ord(match.group()):04X}")


def check_readable(text: str, what: str) -> str:
    """The text itself. Raises Invalid (`unreadable-character`); `what` names the text in the message."""
    if (refused := unreadable(text)) is not None:
        name = refused[1]
        raise Invalid("unreadable-character", f"{what} has the character {name} in it", given=name, allowed=ALLOWED)
    return text
