"""Pictures as they are uploaded: PNG, JPEG or WebP by their first bytes, without what a camera writes beside the picture.

A photograph may say where, when and with which device it was taken. Of the file only what draws the picture is kept; of a
JPEG's metadata the orientation alone. What the name or the type of an upload says is not used.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from shuttle.domain.basics.errors import Invalid

LARGEST = 400_000
"""Bytes of a picture: every passenger who opens the page fetches it."""

MOST_PIXELS = 4096
"""Pixels of a side."""

ALLOWED = f"PNG, JPEG or WebP, up to {LARGEST // 1000} kB and {MOST_PIXELS} pixels a side"

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs")
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
_NO_METADATA = 0xFF & ~(0x08 | 0x04 | 0x02)
"""Mask of the flags of a VP8X chunk: neither EXIF nor XMP nor animation."""

_SOI, _EOI, _SOS, _APP1, _APP2, _COMMENT = 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xFE
_APPLICATION = range(_APP1, 0xF0)
_ADOBE = 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((*range(0xD0, 0xD8), 0x01))
_TURNED = range(5, 9)
"""Orientations whose width and height are exchanged."""


@dataclass(frozen=True)
class Picture:
    """A picture that can be served. `width`, `height` in pixels, as it is shown."""

    media_type: str
    width: int
    height: int
    content: bytes


def read_picture(content: bytes) -> Picture:
    """The picture of a file, without its metadata. Raises Invalid (`not-a-picture`, `large-picture`)."""
    if len(content) > LARGEST:
        value = f"{len(content) // 1000} kB"
        raise Invalid("large-picture", f"the picture has {value}; allowed: {ALLOWED}", given=value, allowed=ALLOWED)
    try:
        picture = _of_kind(content)
    except (struct.error, IndexError):
        raise _not_a_picture("the file ends before the picture does") from None
    if not (0 < picture.width <= MOST_PIXELS and 0 < picture.height <= MOST_PIXELS):
        value = f"{picture.width} × {picture.height}"
        raise Invalid("large-picture", f"the picture has {value} pixels", given=value, allowed=ALLOWED)
    return picture


def _of_kind(content: bytes) -> Picture:
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    raise _not_a_picture("the file is neither PNG nor JPEG nor WebP")


def _not_a_picture(detail: str) -> Invalid:
    return Invalid("not-a-picture", detail, given=detail, allowed=ALLOWED)


def _png(content: bytes) -> Picture:
    kept, at, kind = [_PNG], len(_PNG), b""
    size = (0, 0)
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise IndexError
        if kind == b"IHDR":
            size = struct.unpack_from(">II", chunk, 8)
        if kind in _PNG_KEPT:
            kept.append(chunk)
        at += len(chunk)
    return Picture("image/png", *size, b"".join(kept))


def _webp(content: bytes) -> Picture:
    kept, size = [], (0, 0)
    at, end = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", content, at)
        chunk = bytearray(content[at : at + 8 + length + length % 2])
        if len(chunk) < 8 + length:
            raise IndexError
        at += 8 + length + length % 2
        if kind == b"ANIM":
            raise _not_a_picture("the picture moves")
        if kind == b"VP8X":
            chunk[8] &= _NO_METADATA
        if not any(size):
            size = _webp_size(kind, bytes(chunk[8:]))
        if kind in _WEBP_KEPT:
            kept.append(bytes(chunk))
    body = b"WEBP" + b"".join(kept)
    return Picture("image/webp", *size, b"RIFF" + struct.pack("<I", len(body)) + body)


def _webp_size(kind: bytes, data: bytes) -> tuple[int, int]:
    """Width and height that a chunk states; (0, 0) where it states none."""
    if kind == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _jpeg(content: bytes) -> Picture:
    kept: list[bytes] = [b"\xff\xd8"]
    size, orientation = (0, 0), 1
    for marker, segment in _segments(content):
        if marker == _APP1 and segment[4:10] == b"Exif\x00\x00":
            orientation = _orientation(segment[10:])
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        is_profile = marker == _APP2 and segment[4:15] == b"ICC_PROFILE"
        if marker == _COMMENT or (marker in _APPLICATION and marker != _ADOBE and not is_profile):
            continue
        kept.append(segment)
    if orientation != 1:
        kept.insert(1, _turned(orientation))
    width, height = size[::-1] if orientation in _TURNED else size
    return Picture("image/jpeg", width, height, b"".join(kept))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, bytes) of each segment after the first; a scan is with its coded data. The last is the end of the image."""
    at, marker = 2, _SOI
    while marker != _EOI:
        if content[at] != 0xFF:
            raise _not_a_picture("the JPEG is broken")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        begins = at
        at += 2 if marker in _ALONE or marker == _EOI else 2 + struct.unpack_from(">H", content, at + 2)[0]
        if marker == _SOS:
            at = _end_of_scan(content, at)
        if at > len(content):
            raise IndexError
        yield marker, content[begins:at]


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands. Coded data has 0xFF only before 0, and before restart markers."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError
        if content[at + 1] not in (0, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1 if content[at + 1] == 0xFF else 2


def _orientation(tiff: bytes) -> int:
    """The orientation of an Exif block, 1 to 8; 1 where it states none that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        at = struct.unpack_from(order + "I", tiff, 4)[0]
        for entry in range(struct.unpack_from(order + "H", tiff, at)[0]):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * entry)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _turned(orientation: int) -> bytes:
    """An Exif segment with the orientation alone."""
    tiff = b"MM\x00\x2a" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body
