"""JobOutcome as a text column: JSON, shortened to the column's length."""

from typing import Any

import orjson

from shuttle.domain.basics.outcome import AS_WRITTEN, JobOutcome


def stored_outcome_text(outcome: JobOutcome, length: int) -> str:
    """The outcome as JSON of at most `length` characters (100 at least); long texts and lists in it are cut."""
    for longest in (length, length // 4, length // 12, 0):
        amounts = {
            name: value if isinstance(value, int) else value[:longest] for name, value in outcome.amounts.items()
        }
        text = orjson.dumps({"code": outcome.code, **amounts}).decode()
        if len(text) <= length:
            return text
    return orjson.dumps({"code": outcome.code}).decode()


def read_outcome(text: str) -> JobOutcome | None:
    """The stored outcome; None for an empty text. Rows of older versions hold a sentence, which becomes the detail."""
    if not text:
        return None
    try:
        values: dict[str, Any] = orjson.loads(text)
        return JobOutcome(values.pop("code"), values)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return JobOutcome(AS_WRITTEN, {"detail": text})
