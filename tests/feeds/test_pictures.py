"""Uploaded pictures: their kind by their first bytes, their size, and that no metadata is left."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.feeds.pictures import LARGEST, read_picture

SECRET = b"60.3945N 5.3259E, phone of somebody"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 3, height: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x7f" * 3 * width for _ in range(height)))
    parts = chunk(b"IHDR", header) + chunk(b"tEXt", b"Comment\x00" + SECRET) + chunk(b"eXIf", SECRET)
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + SECRET


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def exif(orientation: int, order: str = ">") -> bytes:
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    place = struct.pack(order + "HHII", 0x8825, 4, 1, 60)
    sign = b"MM\x00\x2a" if order == ">" else b"II\x2a\x00"
    tiff = sign + struct.pack(order + "IH", 8, 2) + entry + place + struct.pack(order + "I", 0) + SECRET
    return segment(0xE1, b"Exif\x00\x00" + tiff)


def jpeg(*metadata: bytes) -> bytes:
    frame = segment(0xC0, struct.pack(">BHHB", 8, 20, 30, 1) + b"\x01\x11\x00")
    table = segment(0xC4, b"\x00\xff\xd9\xff\xda")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd3\x56"
    start = b"\xff\xd8" + segment(0xE0, b"JFIF\x00")
    return start + b"".join(metadata) + frame + table + scan + table + scan + b"\xff\xd9" + SECRET


def webp(*extra: bytes) -> bytes:
    def riff(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)

    head = riff(b"VP8X", bytes([0x2C, 0, 0, 0]) + (29).to_bytes(3, "little") + (19).to_bytes(3, "little"))
    body = b"WEBP" + head + riff(b"VP8L", b"\x2f\x00\x00\x00\x00") + riff(b"EXIF", SECRET) + riff(b"XMP ", SECRET)
    body += b"".join(extra)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("content", "media_type", "size"),
    [
        (png(), "image/png", (3, 2)),
        (jpeg(exif(1), segment(0xFE, SECRET), segment(0xED, SECRET)), "image/jpeg", (30, 20)),
        (webp(), "image/webp", (30, 20)),
    ],
    ids=["png", "jpeg", "webp"],
)
def test_a_picture_loses_everything_but_what_draws_it(content: bytes, media_type: str, size: tuple[int, int]) -> None:
    picture = read_picture(content)
    assert (picture.media_type, picture.width, picture.height) == (media_type, *size)
    assert SECRET not in picture.content and b"Exif" not in picture.content
    assert read_picture(picture.content) == picture, "once more changes nothing"


@pytest.mark.parametrize("order", [">", "<"])
def test_a_turned_photograph_stays_turned(order: str) -> None:
    picture = read_picture(jpeg(exif(6, order)))
    assert (picture.width, picture.height) == (20, 30)
    assert SECRET not in picture.content and picture.content.count(b"Exif\x00\x00") == 1
    assert read_picture(picture.content) == picture


def test_colours_of_a_jpeg_are_kept() -> None:
    profile, adobe = segment(0xE2, b"ICC_PROFILE\x00\x01\x01colours"), segment(0xEE, b"Adobe\x00d\x00\x00\x00\x00\x01")
    kept = read_picture(jpeg(profile, adobe)).content
    assert profile in kept and adobe in kept


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg onload='x'/>", "not-a-picture"),
        (b"GIF89a" + b"\x00" * 30, "not-a-picture"),
        (b"", "not-a-picture"),
        (png()[:40], "not-a-picture"),
        (jpeg()[:60], "not-a-picture"),
        (webp()[:30], "not-a-picture"),
        (webp(b"ANIM\x00\x00\x00\x00"), "not-a-picture"),
        (png(5000, 1), "large-picture"),
        (png(0, 0), "large-picture"),
        (png() + b"\x00" * LARGEST, "large-picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_is_allowed(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_picture(content)
    assert refused.value.code == code and "PNG, JPEG or WebP" in refused.value.allowed


@given(st.sampled_from([png(), jpeg(exif(6)), webp()]), st.data())
def test_broken_files_are_refused_and_never_fail_otherwise(content: bytes, data: st.DataObject) -> None:
    broken = bytearray(content[: data.draw(st.integers(0, len(content)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Invalid):
        assert read_picture(bytes(broken)).width
