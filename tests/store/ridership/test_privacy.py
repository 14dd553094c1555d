"""The schema holds no data about riders, on either database: every text column states its content.

A new text column fails here until its content is stated.
"""

import re

import pytest
from sqlalchemy import JSON, LargeBinary, String, inspect

from shuttle.services.app_context import AppContext

RIDER_WORDS = re.compile(
    r"rider(?!ship)|passenger|client|patient|customer|guest|visitor|user_|birth|gender|sex|age$|phone|mobile|email|address|"
    r"photo|signature|diagnos|pid$|ssn|personnummer|fodsel|device|mac$|wifi|note|comment|remark|description|free_text"
)
STAFF_NAME = "a name or an id of an account or token, never of a rider"
IDENTIFIER = "an identifier of ours, of a fixed shape"
CODE = "one of a fixed set of codes"
FACT = "a fact about the service that a planner wrote into the schedule files, published to all"
SECRET = "a hash of a staff member's secret"
WORDS = {
    "accounts": {"id": IDENTIFIER, "name": STAFF_NAME, "role": CODE, "password": SECRET, "subject": STAFF_NAME},
    "acts": {
        "person": STAFF_NAME,
        "role": CODE,
        "act": CODE,
        "subject": IDENTIFIER,
        "details": "what the act was told, written by the program: numbers, codes, dates and identifiers",
    },
    "assignments": {
        "timetable": IDENTIFIER,
        "duty": IDENTIFIER,
        "account": IDENTIFIER,
        "made_by": STAFF_NAME,
        "withdrawn_by": STAFF_NAME,
    },
    "alembic_version": {"version_num": IDENTIFIER},
    "changes": {
        "id": IDENTIFIER,
        "kind": CODE,
        "reason": CODE,
        "trip": IDENTIFIER,
        "pattern": IDENTIFIER,
        "made_by": STAFF_NAME,
        "withdrawn_by": STAFF_NAME,
    },
    "costs": {"supplements": FACT, "source": FACT, "assumed_reason": FACT},
    "counting_keys": {"id": IDENTIFIER, "account": IDENTIFIER, "secret": SECRET, "opened_by": SECRET},
    "counts": {
        "departure": IDENTIFIER,
        "stop": IDENTIFIER,
        "source": STAFF_NAME,
        "role": CODE,
        "observation": IDENTIFIER,
    },
    "centre_codes": {"stop": IDENTIFIER, "code": "six digits that sign a centre's tablets out"},
    "day_types": {"id": IDENTIFIER, "like": IDENTIFIER, "nb": FACT, "nn": FACT, "en": FACT},
    "demand_estimates": {"pairs": "estimates from many days' counts: day types, stops, hours and passengers a day"},
    "fact_acts": {
        "id": IDENTIFIER,
        "kind": "a list of ours",
        "key": "the id of a fact",
        "before": "rows of a fact's own table, whose columns stand here",
        "after": "rows of a fact's own table, whose columns stand here",
        "made_by": STAFF_NAME,
        "undone_by": STAFF_NAME,
    },
    "form_drafts": {
        "person": "the account of who plans",
        "form": "the address of a form of planning",
        "inputs": "a planner's question that is not saved yet, by input of the form",
    },
    "fact_edits": {"kind": "a list of ours", "key": "the id of a fact"},
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
    "installation": {"id": IDENTIFIER, "network_key": SECRET},
    "job_runs": {"job": CODE, "outcome": CODE, "said": "a line of the program about its own work: numbers and dates"},
    "leases": {"name": CODE, "holder": "a process of the program"},
    "links": {"id": SECRET, "account": IDENTIFIER},
    "notification_choices": {
        "account": IDENTIFIER,
        "address": "the e-mail address of a staff member",
        "lang": CODE,
        "kinds": "codes of what a staff member chose, and moments",
    },
    "notifications": {
        "key": IDENTIFIER,
        "batch": IDENTIFIER,
        "account": IDENTIFIER,
        "kind": CODE,
        "data": "codes, identifiers, dates and minutes of delay; no count",
        "state": CODE,
        "failure": CODE,
    },
    "observations": {
        "id": IDENTIFIER,
        "key": "made by the sender's program, random",
        "fingerprint": "a hash of a count",
        "departure": IDENTIFIER,
        "stop": IDENTIFIER,
        "source": STAFF_NAME,
        "role": CODE,
        "supersedes": IDENTIFIER,
        "reason": CODE,
    },
    "opening_hours": {
        "stop": IDENTIFIER,
        "day_type": IDENTIFIER,
        "windows": FACT,
        "source": FACT,
        "assumed_reason": FACT,
    },
    "overrides": {"day_type": IDENTIFIER, "reason": FACT, "made_by": STAFF_NAME, "withdrawn_by": STAFF_NAME},
    "incidents": {
        "key": "made by the sender's program, random",
        "departure": IDENTIFIER,
        "kind": CODE,
        "said_by": STAFF_NAME,
    },
    "passings": {
        "key": "made by the sender's program, random",
        "trip": IDENTIFIER,
        "stop": IDENTIFIER,
        "kind": CODE,
        "said_by": STAFF_NAME,
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
        "origin": "another plan, and the name of its requirement",
        "options": CODE,
        "status": CODE,
        "asked_by": STAFF_NAME,
        "progress": "numbers of the solver",
        "answer": "the planner's answer: times, sums and names of requirements",
        "failure": "an error of the program",
    },
    "roadmap_runs": {
        "id": IDENTIFIER,
        "roadmap_id": IDENTIFIER,
        "name": FACT,
        "text": "a planner's question, in the format of roadmap files",
        "status": CODE,
        "asked_by": STAFF_NAME,
        "answer": "the planner's answer: hours, times and sums",
        "failure": "an error of the program",
    },
    "solved_fronts": {
        "key": "the hash of a question",
        "answer": "the planner's answer: times, sums and names of requirements",
    },
    "scenarios": {
        "scenario": IDENTIFIER,
        "name": FACT,
        "text": "a planner's question, in the format of scenario files",
        "saved_by": STAFF_NAME,
    },
    "publications": {"timetable": IDENTIFIER, "published_by": STAFF_NAME, "withdrawn_by": STAFF_NAME},
    "early_closings": {"stop": IDENTIFIER, "made_by": STAFF_NAME, "withdrawn_by": STAFF_NAME},
    "undoable_acts": {
        "act": CODE,
        "subject": IDENTIFIER,
        "made_by": STAFF_NAME,
        "undone_by": STAFF_NAME,
        "before": "dates, identifiers and names of staff of publications and decided days, as they were",
    },
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
    "service": {"base_stop": IDENTIFIER},
    "service_details": {"key": "a list of ours", "text": "names and texts that the town publishes"},
    "sessions": {
        "id": SECRET,
        "account": IDENTIFIER,
        "provider_session": "a hash of what the provider calls its session",
        "browser": "browser and system of staff, as Firefox, Android",
    },
    "special_days": {"key": IDENTIFIER, "kind": CODE, "nb": FACT, "nn": FACT, "en": FACT, "day_type": IDENTIFIER},
    "special_hours": {"stop": IDENTIFIER, "windows": FACT, "reason": FACT},
    "stops": {
        "id": IDENTIFIER,
        "name": FACT,
        "name_nn": FACT,
        "name_en": FACT,
        "street": FACT,
        "way": FACT,
        "quay": FACT,
        "source": FACT,
        "assumed_reason": FACT,
    },
    "stop_pictures": {
        "stop": IDENTIFIER,
        "media_type": CODE,
        "digest": "a hash of the picture",
        "alt": FACT,
        "alt_nn": FACT,
        "alt_en": FACT,
        "content": "a picture of a stop, without metadata; the form asks for one without people",
    },
    "tablets": {
        "id": IDENTIFIER,
        "name": STAFF_NAME,
        "stop": IDENTIFIER,
        "secret": SECRET,
        "created_by": STAFF_NAME,
    },
    "timetables": {
        "id": IDENTIFIER,
        "name": FACT,
        "status": CODE,
        "made_by": STAFF_NAME,
        "origin": "the figures of the proposal that it came from",
        "source": FACT,
        "assumed_reason": FACT,
    },
    "tokens": {
        "id": IDENTIFIER,
        "name": STAFF_NAME,
        "role": CODE,
        "secret": SECRET,
        "created_by": STAFF_NAME,
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
        "planned_by": STAFF_NAME,
        "outcome": CODE,
        "closed_by": STAFF_NAME,
    },
    "unserved_stops": {"departure": IDENTIFIER, "stop": IDENTIFIER, "reason": CODE, "role": CODE},
    "vehicles": {"id": IDENTIFIER, "source": FACT, "assumed_reason": FACT},
    "second_factors": {"account": IDENTIFIER, "secret": "the secret of a staff member's app for one-time codes"},
    "recovery_codes": {"id": SECRET, "account": IDENTIFIER},
    "pending_sign_ins": {"id": SECRET, "account": IDENTIFIER},
    "wrong_tries": {"account": IDENTIFIER, "block": "keyed hash of a network"},
    "week": {"day_type": IDENTIFIER},
}
"""Table -> text column -> its content, which cannot be about a rider."""

