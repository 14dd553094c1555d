"""Types of the values in schedule and scenario files: text, id, time of day, date of service, name of another thing.

A type checks one value and knows no table. A time of day is text in the file and minutes of the service day in the field.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Strict, ValidationInfo, WrapValidator, field_validator

from shuttle.domain.basics.errors import Fault
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, service_date
from shuttle.domain.timetable.opening_hours import Window, check_windows
from shuttle.domain.timetable.trips import check_id
from shuttle.feeds.toml.schema import (
    Context,
    TomlModel,
    Written,
    across,
    attempt,
    collected,
    flag,
    key,
    name_of,
    refusal,
    sound,
)

Entry = TypeVar("Entry", bound=TomlModel)


def _text(text: str, info: ValidationInfo) -> str:
    if not text.strip():
        raise refusal(Fault(what=f"{name_of(info)} is empty", allowed="text", code="empty"))
    return text


Text = Annotated[str, Strict(), AfterValidator(_text)]
"""Text that is not blank."""


def identifier(what: str) -> AfterValidator:
    """An id of a new thing: lower-case words joined by hyphens. Faults: `bad-id`."""
    return AfterValidator(lambda text: attempt(lambda: check_id(text, what)))


def existing(what: str) -> AfterValidator:
    """The name of a thing that exists by the context. Faults: `no-such`."""

    def check(name: str, info: ValidationInfo) -> str:
        collected(unknown(name, what, info))
        return name

    return AfterValidator(check)


def one_of(what: str, names: Collection[str]) -> AfterValidator:
    """One of the words that a key takes. Faults: `no-such`."""

    def check(name: str) -> str:
        collected(_no_such(name, names, what))
        return name

    return AfterValidator(check)


def unknown(name: str, what: str, info: ValidationInfo, *path: str | int) -> Iterator[Fault]:
    """A fault where the context has no thing of that name."""
    assert isinstance(info.context, Context)
    yield from _no_such(name, info.context.names.get(what), what, *path)


def _no_such(name: str, names: Collection[str] | None, what: str, *path: str | int) -> Iterator[Fault]:
    if names is not None and name not in names:
        yield no_such(name, names, what, *path)


def no_such(name: str, names: Collection[str], what: str, *path: str | int) -> Fault:
    """A fault of a name that none of `names` is; `what`: the kind of thing."""
    allowed = ", ".join(names) or "none"
    return Fault(what=f"there is no {what} {name!r}", given=name, allowed=allowed, path=path, code="no-such")


StopName = Annotated[Text, existing("stop")]
DayTypeName = Annotated[Text, existing("day type")]
PatternName = Annotated[Text, existing("pattern")]


def minute(value: object) -> Minute:
    """Minutes of the service day of a time in quotes. Faults: `empty`, `bad-time`."""
    if not isinstance(value, str):
        allowed = '"13:00", at the latest "29:59"'
        raise refusal(Fault(what="a time is text in quotes", given=str(value), allowed=allowed))
    if not value.strip():
        raise refusal(Fault(what="the time is empty", allowed="text", code="empty"))
    return attempt(lambda: parse_time_of_day(value))


TimeOfDay = Annotated[Minute, BeforeValidator(minute), Written("text in quotes")]
"""`"13:00"` in the file."""

ServiceDate = Annotated[date, Strict(), AfterValidator(lambda day: attempt(lambda: service_date(day)))]


def _pair(what: str, allowed: str) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, list) or len(value) != 2:
            raise refusal(Fault(what=what, given=str(value), allowed=allowed))
        return value

    return BeforeValidator(check)


OpeningWindow = Annotated[
    tuple[TimeOfDay, TimeOfDay],
    _pair("a window is not an opening and a closing time", '["09:00", "15:00"]'),
]
"""`["09:00", "15:00"]` in the file."""


def _windows_in_order(windows: list[Window], info: ValidationInfo) -> list[Window]:
    attempt(lambda: check_windows(tuple(windows), sound(info, "stop") or "the day"))
    return windows


Windows = Annotated[list[OpeningWindow], AfterValidator(_windows_in_order)]
"""Opening windows in order; an empty list is closed."""

Band = Annotated[
    tuple[TimeOfDay, Annotated[int, Strict()]],
    _pair("a band is not a time and minutes", '["15:00", 14]'),
]
"""`["15:00", 14]` in the file: running minutes of a trip that starts at the time or later."""


def _tables(values: object, handler: Callable[[Any], list[Any]], info: ValidationInfo) -> list[Any]:
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        name, kind = name_of(info), type(values).__name__
        raise refusal(
            Fault(what=f"{name} is not a list of tables", given=kind, allowed=f"[[{name}]]", code="not-tables")
        )
    return handler(values)


Tables = Annotated[list[Entry], WrapValidator(_tables)]
"""An array of tables."""


def ids(values: Any) -> list[str]:
    """The ids of an array of tables, sound or not: a name in a faulty table is still a name."""
    entries = values if isinstance(values, list) else []
    return [str(entry["id"]) for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _ids_twice(entries: list[Any], name: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        for each in ids([entry]):
            if each in seen:
                what, path = f"{each!r} stands twice in {name}", (position, "id")
                yield Fault(what=what, given=each, allowed="each id once", path=path, code="id-twice")
            seen.add(each)


IDS_ONCE = across(_ids_twice)
"""Of an array of tables: no id stands twice."""


class Sourced(TomlModel):
    """A fact with its source; a fact that is not confirmed is assumed, with a reason."""

    source: Text | None = key("text", "where the fact was found", None)
    assumed: bool = flag("nobody has confirmed it; then `reason` is needed", False)
    reason: Text | None = key(
        "text",
        "why it is assumed, or what an override or special hours are for, in the language of those who read the pages",
        None,
    )

    @field_validator("reason")
    @classmethod
    def _assumed_has_a_reason(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if reason is None and sound(info, "assumed"):
            allowed = 'reason = "why nobody has confirmed it"'
            raise refusal(Fault(what="assumed without a reason", allowed=allowed, path=("assumed",)), up=1)
        return reason

    @property
    def provenance(self) -> Provenance:
        return Provenance(self.source or "", self.assumed, self.reason or "")


class Dated(Sourced):
    """A fact that holds from a date to a date, both included; a date that is missing is open."""

    valid_from: ServiceDate | None = key("date", "the first date on which it holds", None)
    valid_to: ServiceDate | None = key("date", "the last date on which it holds", None)

    @field_validator("valid_to")
    @classmethod
    def _dates_in_order(cls, last: date | None, info: ValidationInfo) -> date | None:
        attempt(lambda: Validity(sound(info, "valid_from"), last))
        return last

    @property
    def validity(self) -> Validity:
        return Validity(self.valid_from, self.valid_to)


ANYWHERE = tuple(Dated.model_fields)
"""The keys that may stand in any table of a schedule file."""
