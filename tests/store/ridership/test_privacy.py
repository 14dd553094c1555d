"""No rider exists in the schema, on either database; and every column that can hold words says whose words.

A new column with words in it fails here until somebody has said why it can't be about a rider.
"""

import re

import pytest
from sqlalchemy import JSON, LargeBinary, String, inspect

from shuttle.services.app_context import AppContext

RIDER_WORDS = re.compile(
    r"rider(?!ship)|passenger|client|patient|customer|guest|visitor|user_|birth|gender|sex|age$|phone|mobile|email|address|"
    r"photo|signature|diagnos|pid$|ssn|personnummer|fodsel|device|mac$|wifi|note|comment|remark|description|free_text"
)
WHO_WORKS_HERE = "who works here: a name or an id of an account or token, never of a rider"
IDENTIFIER = "an identifier of ours, of a fixed shape"
CODE = "one of a fixed set of codes"
FACT = "a fact about the service that a planner wrote into the schedule files, published to all"
SECRET = "a hash of a secret of somebody who works here"
WORDS = {
    "accounts": {"id": IDENTIFIER, "name": WHO_WORKS_HERE, "role": CODE, "password": SECRET, "subject": WHO_WORKS_HERE},
    "acts": {
        "person": WHO_WORKS_HERE,
        "role": CODE,
        "act": CODE,
        "subject": IDENTIFIER,
        "details": "what the act was told, written by the program: numbers, codes, dates and identifiers",
    },
    "assignments": {
        "timetable": IDENTIFIER,
        "duty": IDENTIFIER,
        "account": IDENTIFIER,
        "made_by": WHO_WORKS_HERE,
        "withdrawn_by": WHO_WORKS_HERE,
    },
    "alembic_version": {"version_num": IDENTIFIER},
    "changes": {
        "id": IDENTIFIER,
        "kind": CODE,
        "reason": CODE,
        "trip": IDENTIFIER,
        "pattern": IDENTIFIER,
        "made_by": WHO_WORKS_HERE,
        "withdrawn_by": WHO_WORKS_HERE,
    },
    "counting_keys": {"id": IDENTIFIER, "account": IDENTIFIER, "secret": SECRET, "opened_by": SECRET},
    "counts": {
        "departure": IDENTIFIER,
        "stop": IDENTIFIER,
        "source": WHO_WORKS_HERE,
        "role": CODE,
        "observation": IDENTIFIER,
    },
    "day_types": {"id": IDENTIFIER, "nb": FACT, "nn": FACT, "en": FACT},
    "demand_estimates": {"pairs": "estimates from many days' counts: day types, stops, hours and passengers a day"},
    "draft_edits": {
        "timetable": IDENTIFIER,
        "removed": "departures of a draft: identifiers and times",
        "added": "departures of a draft: identifiers and times",
    },
    "duty_calendars": {"account": IDENTIFIER, "secret": SECRET},
    "filed_reports": {
        "period": CODE,
        "wanted": CODE,
        "content": "the page of figures that `report` prints: sums, dates, stops and departures",
    },
    "installation": {"id": IDENTIFIER},
    "job_runs": {"job": CODE, "outcome": CODE, "said": "a line of the program about its own work: numbers and dates"},
    "leases": {"name": CODE, "holder": "a process of the program"},
    "links": {"id": SECRET, "account": IDENTIFIER},
    "observations": {
        "id": IDENTIFIER,
        "key": "made by the sender's program, random",
        "fingerprint": "a hash of a count",
        "departure": IDENTIFIER,
        "stop": IDENTIFIER,
        "source": WHO_WORKS_HERE,
        "role": CODE,
        "supersedes": IDENTIFIER,
    },
    "opening_hours": {
        "stop": IDENTIFIER,
        "day_type": IDENTIFIER,
        "windows": FACT,
        "source": FACT,
        "assumed_reason": FACT,
    },
    "overrides": {"day_type": IDENTIFIER, "reason": FACT, "made_by": WHO_WORKS_HERE, "withdrawn_by": WHO_WORKS_HERE},
    "passings": {
        "key": "made by the sender's program, random",
        "trip": IDENTIFIER,
        "stop": IDENTIFIER,
        "kind": CODE,
        "said_by": WHO_WORKS_HERE,
    },
    "patterns": {"id": IDENTIFIER, "headsign": FACT, "stops": FACT, "source": FACT, "assumed_reason": FACT},
    "planned_duties": {
        "timetable": IDENTIFIER,
        "day_type": IDENTIFIER,
        "trips": "departures of a timetable: identifiers",
        "breaks": "times of day",
    },
    "plans": {
        "id": IDENTIFIER,
        "scenario_id": IDENTIFIER,
        "name": FACT,
        "scenario": "a planner's question, in the format of scenario files",
        "options": CODE,
        "status": CODE,
        "asked_by": WHO_WORKS_HERE,
        "progress": "numbers of the solver",
        "answer": "the planner's answer: times, sums and names of requirements",
        "failure": "an error of the program",
    },
    "scenarios": {
        "scenario": IDENTIFIER,
        "name": FACT,
        "text": "a planner's question, in the format of scenario files",
        "saved_by": WHO_WORKS_HERE,
    },
    "publications": {"timetable": IDENTIFIER, "published_by": WHO_WORKS_HERE, "withdrawn_by": WHO_WORKS_HERE},
    "releases": {"breakdowns": "sums with the small ones hidden"},
    "ridership_by_hour": {"stop": IDENTIFIER},
    "ridership_by_trip": {"trip": IDENTIFIER},
    "running_times": {
        "origin": IDENTIFIER,
        "destination": IDENTIFIER,
        "bands": FACT,
        "source": FACT,
        "assumed_reason": FACT,
    },
    "service": {"base_stop": IDENTIFIER, "costs": FACT},
    "sessions": {
        "id": SECRET,
        "account": IDENTIFIER,
        "provider_session": "a hash of what the provider calls its session",
    },
    "special_days": {"key": IDENTIFIER, "kind": CODE, "nb": FACT, "nn": FACT, "en": FACT, "day_type": IDENTIFIER},
    "special_hours": {"stop": IDENTIFIER, "windows": FACT, "reason": FACT},
    "stops": {"id": IDENTIFIER, "name": FACT, "source": FACT, "assumed_reason": FACT},
    "tablets": {
        "id": IDENTIFIER,
        "name": WHO_WORKS_HERE,
        "stop": IDENTIFIER,
        "secret": SECRET,
        "created_by": WHO_WORKS_HERE,
    },
    "timetables": {
        "id": IDENTIFIER,
        "name": FACT,
        "status": CODE,
        "made_by": WHO_WORKS_HERE,
        "origin": "the figures of the proposal that it came from",
        "source": FACT,
        "assumed_reason": FACT,
    },
    "tokens": {
        "id": IDENTIFIER,
        "name": WHO_WORKS_HERE,
        "role": CODE,
        "secret": SECRET,
        "created_by": WHO_WORKS_HERE,
    },
    "trips": {
        "timetable": IDENTIFIER,
        "trip": IDENTIFIER,
        "pattern": IDENTIFIER,
        "day_type": IDENTIFIER,
        "calls": FACT,
    },
    "trials": {
        "id": IDENTIFIER,
        "question": "a planner's question about the service, shown to all who read ridership",
        "measure": CODE,
        "stop_rule": "a planner's rule, shown to all who read ridership",
        "stop": IDENTIFIER,
        "planned_by": WHO_WORKS_HERE,
        "outcome": CODE,
        "closed_by": WHO_WORKS_HERE,
    },
    "unserved_stops": {"departure": IDENTIFIER, "stop": IDENTIFIER, "reason": CODE, "role": CODE},
    "vehicles": {"id": IDENTIFIER, "source": FACT, "assumed_reason": FACT},
    "week": {"day_type": IDENTIFIER},
}
"""Table -> column that holds words -> whose words, and why they cannot be about a rider."""