ABOUT_STAFF = {"notification_choices.address"}
"""Columns that are about whoever works here, and chose it, though their name could be about a rider."""

ABOUT_COUNTS = {"observations", "counts", "ridership_by_hour", "ridership_by_trip", "releases", "unserved_stops"}


def words_of(context: AppContext) -> dict[str, set[str]]:
    """Table -> text columns, as the database reports them."""
    schema = inspect(context.engine)
    return {
        table: {
            column["name"]
            for column in schema.get_columns(table)
            if isinstance(column["type"], String | JSON | LargeBinary)
        }
        for table in schema.get_table_names()
    }


def test_every_text_column_states_its_content(context: AppContext) -> None:
    by_table = {table: columns for table, columns in words_of(context).items() if columns}
    assert by_table == {table: set(columns) for table, columns in WORDS.items()}


def test_no_table_and_no_column_is_about_a_rider(context: AppContext) -> None:
    schema = inspect(context.engine)
    for table in schema.get_table_names():
        assert not RIDER_WORDS.search(table), table
        for column in schema.get_columns(table):
            name = f"{table}.{column['name']}"
            assert name in ABOUT_STAFF or not RIDER_WORDS.search(column["name"]), name


def test_counts_hold_numbers_codes_and_identifiers_only(context: AppContext) -> None:
    for table in ABOUT_COUNTS:
        assert set(WORDS.get(table, {}).values()).isdisjoint({FACT})
    for column in inspect(context.engine).get_columns("observations"):
        length = getattr(column["type"], "length", None)
        assert not isinstance(column["type"], String) or (length is not None and length <= 220), column["name"]


@pytest.mark.parametrize("name", ["rider_id", "passenger", "phone", "free_text", "comment", "device_mac"])
def test_a_column_about_a_rider_is_detected(name: str) -> None:
    assert RIDER_WORDS.search(name)
