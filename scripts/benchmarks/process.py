"""The process itself: how soon it serves again after kill -9, and how much memory it holds; baseline: its libraries and a hello.

Seconds say as much about the machine as about the program, so a hello that has read the same libraries starts in the same rounds.
"""

import os
import signal
import sys
import time
from pathlib import Path

from scripts.benchmarks.load import Order, get, send
from scripts.benchmarks.rows import Row, at_most, told
from scripts.benchmarks.servers import Server, product, running

NAME = "process"
REQUESTS_PER_BATCH = 10_000
MIB = 1 << 20


def memory(pid: int) -> float:
    """MiB that this process alone accounts for: its share of what is shared, all of what is not (Linux: PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / MIB


def processor_seconds(pid: int) -> float:
    """What a process has taken of the processor (proc(5), /proc/pid/stat: fields 14 and 15 in ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(rounds: int) -> list[Row]:
    libraries, starts, idle, growth, peaks = [], [], [], [], []
    path = "/api/v1/departures?date=2026-11-24"
    with product() as first:
        command, port = first.command, first.port
        kill(first)
        for _ in range(rounds):
            bare = [sys.executable, "-m", "scripts.benchmarks.libraries", str(port)]
            began = time.perf_counter()
            with running(bare, dict(os.environ), port, "/"):
                libraries.append(time.perf_counter() - began)
            began = time.perf_counter()
            with running(command, first.environment, port, path) as server:
                starts.append(time.perf_counter() - began)
                time.sleep(1)
                idle.append(memory(server.process.pid))
                warm(port, path)
                before = memory(server.process.pid)
                sent = warm(port, path)
                after = memory(server.process.pid)
                growth.append((after - before) * REQUESTS_PER_BATCH / sent)
                peaks.append(after)
                kill(server)
    return [
        told("libraries and a hello, start to the first answer", libraries, "s"),
        at_most("kill -9 to the first answer", starts, "s", 3),
        told("its ratio to that", [start / base for start, base in zip(starts, libraries, strict=True)], ""),
        at_most("memory, idle", idle, "MiB", 130),
        at_most("memory under load", peaks, "MiB", 400),
        at_most("growth in 10,000 requests", growth, "MiB", 3),
    ]


def kill(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()


def warm(port: int, path: str) -> int:
    """Some seconds of load; how many requests were answered."""
    return sum(send(Order(port, [get(path)], 32, 2.0)).only(200).statuses.values())
