"""`duty-rules.toml`: working-time profiles, each number with its paragraph.

A profile may stand on another (`based_on`) and then names only what differs, as an agreement does. What neither names is as
the Act has it without agreement. A number without a paragraph is a fault: nobody could tell what permits it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.duties.rules import CLOCK_RULES, FLAG_RULES, MINUTE_RULES, RuleProfile, RuleSource, limits_of
from shuttle.feeds.toml.lines import read_toml
from shuttle.feeds.toml.tables import TomlTable

RULES = (*MINUTE_RULES, *FLAG_RULES)
"""Every rule that a profile may name."""


def read_duty_rules(path: Path) -> dict[str, RuleProfile]:
    """The profiles of a file by id, in its order. Raises Invalid (`bad-duty-rules`) with every fault and its line."""
    faults: list[Fault] = []
    file = TomlTable.whole(read_toml(path), faults)
    found: dict[str, RuleProfile] = {}
    ids = file.ids("profiles")
    for position, table in enumerate(file.tables("profiles")):
        if profile := _profile(table, found, ids[:position]):
            found[profile.id] = profile
    file.refuse_ids_given_twice("profiles")
    file.refuse_unknown_keys()
    if not found and not faults:
        file.fault("no profile stands in the file", allowed="[[profiles]] with an id, a name and rules")
    if faults:
        raise Invalid("bad-duty-rules", "; ".join(map(str, faults)), faults=faults)
    return found


def _profile(table: TomlTable, earlier: Mapping[str, RuleProfile], ids: list[str]) -> RuleProfile | None:
    identifier, name = table.identifier("id", "rule profile"), table.text("name")
    agreement = table.text("agreement", "")
    base = table.text("based_on", "")
    table.check_choice(base, ids, "earlier profile", "based_on")
    rules = table.table("rules")
    values, sources = _rules(rules)
    validity, provenance = table.validity(), table.provenance()
    under = earlier.get(base)
    inherited = {rule: getattr(under, rule) for rule in RULES} if under else {}
    kept = tuple(source for source in (under.sources if under else ()) if source.rule not in values)
    return table.build(
        lambda: RuleProfile(
            id=identifier,
            name=name,
            **{**inherited, **values},
            agreement=agreement,
            validity=validity,
            provenance=provenance,
            sources=(*kept, *sources),
        )
    )


def _rules(table: TomlTable) -> tuple[dict[str, Any], list[RuleSource]]:
    """The rules of a profile by name, each from a table with `value`, `paragraph` and whether it is assumed."""
    values: dict[str, Any] = {}
    sources: list[RuleSource] = []
    for rule in table.values:
        if rule not in RULES:
            table.fault(f"there is no rule {rule!r}", rule, given=rule, allowed=", ".join(RULES))
            continue
        entry = table.table(rule)
        values[rule] = _value(entry, rule)
        sources.append(RuleSource(rule, entry.text("paragraph"), entry.provenance()))
        entry.refuse_unknown_keys()
    return values, sources


def _value(entry: TomlTable, rule: str) -> int | bool:
    if rule in FLAG_RULES:
        if not entry.has("value"):
            entry.fault("value is missing", allowed="true or false")
        return entry.flag("value")
    if rule in CLOCK_RULES:
        return entry.minute("value")
    return entry.whole_number("value", *limits_of(rule))
