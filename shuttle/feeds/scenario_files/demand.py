"""Tables of a scenario's demand: profiles of passengers by slot, and what waiting costs."""

from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator

from shuttle.domain.basics.errors import Fault
from shuttle.domain.planning.scenario import Demand, DemandProfile, Wish
from shuttle.feeds.toml.schema import TomlModel, collected, flag, key, refusal, sound, whole
from shuttle.feeds.toml.types import ServiceDate, StopName, Tables, Text, TimeOfDay, existing, one_of

LATEST_SLOT = 30 * 60
"""Minute of the service day at which the last slot ends at the latest."""

MOST_PASSENGERS = 10_000


class DemandProfileTable(TomlModel):
    """Passengers who get ready in each slot, from one stop to another."""

    day_type: Annotated[Text, existing("day type of this scenario")] = key(
        "day type", "on which kind of day", form="choice"
    )
    from_: StopName = key("stop", "where they get on", alias="from", form="choice")
    to: StopName = key("stop", "where they get off", form="choice")
    starts: TimeOfDay = key("time", "when the first slot begins", form="time")
    slot_minutes: int = whole("minutes", "length of a slot", 1, 24 * 60)
    passengers: list[Any] = key("list of passengers", "who get ready in each slot", form="numbers")

    @field_validator("to")
    @classmethod
    def _elsewhere(cls, to: str, info: ValidationInfo) -> str:
        if to == sound(info, "from_"):
            raise refusal(Fault(what="a ride ends where it begins", given=to, allowed="another stop"))
        return to

    @field_validator("passengers")
    @classmethod
    def _in_slots(cls, passengers: list[Any], info: ValidationInfo) -> list[Any]:
        allowed = f"0 to {MOST_PASSENGERS} passengers"
        collected(
            Fault(what="demand is out of range", given=str(each), allowed=allowed, path=(position,))
            for position, each in enumerate(passengers)
            if isinstance(each, bool) or not isinstance(each, int | float) or not 0 <= each <= MOST_PASSENGERS
        )
        if not passengers:
            raise refusal(Fault(what="passengers is empty", allowed="a number for each slot"))
        if (sound(info, "starts") or 0) + (sound(info, "slot_minutes") or 0) * len(passengers) > LATEST_SLOT:
            slots = str(len(passengers))
            raise refusal(
                Fault(what="the slots run past the day's end", given=slots, allowed="slots that end by 30:00")
            )
        return passengers

    @cached_property
    def built(self) -> DemandProfile:
        return DemandProfile(
            day_type=self.day_type,
            origin=self.from_,
            destination=self.to,
            starts=self.starts,
            slot_minutes=self.slot_minutes,
            passengers=tuple(map(float, self.passengers)),
        )


class DemandTable(TomlModel):
    """Demand: passengers who want to travel."""

    source: Annotated[Text, one_of("source of demand", ("profile", "recorded"))] = key(
        "word",
        "`profile` (as stated here) or `recorded` (estimated from counts; stated where no bus has run)",
        "profile",
        form="choice",
    )
    from_: ServiceDate | None = key(
        "date", "the first date whose counts are used, where recorded", None, alias="from", form="date"
    )
    to: ServiceDate | None = key("date", "the last one", None, form="date")
    max_wait_minutes: int = whole("minutes", "who would wait longer does not travel", 1, 24 * 60, 120)
    unserved_minutes: int = whole("minutes", "what one who does not travel costs, as waiting", 0, 7 * 24 * 60, 180)
    wish: Annotated[Text, one_of("wish", tuple(Wish))] = key(
        "word",
        "`next`: the next departure is waited for; `displacement`: the nearest one is taken, an earlier one included",
        "next",
        form="choice",
    )
    early_minutes: int = whole("minutes", "how long before opening an arrival is of use", 0, 240, 10)
    arrive_before_closing_minutes: int = whole(
        "minutes", "how long before closing one has to arrive for it to be of use", 0, 240, 0
    )
    coverage_minutes: int = whole(
        "minutes",
        "a minute is covered where who is ready at the base stop then arrives within so many",
        1,
        24 * 60,
        60,
    )
    assumed: bool = flag("nobody has confirmed the demand", False)
    profile: Tables[DemandProfileTable] = key("", "", [])

    @field_validator("to")
    @classmethod
    def _dates_to_count_from(cls, to: date | None, info: ValidationInfo) -> date | None:
        first = sound(info, "from_")
        if sound(info, "source") == "recorded" and "from_" in info.data and (None in (first, to) or to < first):
            what = "recorded demand needs the dates to count from"
            raise refusal(Fault(what=what, allowed="from and to, in order", path=("source",)), up=1)
        return to

    @field_validator("unserved_minutes")
    @classmethod
    def _not_below_waiting(cls, unserved: int, info: ValidationInfo) -> int:
        longest = sound(info, "max_wait_minutes") or 0
        if unserved < longest:
            allowed = f"at least max_wait_minutes ({longest})"
            what = "being left out would cost less than waiting"
            raise refusal(Fault(what=what, given=str(unserved), allowed=allowed))
        return unserved

    @field_validator("profile")
    @classmethod
    def _some_demand(cls, profile: list[DemandProfileTable], info: ValidationInfo) -> list[DemandProfileTable]:
        if sound(info, "source") == "profile" and not profile:
            raise refusal(Fault(what="there is no demand", allowed="at least one [[demand.profile]]"), up=1)
        return profile

    @cached_property
    def built(self) -> Demand:
        return Demand(
            profiles=tuple(table.built for table in self.profile),
            source=self.source,
            max_wait=self.max_wait_minutes,
            unserved=self.unserved_minutes,
            wish=Wish(self.wish),
            early=self.early_minutes,
            before_closing=self.arrive_before_closing_minutes,
            coverage_minutes=self.coverage_minutes,
            assumed=self.assumed,
            first=self.from_,
            last=self.to,
        )