ABOUT_COUNTS = {"observations", "counts", "ridership_by_hour", "ridership_by_trip", "releases", "unserved_stops"}


def words_of(context: AppContext) -> dict[str, set[str]]:
    """Table -> columns that can hold words, as the database itself says."""
    schema = inspect(context.engine)
    return {
        table: {
            column["name"]
            for column in schema.get_columns(table)
            if isinstance(column["type"], String | JSON | LargeBinary)
        }
        for table in schema.get_table_names()
    }


def test_every_column_that_can_hold_words_says_whose_they_are(context: AppContext) -> None:
    found = {table: columns for table, columns in words_of(context).items() if columns}
    assert found == {table: set(columns) for table, columns in WORDS.items()}


def test_no_table_and_no_column_is_about_a_rider(context: AppContext) -> None:
    schema = inspect(context.engine)
    for table in schema.get_table_names():
        assert not RIDER_WORDS.search(table), table
        for column in schema.get_columns(table):
            assert not RIDER_WORDS.search(column["name"]), f"{table}.{column['name']}"


def test_what_is_counted_holds_numbers_codes_and_identifiers_only(context: AppContext) -> None:
    for table in ABOUT_COUNTS:
        assert set(WORDS.get(table, {}).values()).isdisjoint({FACT})
    for column in inspect(context.engine).get_columns("observations"):
        length = getattr(column["type"], "length", None)
        assert not isinstance(column["type"], String) or (length is not None and length <= 220), column["name"]


@pytest.mark.parametrize("name", ["rider_id", "passenger", "phone", "free_text", "comment", "device_mac"])
def test_the_walk_would_see_a_rider(name: str) -> None:
    assert RIDER_WORDS.search(name)
