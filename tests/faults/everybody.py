"""Random API clients that do every possible act and verify each result.

Each client has calendar dates of its own, so that its writes must be read back exactly. Counts are made on shared
departures, and timetables are published for contested dates. Each request has its own connection, so that any worker
answers it.
"""

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tests.faults.program import LONGEST_WAIT, Program

OWN_DAYS = 25
"""Number of dates that belong to one client."""

FOUGHT_FOR = range(500, 560)
"""Contested dates of publications, in days from today."""

MOST_DRAFTS = 8
"""Drafts per client; every change reads all timetables again."""

PUT_OFF = "put off"

REFUSALS = frozenset((404, 409, 422))
"""Allowed statuses for an act that is no longer possible; the detail states the reason."""


class Broken(AssertionError):
    """A violated invariant."""


class PutOff(Exception):
    """503 with Retry-After: allowed; the act was not done."""


@dataclass
class Person:
    """One client: tokens as staff and as planner, dates of its own, and its latest count of each place."""

    number: int
    program: Program
    staff: str
    planner: str
    today: date
    departures: list[str]
    done: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    latest: dict[tuple[str, str], str] = field(default_factory=dict)
    drafts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)
        self.made = 0

    def ask(self, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and document. Raises PutOff, and Broken for any other 5xx."""
        connection = http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=LONGEST_WAIT)
        sent = {"Authorization": f"Bearer {token or self.planner}", "Content-Type": "application/json", **headers}
        try:
            connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            body_text = answer.read()
        finally:
            connection.close()
        self.statuses[answer.status] += 1
        if answer.status == 503 and answer.getheader("Retry-After"):
            raise PutOff
        if answer.status >= 500:
            raise Broken(f"{method} {path}: {answer.status} {body_text[:300]!r}")
        return answer.status, json.loads(body_text) if body_text else None

    def act(self) -> None:
        """One random act, verified."""
        acts: list[tuple[Callable[[], None], int]] = [
            (self.count, 10),
            (self.cancel, 3),
            (self.add_extra, 3),
            (self.decide_day, 2),
            (self.edit_draft, 4),
            (self.publish, 3),
            (self.withdraw, 2),
            (self.read, 3),
        ]
        act = self.chance.choices([each for each, _ in acts], [weight for _, weight in acts])[0]
        try:
            act()
            self.done[act.__name__] += 1
        except PutOff:
            self.done[PUT_OFF] += 1

    def expect(self, holds: bool, what: str, *seen: object) -> None:
        if not holds:
            raise Broken(f"person {self.number}: {what}: {seen!r}"[:1500])

    def refused_or(self, expected: int, status: int, document: Any) -> bool:
        """Whether the act was done. Raises Broken for any other answer than that or a refusal with its reason."""
        self.expect(
            status == expected or (status in REFUSALS and document["detail"]), "no such answer", status, document
        )
        return status == expected

    def own_day(self) -> date:
        return self.today + timedelta(10 + self.number * OWN_DAYS + self.chance.randrange(OWN_DAYS))

    def departures_on(self, day: date) -> dict[str, dict[str, Any]]:
        status, document = self.ask("GET", f"/departures?date={day}")
        self.expect(status == 200, "a day cannot be read", status, document)
        return {departure["id"]: departure for departure in document["departures"]}

    def count(self) -> None:
        """A count, or a correction where this client has counted already; a repeated request changes nothing."""
        departure = self.chance.choice(self.departures)
        self.made += 1
        boardings = self.chance.randint(0, 30)
        body = {"stop": "vagsbunnen", "boardings": boardings}
        path, key = f"/departures/{departure}/boardings", {"Idempotency-Key": f"{self.number}-{self.made}"}
        status, stored = self.until_stored(path, body, key)
        self.expect(status == 201, "a count was not stored", status, stored)
        if self.chance.random() < 0.2:
            status, again = self.ask("POST", path, self.staff, body, **key)
            self.expect((status, again["id"]) == (200, stored["id"]), "not the same count", status, again, stored)
        self.latest[departure, "vagsbunnen"] = stored["id"]
        self.look_at_count(departure, stored["id"], boardings)

    def until_stored(self, path: str, body: dict[str, object], key: dict[str, str]) -> tuple[int, Any]:
        """Repeat a count until it is stored, as a phone does: an attempt without an answer may have stored it."""
        while True:
            try:
                status, stored = self.ask("POST", path, self.staff, body, **key)
            except PutOff:
                self.done[PUT_OFF] += 1
                continue
            return 201 if status == 200 and stored["replayed"] else status, stored

    def look_at_count(self, departure: str, mine: str, boardings: int) -> None:
        _, document = self.ask("GET", f"/departures/{departure}/boardings")
        (stop,) = [each for each in document["stops"] if each["stop"] == "vagsbunnen"]
        observations = {each["id"]: each for each in stop["observations"]}
        self.expect(mine in observations, "the count is missing", mine, list(observations))
        self.expect(
            observations[mine]["boardings"] == boardings,
            "not the boardings that were sent",
            observations[mine],
            boardings,
        )
        superseded = {each["supersedes"] for each in observations.values()}
        self.expect(
            mine not in superseded, "the latest count of a client is superseded only by itself", mine, observations
        )
        self.expect(stop["holds"] in observations, "what holds is one of them", stop)

    def cancel(self) -> None:
        """Cancel a departure of an own day, read it back, and mostly withdraw the change."""
        day = self.own_day()
        running = [each for each, departure in self.departures_on(day).items() if departure["status"] == "scheduled"]
        if not running:
            return
        chosen = self.chance.choice(running)
        status, change = self.ask("PUT", f"/departures/{chosen}/change", body={"kind": "cancel", "reason": "weather"})
        self.expect(status == 200, "not cancelled", status, change)
        self.expect(self.departures_on(day)[chosen]["status"] == "cancelled", "it still runs", chosen)
        if self.chance.random() < 0.8:
            status, gone = self.ask("DELETE", f"/changes/{change['id']}")
            self.expect(status == 200, "not taken back", status, gone)
            self.expect(self.departures_on(day)[chosen]["status"] == "scheduled", "it still is cancelled", chosen)

    def add_extra(self) -> None:
        """Add a departure on an own day, read it back, and remove it."""
        day, minute = self.own_day(), self.chance.randrange(6 * 60, 22 * 60)
        body = {"kind": "extra", "from": day.isoformat(), "reason": "event", "pattern": "gyldenpris"}
        status, change = self.ask(
            "POST", "/changes", body={**body, "departs_at": f"{minute // 60:02}:{minute % 60:02}"}
        )
        if not self.refused_or(201, status, change):
            return
        extra = f"{day}.{change['trip']}"
        self.expect(extra in self.departures_on(day), "the extra departure is not there", extra)
        status, gone = self.ask("DELETE", f"/changes/{change['id']}")
        self.expect(status == 200, "not taken away", status, gone)
        self.expect(extra not in self.departures_on(day), "the extra departure is still there", extra)

    def decide_day(self) -> None:
        """Override the day type of an own day, read it back, and remove the override."""
        day, day_type = self.own_day(), self.chance.choice(("weekday", "holiday"))
        body = {"day_type": day_type, "reason": "an exercise"}
        status, document = self.ask("PUT", f"/calendar/{day}", body=body)
        self.expect((status, document["day_type"]) == (200, day_type), "not decided", status, document)
        status, document = self.ask("GET", f"/departures?date={day}")
        self.expect(document["day_type"] == day_type, "another worker has it otherwise", document)
        status, document = self.ask("DELETE", f"/calendar/{day}")
        self.expect(status == 200, "not let go", status, document)

    def edit_draft(self) -> None:
        """Create a draft, or add a departure to one, and read it back."""
        if not self.drafts or (len(self.drafts) < MOST_DRAFTS and self.chance.random() < 0.3):
            self.made += 1
            draft = f"draft-{self.number}-{self.made}"
            status, document = self.ask("POST", "/timetables/2024-10/copy", body={"id": draft, "name": draft})
            self.expect(status == 201, "no draft", status, document)
            self.drafts.append(draft)
        draft, minute = self.chance.choice(self.drafts), self.chance.randrange(10 * 60, 20 * 60)
        departs = f"{minute // 60:02}:{minute % 60:02}"
        body = {"pattern": "gyldenpris", "day_type": "weekday", "departs": departs}
        status, document = self.ask("POST", f"/timetables/{draft}/trips", body=body)
        if self.refused_or(201, status, document):
            _, read = self.ask("GET", f"/timetables/{draft}")
            self.expect(departs in [trip["departs"] for trip in read["trips"]], "not in the draft", departs, read)

    def publish(self) -> None:
        """Publish a draft for contested dates; the publications never overlap."""
        draft = self.chance.choice(self.drafts) if self.drafts else "2024-10"
        first = self.today + timedelta(self.chance.choice(FOUGHT_FOR))
        body: dict[str, Any] = {"valid_from": first.isoformat(), "accept": ["outside-opening-hours"]}
        body["valid_to"] = (first + timedelta(self.chance.randrange(12))).isoformat()
        status, answer = self.ask("POST", f"/timetables/{draft}/publish", body=body)
        if self.refused_or(200, status, answer):
            _, document = self.ask("GET", f"/departures?date={first}")
            self.expect(document["timetable"] is not None, "what I published does not apply", document)
        self.no_overlap()

    def withdraw(self) -> None:
        if self.drafts:
            status, answer = self.ask("POST", f"/timetables/{self.chance.choice(self.drafts)}/withdraw")
            self.refused_or(200, status, answer)
            self.no_overlap()

    def no_overlap(self) -> None:
        _, timetables = self.ask("GET", "/timetables")
        spans = sorted(
            (each["valid_from"], each["valid_to"] or "9999-12-31", timetable["id"])
            for timetable in timetables
            for each in timetable["publications"]
        )
        for earlier, later in pairwise(spans):
            self.expect(earlier[1] < later[0], "two timetables apply on one date", earlier, later)

    def read(self) -> None:
        first = self.today - timedelta(self.chance.randrange(1, 60))
        for path in (
            f"/ridership?from={first}&to={self.today}&by=day",
            f"/calendar?from={first}&to={self.today}",
            "/stops",
        ):
            status, document = self.ask("GET", path)
            self.expect(status == 200, "cannot be read", path, status, document)


@dataclass
class Everybody:
    """All clients at once, until enough acts are done or an invariant is violated."""

    people: list[Person]
    broken: list[BaseException] = field(default_factory=list)

    def do(self, acts: int) -> None:
        threads = [
            threading.Thread(target=self._work, args=(person, acts // len(self.people))) for person in self.people
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, person: Person, acts: int) -> None:
        try:
            for _ in range(acts):
                if self.broken:
                    return
                person.act()
        except (Broken, OSError, http.client.HTTPException, KeyError, ValueError, TypeError) as error:
            self.broken.append(error)

    @property
    def done(self) -> Counter[str]:
        return sum((person.done for person in self.people), Counter())
