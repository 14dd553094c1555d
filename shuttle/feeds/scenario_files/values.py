"""Types and keys of the values in a scenario's requirements: a stop with opening hours, a pattern, two times, a time on the grid."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from shuttle.domain.basics.errors import Fault
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.scenario_files.context import context_of
from shuttle.feeds.toml.schema import collected, key, out_of_range, refusal
from shuttle.feeds.toml.types import StopName, TimeOfDay


def _with_hours(stop: str, info: ValidationInfo) -> str:
    collected(no_hours(stop, info))
    return stop


def no_hours(stop: str, info: ValidationInfo, *path: str) -> Iterator[Fault]:
    """A fault of a stop without opening hours."""
    context = context_of(info)
    if stop not in context.with_hours:
        allowed = ", ".join(context.with_hours) or "none"
        yield Fault(what=f"{stop} has no opening hours", given=stop, allowed=allowed, path=path, code="no-hours")


OpenStop = Annotated[StopName, AfterValidator(_with_hours)]
"""A stop with opening hours."""


def _pattern(value: object, info: ValidationInfo) -> object:
    patterns = context_of(info).patterns
    if not isinstance(value, list):
        last = max(len(patterns) - 1, 0)
        if type(value) is int and not 0 <= value <= last:
            raise refusal(out_of_range("pattern", value, 0, last))
        return value
    if tuple(value) in patterns:
        return patterns.index(tuple(value))
    allowed = "a number from 0, or " + "; ".join(" ".join(stops) for stops in patterns)
    raise refusal(Fault(what="no pattern has these stops", given=str(tuple(value)), allowed=allowed))


PatternPlace = Annotated[int, BeforeValidator(_pattern)]
"""A pattern by its place in `patterns` (from 0) or by its stops."""


def _between(value: object) -> object:
    if not isinstance(value, list) or len(value) != 2:
        raise refusal(Fault(what="between is not two times", given=str(value), allowed='["10:00", "22:00"]'))
    return value


def _in_order(window: Window) -> Window:
    if window[1] <= window[0]:
        times = ", ".join(map(time_of_day_text, window))
        raise refusal(Fault(what="between runs backwards", given=times, allowed="two times in order"))
    return window


Between = Annotated[tuple[TimeOfDay, TimeOfDay], BeforeValidator(_between), AfterValidator(_in_order)]
"""Two times in order."""


def pattern_key(default: Any = ...) -> Any:
    return key("pattern", "its place in `patterns`, from 0, or its stops", default, form="pattern", strict=True)


def stop_key(meaning: str, default: Any = ..., **more: Any) -> Any:
    return key("stop", meaning, default, form="stop", **more)


def between_key() -> Any:
    return key("[time, time]", "within these times", None, form="window")


def off_the_grid(at: Minute, info: ValidationInfo) -> Iterator[Fault]:
    """A fault of a time at which no trip may leave."""
    grid = context_of(info).grid
    if grid and at % grid:
        allowed = f"a multiple of {grid} minutes from midnight"
        yield Fault(what="the time is off the grid", given=time_of_day_text(at), allowed=allowed)
