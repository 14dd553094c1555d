"""A trip: its times follow each other, from the departure on."""

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.trips import Trip


def test_a_trip_whose_times_were_set_by_hand_has_at_least_one() -> None:
    with pytest.raises(Invalid, match="do not follow"):
        Trip("gyldenpris", "weekday", 600, ())
