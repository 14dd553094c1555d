"""A table of a TOML file, read key by key, that notes every fault instead of stopping at the first.

A getter that finds a fault gives back a harmless value, so that reading goes on; `build` then makes nothing of that table.
Whoever reads asks in the end whether `faults` is empty. Keys that nobody asked for are faults too: a misspelt key would
otherwise be a fact that is silently not there.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.provenance import ALWAYS, Provenance, Validity
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, service_date
from shuttle.domain.timetable.trips import check_id
from shuttle.feeds.text_gate import KeyPath
from shuttle.feeds.toml.lines import TomlDocument

Thing = TypeVar("Thing")

_CODES: Mapping[type, str] = {
    str: "not-text",
    bool: "not-a-flag",
    int: "not-a-whole-number",
    float: "not-a-number",
    list: "not-a-list",
    dict: "not-a-table",
    date: "not-a-date",
}

_KINDS: Mapping[type, str] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a date as 2026-05-14, without quotes",
}


@dataclass(kw_only=True)
class TomlTable:
    """One table of `document`, at `path`; `faults` is shared by all tables of one reading."""

    document: TomlDocument
    faults: list[Fault]
    path: KeyPath = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    parent: "TomlTable | None" = None
    broken: bool = False
    _asked: set[str] = field(default_factory=set)

    @classmethod
    def whole(cls, document: TomlDocument, faults: list[Fault]) -> "TomlTable":
        """The document itself as a table."""
        return cls(document=document, faults=faults, path=(), values=document.values)

    def fault(self, what: str, *below: str | int, given: object = "", allowed: str = "", code: str = "") -> None:
        """Note a fault at this table, or at what stands `below` it. What holds a faulty table is not built either.

        Its code is made of its words unless another is given: for words with a value in them.
        """
        self._break()
        code = code or re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-")
        self.faults.append(self.document.fault((*self.path, *below), what, given=given, allowed=allowed, code=code))

    def _break(self) -> None:
        self.broken = True
        if self.parent is not None:
            self.parent._break()

    def has(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not blank; `default` when the key is not there, or a fault without one."""
        found = self._value(key, str, default)
        if isinstance(found, str) and self.values.get(key) == found and not found.strip():
            self.fault(f"{key} is empty", key, allowed="text", code="empty")
        return found if isinstance(found, str) else ""

    def identifier(self, key: str, what: str) -> str:
        """The id of a new thing: lower-case words joined by hyphens."""
        found = self.text(key)
        self.attempt(lambda: check_id(found, what) if found else "", key)
        return found

    def choice(self, key: str, allowed: Collection[str] | None, what: str) -> str:
        """The name of a thing that must be one of `allowed`; None: what is allowed is not known."""
        found = self.text(key)
        self.check_choice(found, allowed, what, key)
        return found

    def check_choice(self, found: str, allowed: Collection[str] | None, what: str, *below: str | int) -> None:
        if found and allowed is not None and found not in allowed:
            self.fault(
                f"there is no {what} {found!r}",
                *below,
                given=found,
                allowed=", ".join(allowed) or "none",
                code="no-such",
            )

    def whole_number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        found = self._value(key, int, default)
        return int(self._within(key, found, low, high) or 0)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        return float(self._within(key, self._value(key, float, default), low, high) or 0.0)

    def flag(self, key: str) -> bool:
        """False when it is not there."""
        return bool(self._value(key, bool, False))

    def day(self, key: str) -> date:
        """A date of service."""
        found = self._value(key, date, None)
        return (self.attempt(lambda: service_date(found), key) if isinstance(found, date) else None) or date.min

    def optional_day(self, key: str) -> date | None:
        """None too where what stands there is no date of service, which is a fault already."""
        found = self.day(key) if key in self.values else date.min
        return None if found == date.min else found

    def minute(self, key: str) -> Minute:
        """A time of day, in quotes."""
        found = self.text(key)
        return self.minute_from(found, key) if found else 0

    def minute_from(self, found: object, *below: str | int) -> Minute:
        """A time of day that stands in a list or elsewhere below this table."""
        if not isinstance(found, str):
            self.fault("a time is text in quotes", *below, given=found, allowed='"13:00", at the latest "29:59"')
            return 0
        return self.attempt(lambda: parse_time_of_day(found), *below) or 0

    def items(self, key: str) -> list[Any]:
        """The elements of a list, unchecked; a fault when the key is not there."""
        found = self._value(key, list, None)
        return found if isinstance(found, list) else []

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.items(key)
        for position, item in enumerate(found):
            if not isinstance(item, str):
                self.fault(
                    f"{key} holds something that is not text",
                    key,
                    position,
                    given=item,
                    allowed=_KINDS[str],
                    code="not-text",
                )
        return tuple(item for item in found if isinstance(item, str))

    def tables(self, key: str) -> list["TomlTable"]:
        """An array of tables; none when the key is not there."""
        self._asked.add(key)
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self.fault(
                f"{key} is not a list of tables",
                key,
                given=type(found).__name__,
                allowed=f"[[{key}]]",
                code="not-tables",
            )
            return []
        return [
            TomlTable(
                document=self.document, faults=self.faults, path=(*self.path, key, position), values=item, parent=self
            )
            for position, item in enumerate(found)
        ]

    def ids(self, key: str) -> list[str]:
        """The ids of an array of tables, sound or not: what other tables may name without a second fault."""
        found = self.values.get(key, [])
        return [item.get("id", "") for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def refuse_ids_given_twice(self, key: str) -> None:
        ids = self.ids(key)
        for position, name in enumerate(ids):
            if name in ids[:position]:
                self.fault(f"{name!r} stands twice in {key}", key, position, "id", given=name, allowed="each id once")

    def table(self, key: str) -> "TomlTable":
        """A table within this one; empty, with a fault, when it is not there."""
        found = self._value(key, dict, None)
        return TomlTable(
            document=self.document,
            faults=self.faults,
            path=(*self.path, key),
            values=found if isinstance(found, dict) else {},
            parent=self,
        )

    def validity(self) -> Validity:
        """`valid_from` and `valid_to`, both dates included, both open when they are not there."""
        first, last = self.optional_day("valid_from"), self.optional_day("valid_to")
        return self.attempt(lambda: Validity(first, last), "valid_to") or ALWAYS

    def provenance(self) -> Provenance:
        """`source`, `assumed` and `reason`; what is assumed says why."""
        assumed = self.flag("assumed")
        reason = self.text("reason", "")
        if assumed and not reason and "reason" not in self.values:
            self.fault("assumed without a reason", "assumed", allowed='reason = "why nobody has confirmed it"')
        return Provenance(self.text("source", ""), assumed, reason)

    def build(self, make: Callable[[], Thing]) -> Thing | None:
        """What `make` gives, unless this table has a fault; keys that nobody asked for are faults."""
        self.refuse_unknown_keys()
        return None if self.broken else self.attempt(make)

    def refuse_unknown_keys(self) -> None:
        for key in self.values:
            if key not in self._asked:
                self.fault(
                    f"unknown key {key!r}",
                    key,
                    given=key,
                    allowed=", ".join(sorted(self._asked)),
                    code="unknown-key",
                )

    def _value(self, key: str, kind: type, default: object) -> object:
        """The value when it is of the kind, else the default; a fault when it is of another kind or missing."""
        self._asked.add(key)
        if key not in self.values:
            if default is None:
                self.fault(f"{key} is missing", key, given="", allowed=_KINDS[kind], code="missing")
            return default
        found = self.values[key]
        if not _is_of(found, kind):
            self.fault(f"{key} is not {_KINDS[kind]}", key, given=found, allowed=_KINDS[kind], code=_CODES[kind])
            return default
        return found

    def _within(self, key: str, found: object, low: float, high: float) -> float | None:
        if not isinstance(found, int | float):
            return None
        if not low <= found <= high:
            self.fault(f"{key} is out of range", key, given=found, allowed=f"{low} to {high}", code="out-of-range")
            return None
        return found

    def attempt(self, make: Callable[[], Thing], *below: str | int) -> Thing | None:
        """A value's own refusal, noted as a fault of this place."""
        try:
            return make()
        except Invalid as refusal:
            self.fault(refusal.detail, *below, given=refusal.given, allowed=refusal.allowed, code=refusal.code)
            return None


def _is_of(found: object, kind: type) -> bool:
    if isinstance(found, bool) or kind is bool:
        return isinstance(found, bool) and kind is bool
    if kind is float:
        return isinstance(found, int | float) and found == found and abs(found) != float("inf")
    if kind is date:
        return isinstance(found, date) and not isinstance(found, datetime)
    return isinstance(found, kind)
