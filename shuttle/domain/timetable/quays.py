"""Quays of the national stop register that the operator gives to stops, each from a date or from the beginning."""

import re
from collections.abc import Iterable
from datetime import date

ALLOWED = "allowed: pairs as stop=NSR:Quay:number or stop@2027-03-01=NSR:Quay:number with commas between them"


def quays_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[tuple[date | None, str]]]:
    """A stop's id -> its quays, each with its first date (None: from the beginning), from pairs of stop, or stop@date, and quay.

    Raises ValueError for what is no quay or no date, and for a quay that is given to two stops.
    """
    quays: dict[str, list[tuple[date | None, str]]] = {}
    stop_of: dict[str, str] = {}
    for key, quay in pairs:
        stop, at, first = key.partition("@")
        if not stop or not re.fullmatch(r"NSR:Quay:[0-9]+", quay):
            raise ValueError(ALLOWED)
        if stop_of.setdefault(quay, stop) != stop:
            raise ValueError(f"{quay} is given to {stop_of[quay]} and {stop}; allowed: a quay for one stop")
        quays.setdefault(stop, []).append((_date(first) if at else None, quay))
    return quays


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(ALLOWED) from None
    if day.isoformat() != text:  # as 2027-W09
        raise ValueError(ALLOWED)
    return day
