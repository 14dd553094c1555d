"""The program is asked to end while eight devices count: nothing acknowledged is lost, and it ends by itself.

A device cannot tell here a connection that was refused from a request that was cut off: that each request taken in was
also answered is not shown.
"""

import pytest

from shuttle.services import rollup
from shuttle.services.house import House
from tests.faults.conftest import ADMIN
from tests.faults.program import Program, Senders
from tests.faults.test_kill import lost, stored

pytestmark = pytest.mark.slow


def test_a_program_asked_to_end_under_load_keeps_what_it_acknowledged_and_ends_by_itself(
    program: Program, senders: Senders, own_house: House
) -> None:
    senders.start()
    senders.wait_for(50)
    code = program.stop()  # within the ten seconds that an operator waits
    senders.stop()
    assert code == 0
    assert senders.statuses <= {200, 201}
    assert lost(senders.acknowledged, stored(own_house)) == []
    assert rollup.check(own_house, ADMIN) == []
