"""PostgreSQL is killed and restarted while eight devices count and four clients read.

Each answer is a good one, or 503 with Retry-After. Afterwards the service works again, and acknowledged counts are
stored once. SHUTTLE_KILLS sets the number of kills; one by default.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from tests.conftest import address, execute_on, fill
from tests.faults.cluster import Cluster, running_cluster
from tests.faults.conftest import ADMIN
from tests.faults.program import LONGEST_REQUEST, Program, Readers, Senders, post, unfit
from tests.faults.test_kill import BETWEEN, counted, lost, stored

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the server's processes are read from /proc"),
]

KILLS = int(os.environ.get("SHUTTLE_KILLS", "1"))
BACK_WITHIN = 60.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        fill(address(running.url, "postgres"))
        yield running


@pytest.fixture
def database_url(cluster: Cluster) -> str:
    """A filled database on a server that may be killed."""
    if cluster.process is None:
        cluster.start()
    name = f"fault_{uuid4().hex[:8]}"
    execute_on(cluster.url, f"CREATE DATABASE {name} TEMPLATE postgres")
    return address(cluster.url, name)


def test_a_killed_database_costs_503_until_it_is_back_and_no_count(
    cluster: Cluster,
    program: Program,
    senders: Senders,
    readers: Readers,
    own_context: AppContext,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(1)
    senders.start()
    readers.start()
    back = []
    for _ in range(KILLS):
        senders.wait_for(BETWEEN)
        cluster.kill()
        time.sleep(0.3 + chance.random())
        cluster.start()
        began = time.monotonic()
        senders.wait_for(1, BACK_WITHIN)
        back.append(time.monotonic() - began)
    senders.wait_for(BETWEEN)
    senders.stop()
    readers.stop()
    assert max(back) <= BACK_WITHIN
    assert {201, 503} <= senders.statuses <= {200, 201, 503}
    answers = senders.answers + readers.answers
    assert unfit(answers) == set()
    assert max(answer.seconds for answer in answers) <= LONGEST_REQUEST
    assert any(answer.status == 503 for answer in readers.answers)
    own_context.engine.dispose()  # its connections died with the server
    missing = lost(senders.acknowledged, stored(own_context))
    for name, value in counted(KILLS, senders, missing, back):
        record_property(name, value)
    assert missing == []
    for one in random.Random(1).sample(senders.acknowledged, BETWEEN):
        again = post(program.port, senders.token, one.path, one.key, one.body)
        assert again is not None
        assert (again[0], again[1]["id"]) == (200, one.id)
    assert rollup.check(own_context, ADMIN) == []
