"""Light pages during abuse and heavy permitted work; baseline: the same pages just before.

The attacker is a process of its own on the same cores (`attack.py`), at the rate that its row names; its processor time is part of the
figures. In each round every attack comes once, each after a quiet period of its own.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from scripts.benchmarks.attack import Attack, attacked
from scripts.benchmarks.load import Order, get, request, send
from scripts.benchmarks.process import processor_seconds
from scripts.benchmarks.ridership import fill
from scripts.benchmarks.rows import Row, at_most, measured
from scripts.benchmarks.servers import Server, product
from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import add_account, use_link
from shuttle.services.operation.installation import open_app_context

NAME = "abused"
ONLY_WHEN_NAMED = True
RATE = 40.0
SECONDS = 6.0
DAY = "/api/v1/departures?date=2026-11-24"
TIMES, PLUS_MS = 3, 10
"""Bound of a p99 under attack as a factor of the quiet one, and the milliseconds that permitted heavy work may add."""

MIB = 1 << 20
FORM = {"Content_Type": "application/x-www-form-urlencoded", "Sec_Fetch_Site": "same-origin"}
FIRST = date(2027, 1, 4)
KNOWN_NAME = "Ada"
REST = 1.0
"""Seconds of near idleness after which an attack counts as worked off."""
IDLE = 0.1
"""Share of a processor below which the program counts as idle."""

WHAT = {"known": "a day's departures", "made": "pages"}


@dataclass(frozen=True)
class Period:
    """Latency in ms at the 99th percentile: of a day's departures (cached) and of pages (made anew)."""

    known: float
    made: float


@dataclass
class Seen:
    """Periods round by round, and the answers to the attack by status."""

    quiet: list[Period] = field(default_factory=list)
    busy: list[Period] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Kind:
    """A kind of attack; `work`: permitted heavy work. `answered`: the statuses that it may get."""

    name: str
    make: Callable[[Server], Attack]
    answered: frozenset[str]
    work: bool = False


def whole(method: str, path: str, body: str = "", **headers: str) -> str:
    """A request after which the connection ends."""
    length = {"Content_Length": str(len(body))} if body else {}
    return request(method, path, {"Connection": "close", **length, **headers}) + body


def guesses(server: Server) -> Attack:
    """Passwords of many names, one of them known, from so many addresses that no limit for an address stops them."""
    names = [KNOWN_NAME, *(f"guess-{number}" for number in range(50))]
    requests = [whole("POST", "/login", f"name={name}&password=wrong-{name}-wrong", **FORM) for name in names]
    return Attack(server.port, requests, 100, addresses=400)


def bodies(server: Server) -> Attack:
    """More than is allowed, with its length, in large pieces without, and a hundred thousand pieces of a byte."""
    much = "x" * (MIB + 1)
    paths = ("/login", "/api/v1/changes", "/api/v1/departures/2026-11-24.gyldenpris-weekday-1000/boardings", "/nowhere")
    told_length = [whole("POST", path, much, **FORM) for path in paths]
    pieces = "".join(f"10000\r\n{'x' * 65536}\r\n" for _ in range(17)) + "0\r\n\r\n"
    crumbs = "1\r\nx\r\n" * 100_000 + "0\r\n\r\n"
    untold = [
        whole("POST", path, Transfer_Encoding="chunked", **FORM) + body for path in paths for body in (pieces, crumbs)
    ]
    return Attack(server.port, [*told_length, *untold], 50)


def heads(server: Server) -> Attack:
    """Heads that never end."""
    return Attack(server.port, [], 1, heads=400)


def far(server: Server) -> Attack:
    """The largest ranges and heads, other addresses each time, and addresses that are not there."""
    days = [FIRST + timedelta(number) for number in range(200)]
    requests = []
    for number, day in enumerate(days):
        requests += [
            whole("GET", f"/api/v1/calendar?from={day}&to={day + timedelta(799)}"),
            whole("GET", f"/api/v1/calendar?from={day}&to={day + timedelta(9000)}"),
            whole("GET", f"/api/v1/departures?date={day + timedelta(20000)}"),
            whole("GET", f"/?date={day}&lang=en"),
            whole("GET", f"/timetable?date={day}"),
            whole("GET", f"/timetable.pdf?date={day}&paper=a3&lang=nn"),
            whole("GET", f"/feeds/stops/vagsbunnen.ics?lang=en&number={number}"),
            whole("GET", f"/feeds/stops/nowhere-{number}.ics"),
            whole("GET", f"/nowhere/{number}"),
            whole("GET", f"/api/v1/boardings?from=2020-01-01&to=2030-01-01&limit=1000&cursor={number * 10_000}"),
            whole("GET", f"/api/v1/stops?number={number}", X_Long="x" * 60_000),
            whole("GET", f"/api/v1/stops?number={number}", X_Long="x" * 100_000),
            whole("GET", f"/{'x' * 7000}"),
        ]
    return Attack(server.port, requests, 100)


