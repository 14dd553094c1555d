"""Saved scenarios: revisions of a TOML text, under the id and name that the text has.

A saving adds a revision and changes none. A text with faults is saved as well if it has an id and a name; its faults are shown
whenever it is opened.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.timetable.trips import check_id
from shuttle.feeds.text_gate import SCENARIO
from shuttle.feeds.toml.lines import parse_toml
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.planning import scenarios as store
from shuttle.store.tables.planning import ScenarioRow

LONGEST_NAME = 200


def save(session: Session, person: Person | None, text: str, now: datetime) -> ScenarioRow:
    """Add a revision and return it; the newest one instead where that has the same text.

    Raises Invalid (`bad-toml`, `bad-scenario`) for a text that is not TOML or has no id and name.
    """
    person = allow(person, Action.PLAN)
    scenario, name = _id_and_name(text)
    before = store.revisions(session, scenario)
    if before and before[0].text == text:
        return before[0]
    row = ScenarioRow(
        scenario=scenario,
        revision=before[0].revision + 1 if before else 1,
        name=name,
        text=text,
        saved_by=person.name,
        saved_at=now,
    )
    store.add(session, row)
    add_entry(session, now, person.name, person.role, "save-scenario", scenario, {"revision": row.revision})
    return row


def _id_and_name(text: str) -> tuple[str, str]:
    document = parse_toml(text, "scenario", SCENARIO)
    faults: list[Fault] = []
    texts = {key: document.values.get(key) for key in ("id", "name")}
    for key, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            what = f"{key} is missing"
            faults.append(document.fault((key,), what, given=value or "", allowed="text in quotes", code="missing"))
    if not faults:
        try:
            check_id(str(texts["id"]), "scenario")
        except Invalid as refusal:
            identifier, allowed = refusal.given, refusal.allowed
            faults.append(document.fault(("id",), refusal.detail, given=identifier, allowed=allowed, code=refusal.code))
    if faults:
        raise Invalid("bad-scenario", "; ".join(map(str, faults)), faults=faults)
    return str(texts["id"]), str(texts["name"]).strip()[:LONGEST_NAME]
