"""Attacker on loopback, in a process of its own, at a stated rate: what one or a few network addresses could send.

Each request has a connection of its own, from the next of `addresses` addresses of this machine (127.0.0.2, 127.0.0.3, …), so that
limits per address apply. While `at_once` requests wait for their answers, due ones are dropped: the rate is an upper bound. In addition
`heads` connections send the head of a request at a byte per second, and reconnect when they are closed.

    python -m scripts.benchmarks.attack    reads one Attack as a line of JSON, goes on until standard input ends, prints answers by status
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle

NO_ANSWER = "none"
"""The connection broke, or was closed without an answer."""

SLOW_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"x" * 1000
MOST_SECONDS = 300.0


@dataclass(frozen=True)
class Attack:
    """What is sent where. `requests` are whole HTTP/1.1 requests, sent in turn, `rate` a second."""

    port: int
    requests: list[str]
    rate: float
    addresses: int = 1
    at_once: int = 50
    heads: int = 0


@contextmanager
def attacked(attack: Attack) -> Iterator[Counter[str]]:
    """Attack while the block runs; afterwards what was given holds the answers by status."""
    answers: Counter[str] = Counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.benchmarks.attack"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asdict(attack)) + "\n")
        process.stdin.flush()
        assert process.stdout.readline(), "the attack did not begin"
        yield answers
        process.stdin.close()
        answers.update(json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Attacker:
    """Carries out one attack."""

    def __init__(self, attack: Attack) -> None:
        self._attack = attack
        self._requests = cycle([request.encode() for request in attack.requests])
        self._addresses = cycle([f"127.0.{1 + number // 250}.{2 + number % 250}" for number in range(attack.addresses)])
        self._sent: set[asyncio.Task[None]] = set()
        self.answers: Counter[str] = Counter()

    async def attack(self) -> None:
        """Until it is cancelled."""
        heads = [asyncio.create_task(self._drip(number)) for number in range(self._attack.heads)]
        try:
            await self._send_at_rate()
        finally:
            for task in (*heads, *self._sent):
                task.cancel()
            await asyncio.gather(*heads, *self._sent, return_exceptions=True)

    async def _send_at_rate(self) -> None:
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while True:
            if not self._attack.requests:
                await asyncio.sleep(1)
                continue
            number += 1
            await asyncio.sleep(max(0.0, began + number / self._attack.rate - loop.time()))
            if len(self._sent) < self._attack.at_once:
                task = asyncio.create_task(self._ask(next(self._requests), next(self._addresses)))
                self._sent.add(task)
                task.add_done_callback(self._sent.discard)

    async def _ask(self, request: bytes, address: str) -> None:
        status = NO_ANSWER
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._attack.port, local_addr=(address, 0))
            try:
                writer.write(request)
                head = await reader.read(1 << 16)
                status = head[9:12].decode("ascii") or NO_ANSWER
                while await reader.read(1 << 16):
                    pass
            finally:
                writer.transport.abort()
        except OSError:
            pass
        self.answers[status] += 1

    async def _drip(self, number: int) -> None:
        await asyncio.sleep(number / self._attack.heads)  # not all in the same moment of a second
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._attack.port)
                try:
                    for byte in SLOW_HEAD:
                        writer.write(bytes((byte,)))
                        await asyncio.sleep(1)
                        if reader.at_eof():
                            break
                finally:
                    writer.transport.abort()
            except OSError:
                await asyncio.sleep(1)


async def main() -> None:
    loop = asyncio.get_running_loop()
    attacker = Attacker(Attack(**json.loads(await loop.run_in_executor(None, sys.stdin.readline))))
    task = asyncio.create_task(attacker.attack())
    print("begun", flush=True)
    ended = loop.run_in_executor(None, sys.stdin.readline)
    await asyncio.wait([task, ended], timeout=MOST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    print(json.dumps(attacker.answers), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
