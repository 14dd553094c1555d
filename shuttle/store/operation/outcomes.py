"""Remarks in and out of a column of text: JSON, short enough for the column."""

from typing import Any

import orjson

from shuttle.domain.basics.outcome import AS_WRITTEN, JobOutcome


def stored_outcome_text(remark: JobOutcome, room: int) -> str:
    """The remark in at most `room` characters (100 at least); long texts and lists in it are cut."""
    for longest in (room, room // 4, room // 12, 0):
        amounts = {name: value if isinstance(value, int) else value[:longest] for name, value in remark.amounts.items()}
        text = orjson.dumps({"code": remark.code, **amounts}).decode()
        if len(text) <= room:
            return text
    return orjson.dumps({"code": remark.code}).decode()


def read_outcome(text: str) -> JobOutcome | None:
    """What a column holds; None where it is empty. Rows of older versions hold a sentence: it is kept as a detail."""
    if not text:
        return None
    try:
        found: dict[str, Any] = orjson.loads(text)
        return JobOutcome(found.pop("code"), found)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return JobOutcome(AS_WRITTEN, {"detail": text})
