"""The server process: seconds from kill -9 to the first answer, and memory (PSS) idle and under load; no baseline."""

import os
import signal
import time
from pathlib import Path

from scripts.benchmarks.load import Order, get, send
from scripts.benchmarks.rows import Row, at_most
from scripts.benchmarks.servers import Server, product, running

NAME = "process"
REQUESTS_PER_BATCH = 10_000
MIB = 1 << 20


def memory(pid: int) -> float:
    """Proportional set size in MiB (Linux: PSS): private memory and a share of shared memory."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / MIB


def processor_seconds(pid: int) -> float:
    """Processor time of a process in seconds (proc(5), /proc/pid/stat: fields 14 and 15 in ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(rounds: int) -> list[Row]:
    starts, idle, growth, peaks = [], [], [], []
    path = "/api/v1/departures?date=2026-11-24"
    with product() as first:
        command, port = first.command, first.port
        kill(first)
        for _ in range(rounds):
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
        at_most("kill -9 to the first answer", starts, "s", 3),
        at_most("memory, idle", idle, "MiB", 130),
        at_most("memory under load", peaks, "MiB", 400),
        at_most("growth in 10,000 requests", growth, "MiB", 3),
    ]


def kill(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()


def warm(port: int, path: str) -> int:
    """Two seconds of load; the number of answered requests."""
    return sum(send(Order(port, [get(path)], 32, 2.0)).only(200).statuses.values())
