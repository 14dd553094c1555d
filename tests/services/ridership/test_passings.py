"""Recording passings, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refused
from shuttle.domain.ridership.passings import PassingKind
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.passings import PassingReport, record_passing
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.store.ridership.passings import passings_on

DRIVER = Person("d", "Kari", Role.DRIVER)
TODAY = date(2026, 11, 23)
TEN = "2026-11-23.gyldenpris-weekday-1000"
LEFT = PassingReport(TEN, "vagsbunnen", PassingKind.LEFT, datetime(2026, 11, 23, 9, 2, tzinfo=UTC))


def holding(context: AppContext) -> list[tuple[str, str, datetime | None]]:
    with context.reading() as session:
        return [(passing.stop, passing.kind, passing.at) for passing in passings_on(session, TODAY)]


def test_a_passing_is_kept_with_its_moment(context: AppContext) -> None:
    passing, is_new = record_passing(context, DRIVER, "k1", LEFT)
    assert is_new and passing.said_by == "Kari"
    assert holding(context) == [("vagsbunnen", "left", LEFT.at)]


def test_the_same_key_changes_nothing_and_another_word_for_it_is_refused(context: AppContext) -> None:
    record_passing(context, DRIVER, "k1", LEFT)
    assert record_passing(context, DRIVER, "k1", LEFT)[1] is False
    assert LEFT.at
    with pytest.raises(Invalid, match="used for another"):
        record_passing(context, DRIVER, "k1", replace(LEFT, at=LEFT.at + timedelta(minutes=1)))
    assert len(holding(context)) == 1


def test_the_last_word_holds_and_can_be_taken_back(context: AppContext) -> None:
    assert LEFT.at
    later = LEFT.at + timedelta(minutes=5)
    record_passing(context, DRIVER, "k1", LEFT)
    record_passing(context, DRIVER, "k2", replace(LEFT, at=later))
    assert holding(context) == [("vagsbunnen", "left", later)]
    record_passing(context, DRIVER, "k3", replace(LEFT, at=None))
    assert holding(context) == []


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 23, 9, 2),  # noqa: DTZ001 - without an offset, which is what is refused
        datetime(2026, 11, 23, 5, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 11, 30, tzinfo=UTC),
    ],
)
def test_a_moment_that_cannot_be_is_refused(context: AppContext, at: datetime) -> None:
    with pytest.raises(Invalid, match="cannot have passed"):
        record_passing(context, DRIVER, "k", replace(LEFT, at=at))


def test_only_a_departure_that_runs_and_calls_there_can_pass(context: AppContext) -> None:
    with pytest.raises(NotFound, match="does not call"):
        record_passing(context, DRIVER, "k", replace(LEFT, stop="mo-nesttun"))
    with pytest.raises(NotFound, match="no departure"):
        record_passing(context, DRIVER, "k", replace(LEFT, departure="2026-11-23.gyldenpris-weekday-1001"))
    cancel = ChangeRequest(
        kind=ChangeKind.CANCEL, first=TODAY, last=TODAY, reason=ReasonCode.WEATHER, trip="gyldenpris-weekday-1000"
    )
    with context.transaction() as session:
        change_departures(session, Person("s", "Per", Role.STAFF), cancel, context.now())
    with pytest.raises(Refused, match="is cancelled"):
        record_passing(context, DRIVER, "k", LEFT)


def test_a_reader_and_a_stranger_say_nothing(context: AppContext) -> None:
    with pytest.raises(NotSignedIn):
        record_passing(context, None, "k", LEFT)
    with pytest.raises(NotAllowed):
        record_passing(context, Person("r", "Ola", Role.READER), "k", LEFT)