def cold(server: Server) -> Attack:
    """Feeds, posters and packages of a schedule that a planner has just changed, and changes again."""
    planner = f"Bearer {server.shuttle('tokens', 'create', '--role', 'planner', '--name', 'cold')}"
    requests = []
    for number in range(50):
        day = FIRST + timedelta(number)
        other = json.dumps({"day_type": "holiday", "reason": "a day off"})
        change = whole("PUT", f"/api/v1/calendar/{day}", other, Authorization=planner, Content_Type="application/json")
        asked = ("departures.ics", "stops/vagsbunnen.ics", "gtfs.zip", "netex.zip", "gtfs-rt/alerts.pb")
        requests += [change, *(whole("GET", f"/feeds/{name}") for name in asked), whole("GET", "/timetable.pdf")]
    return Attack(server.port, requests, 14)


def ridership(server: Server) -> Attack:
    """A year of ten million counts in its finest lines, and reports of it."""
    staff = f"Bearer {server.shuttle('tokens', 'create', '--role', 'staff', '--name', 'much')}"
    year = "from=2026-01-01&to=2026-12-31"
    paths = [f"/api/v1/ridership?{year}&by={by}" for by in ("day,stop,hour", "day,trip", "stop", "hour")]
    paths += [f"/api/v1/reports?{year}&format={form}" for form in ("pdf", "html")]
    return Attack(server.port, [whole("GET", path, Authorization=staff) for path in paths], 1, at_once=8)


KINDS = (
    Kind("100 guesses of passwords a second", guesses, frozenset({"401", "429", "503"})),
    Kind("50 bodies of a mebibyte a second", bodies, frozenset({"413", "429", "none"})),
    Kind("400 heads that never end", heads, frozenset()),
    Kind(
        "100 far questions a second", far, frozenset({"200", "304", "401", "404", "414", "422", "431", "503", "none"})
    ),
    Kind("2 changes and 12 cold feeds a second", cold, frozenset({"200", "503"}), work=True),
    Kind("a year of 10 million counts, again and again", ridership, frozenset({"200", "503"}), work=True),
)


def light(server: Server, reader: str) -> Period:
    """Two loads at once, each at half of the rate."""
    made = [get("/"), get("/api/v1/changes?from=2026-11-01&to=2026-12-01", Authorization=reader), get("/readyz")]
    orders = [Order(server.port, requests, 8, SECONDS, RATE / 2) for requests in ([get(DAY)], made)]
    with ThreadPoolExecutor(len(orders)) as pool:
        known, anew = pool.map(lambda order: send(order).only(200), orders)
    return Period(known.p99, anew.p99)


def furnish(server: Server) -> None:
    """An account whose password is guessed, and ten million counts, put into the database that the server runs on."""
    with closing(
        open_app_context(f"sqlite:///{server.environment['SHUTTLE_DATA_DIR']}/shuttle.db", ZoneInfo("Europe/Oslo"))
    ) as context:
        with context.transaction() as session:
            link = add_account(session, Person("bench", "bench", Role.ADMIN), KNOWN_NAME, Role.STAFF, context.now())
        use_link(context, link, "", "a password that nobody guesses")
        fill(context)
        with context.engine.connect() as connection:
            connection.exec_driver_sql(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            )  # what was written at once is not read from the log


def run(rounds: int) -> list[Row]:
    seen: dict[str, Seen] = {kind.name: Seen() for kind in KINDS}
    with product() as server:
        furnish(server)
        staff = f"Bearer {server.shuttle('tokens', 'create', '--role', 'staff', '--name', 'light')}"
        attacks = [(kind, kind.make(server), seen[kind.name]) for kind in KINDS]
        light(server, staff)
        for _ in range(rounds):
            for _kind, attack, found in attacks:
                found.quiet.append(light(server, staff))
                with attacked(attack) as answers:
                    found.busy.append(light(server, staff))
                found.answers.update(answers)
                rest(server)
    return [row for kind in KINDS for row in rows_of(kind, seen[kind.name])]


def rest(server: Server) -> None:
    """Wait until the program is quiet: the next stretch is the baseline of another attack."""
    before = processor_seconds(server.process.pid)
    while True:
        time.sleep(REST)
        now = processor_seconds(server.process.pid)
        if now - before < IDLE * REST:
            return
        before = now


def rows_of(kind: Kind, seen: Seen) -> Iterator[Row]:
    """For what is known and what is made anew: how quick it is when all is quiet, and what the attack makes of that."""
    for what in ("known", "made"):
        quiet, busy = ([getattr(each, what) for each in segments] for segments in (seen.quiet, seen.busy))
        name = f"{kind.name}: {WHAT[what]}"
        more = PLUS_MS if kind.work else 0
        to_bound = [b / (TIMES * q + more) for q, b in zip(quiet, busy, strict=True)]
        yield measured(f"{name}, p99 before", quiet, "ms")
        yield measured(f"{name}, p99 meanwhile", busy, "ms")
        if kind.work:
            yield at_most(f"{name}, p99 to ({TIMES} x before + {PLUS_MS} ms)", to_bound, "", 1)
        else:
            yield at_most(f"{name}, p99 to before", [TIMES * ratio for ratio in to_bound], "", TIMES)
    others = {status: number for status, number in seen.answers.items() if status not in kind.answered}
    said = ", ".join(f"{number} {status}" for status, number in sorted(seen.answers.items())) or "nothing"
    yield Row(f"{kind.name}: answered {said}; other than documented", float(sum(others.values())), "", "0", not others)
