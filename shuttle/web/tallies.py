"""What a worker counts while it works: how long requests and commits took, in classes that add up.

Kept as plain lists, because a library's counter costs as much as an answer. Each worker of several writes its tallies
beside the others' every few seconds; whichever is asked adds them up, so that it does not matter which one answers. What a
worker had counted when it ended stays in the sum until the program is started again.
"""

import os
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes, in seconds; one more class has none."""

Key = tuple[str, ...]


class Durations:
    """For each key how many took how long: a number a class, and the seconds altogether."""

    def __init__(self) -> None:
        self.lines: dict[Key, list[float]] = {}

    def add(self, key: Key, seconds: float) -> None:
        line = self.lines.get(key)
        if line is None:
            line = self.lines[key] = [0] * (len(BOUNDS) + 1) + [0.0]
        line[bisect_left(BOUNDS, seconds)] += 1
        line[-1] += seconds

    def add_line(self, key: Key, more: list[float]) -> None:
        known = self.lines.get(key)
        self.lines[key] = [a + b for a, b in zip(known, more, strict=True)] if known else list(more)


@dataclass
class Tallies:
    """`requests` by method, route and status; `commits` of counts; counts that were stored, and that wait."""

    requests: Durations = field(default_factory=Durations)
    commits: Durations = field(default_factory=Durations)
    stored: int = 0
    queued: int = 0

    def committed(self, seconds: float, counts: int) -> None:
        """Called by the one thread that writes counts."""
        self.commits.add((), seconds)
        self.stored += counts

    def add(self, other: "Tallies", alive: bool) -> None:
        for mine, more in ((self.requests, other.requests), (self.commits, other.commits)):
            for key, line in more.lines.items():
                mine.add_line(key, line)
        self.stored += other.stored
        self.queued += other.queued if alive else 0

    def packed(self) -> bytes:
        lines = {name: list(getattr(self, name).lines.items()) for name in ("requests", "commits")}
        return orjson.dumps({**lines, "stored": self.stored, "queued": self.queued})

    @classmethod
    def unpacked(cls, text: bytes) -> "Tallies":
        document = orjson.loads(text)
        found = cls(stored=document["stored"], queued=document["queued"])
        for name in ("requests", "commits"):
            for key, line in document[name]:
                getattr(found, name).add_line(tuple(key), line)
        return found


class SharedTallies:
    """A file a worker, named by the process that started it and its own: those of an earlier start are not added."""

    def __init__(self, folder: Path, own: Tallies) -> None:
        self._folder, self._own = folder, own
        self._start = f"{os.getppid()}-"
        self._file = folder / f"{self._start}{os.getpid()}.json"

    def begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in self._folder.glob("*-*.json*"):
            if not file.name.startswith(self._start):
                file.unlink(missing_ok=True)
        self.write()

    def write(self) -> None:
        """Replaced in one step, so that nobody reads half of it."""
        part = self._file.with_suffix(".json-part")
        part.write_bytes(self._own.packed())
        part.replace(self._file)

    def total(self) -> Tallies:
        """All workers' together, the others' as they were some seconds ago."""
        found = Tallies()
        found.add(self._own, alive=True)
        for pid, other in self._others():
            found.add(other, alive=Path(f"/proc/{pid}").exists())
        return found

    def _others(self) -> Iterator[tuple[str, Tallies]]:
        for file in self._folder.glob(f"{self._start}*.json"):
            if file != self._file:
                yield file.stem.removeprefix(self._start), Tallies.unpacked(file.read_bytes())
