"""Trips: times set by hand follow each other, from the departure on."""

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.trips import Trip


def test_times_set_by_hand_are_not_empty() -> None:
    with pytest.raises(Invalid, match="do not follow"):
        Trip("gyldenpris", "weekday", 600, ())
