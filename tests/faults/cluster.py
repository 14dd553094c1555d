"""A PostgreSQL server of a test's own that syncs to disk and may be killed and restarted at the same port.

The shared test server neither syncs nor may be killed. For PostgreSQL `kill` is a power cut: the postmaster and all its
child processes are killed together, so that none cleans up. The children are read from /proc (Linux).
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url

from tests.conftest import postgres_in_a_wheel
from tests.ports import free_port

LONGEST_START = 120.0


@dataclass
class Cluster:
    """A server on loopback: its data, its programs, and its user when tests run as root."""

    folder: Path
    programs: Path
    user: str | None
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> URL:
        return make_url(f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres")

    def start(self) -> None:
        """Returns when the server accepts connections, after any recovery."""
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", "", "-c", "fsync=on", "-c", "synchronous_commit=on"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, user=self.user, start_new_session=True)
        began = time.monotonic()
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() - began > LONGEST_START:
                raise AssertionError((self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.01)

    def kill(self) -> None:
        """As `kill -9` on the postmaster and all its children, at once."""
        assert self.process is not None
        postmaster = self.process.pid
        os.kill(postmaster, signal.SIGSTOP)  # no new child process in between
        below = [int(pid) for pid in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text("ascii").split()]
        for pid in (postmaster, *below):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=60)
        while any(is_alive(pid) for pid in below):
            time.sleep(0.005)
        self.process = None


def is_alive(pid: int) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in ("Z", "X")


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A new, empty server; removed afterwards."""
    pgserver = postgres_in_a_wheel()
    folder = Path(tempfile.mkdtemp(prefix="shuttle-cluster-"))
    try:
        folder.chmod(0o777)  # under root the server runs as a user of its own
        (folder / "data").mkdir()
        made = pgserver.postgres_server.PostgresServer(folder / "data")
        made.ensure_pgdata_inited()
        cluster = Cluster(folder, made.bin_path, made.system_user, free_port())
        cluster.start()
        try:
            yield cluster
        finally:
            if cluster.process is not None:
                cluster.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
