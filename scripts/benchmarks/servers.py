"""Servers to measure: the product on a new database, and the baseline, each in its own processes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server; `environment` is what other commands on the same installation need."""

    port: int
    command: list[str]
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]

    def shuttle(self, *arguments: str) -> str:
        """Standard output of a command of the product."""
        return shuttle(self.environment, *arguments)

    def read(self, path: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of an answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def shuttle(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "shuttle", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    return done.stdout.strip()


@contextmanager
def product(workers: int = 1) -> Iterator[Server]:
    """`shuttle serve` on a new SQLite database, filled from the schedule files; deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="shuttle-bench-") as folder:
        port = free_port()
        environment = {**os.environ, **installation(Path(folder), port, workers)}
        with running([sys.executable, "-m", "shuttle", "serve"], environment, port, "/api/v1/stops") as server:
            yield server


def installation(folder: Path, port: int, workers: int) -> dict[str, str]:
    return {
        "SHUTTLE_DATA_DIR": str(folder),
        "SHUTTLE_DATABASE_URL": "",
        "SHUTTLE_HOST": "127.0.0.1",
        "SHUTTLE_PORT": str(port),
        "SHUTTLE_WORKERS": str(workers),
    }


@contextmanager
def hello(workers: int = 1) -> Iterator[Server]:
    """The smallest FastAPI application on the same server with as many workers."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--no-ws", "--log-level", "error", "scripts.benchmarks.hello:app"]
    with running(command, dict(os.environ), port, "/") as server:
        yield server


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[Server]:
    """A server from its first answer until the block ends; its process group ends with it."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        try:
            if not is_ready(port, path, process):
                output.seek(0)
                raise RuntimeError(
                    f"no answer at {path}; output of the server: {output.read().decode(errors='replace')[-2000:]}"
                )
            yield Server(port, command, process, environment)
        finally:
            stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def is_ready(port: int, path: str, process: "subprocess.Popen[bytes]") -> bool:
    """Wait for the first good answer; False when the server ends or READY_SECONDS pass."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
