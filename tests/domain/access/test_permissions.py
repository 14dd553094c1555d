"""Role-based access control: every action belongs to a role, and no role has more than its table."""

import pytest

from shuttle.domain.access.permissions import MAY, Action, Person, Role, allow, may
from shuttle.domain.basics.errors import NotAllowed, NotSignedIn


def test_nobody_may_do_anything() -> None:
    for action in Action:
        assert not may(None, action)
        with pytest.raises(NotSignedIn):
            allow(None, action)


def test_every_role_is_in_the_table_and_every_action_has_a_role() -> None:
    assert set(MAY) == set(Role)
    assert set().union(*MAY.values()) == set(Action)


def test_a_reader_sees_suppressed_figures_only() -> None:
    reader = Person("1", "coordinator", Role.READER)
    assert allow(reader, Action.READ_RIDERSHIP) == reader
    with pytest.raises(NotAllowed, match="reader may not read exact ridership"):
        allow(reader, Action.READ_EXACT_RIDERSHIP)


def test_a_driver_counts_and_changes_nothing() -> None:
    assert MAY[Role.DRIVER].isdisjoint({Action.CHANGE_DEPARTURES, Action.PUBLISH_TIMETABLES, Action.ADMINISTER})
