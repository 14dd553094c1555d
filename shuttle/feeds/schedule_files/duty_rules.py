"""`duty-rules.toml`: working-time profiles, each number with its paragraph.

A profile may stand on another (`based_on`) and then names only what differs, as an agreement does. What neither names is as
the Act has it without agreement. A number without a paragraph is a fault: a reader could not tell what permits it.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, create_model

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.duties.rules import CLOCK_RULES, FLAG_RULES, MINUTE_RULES, RuleProfile, RuleSource, limits_of
from shuttle.feeds.toml.lines import read_toml
from shuttle.feeds.toml.schema import (
    TomlModel,
    across,
    between,
    fault_of,
    flag,
    key,
    out_of_range,
    read_model,
    refusal,
)
from shuttle.feeds.toml.types import IDS_ONCE, Dated, Sourced, Tables, Text, TimeOfDay, identifier, ids, no_such

RULES = (*MINUTE_RULES, *FLAG_RULES)
"""Every rule that a profile may name."""


class RuleEntry(Sourced):
    """A rule with the paragraph that it rests on."""

    paragraph: Text = key("text", "the paragraph of the Act or of the agreement")
    value: Any


class FlagEntry(RuleEntry):
    """A rule that is true or false."""

    value: bool = flag("whether it holds")


class TimeEntry(RuleEntry):
    """A rule that is a time of day."""

    value: TimeOfDay = key("time", "the time of day")


class MinutesEntry(RuleEntry):
    """A rule that is a number of minutes."""

    value: int = key("minutes", "how many", strict=True)


def _within(rule: str) -> AfterValidator:
    low, high = limits_of(rule)

    def check(entry: MinutesEntry | None) -> MinutesEntry | None:
        if entry is not None and not low <= entry.value <= high:
            raise refusal(out_of_range("value", entry.value, low, high, "value"))
        return entry

    return AfterValidator(check)


def _entry(rule: str) -> Any:
    """The type of a rule's entry; a profile may leave it out."""
    if rule in FLAG_RULES:
        return FlagEntry | None
    if rule in CLOCK_RULES:
        return TimeEntry | None
    return Annotated[MinutesEntry | None, _within(rule)]


_FIELDS: Any = {rule: (_entry(rule), None) for rule in RULES}
RulesTable = create_model("RulesTable", __base__=TomlModel, **_FIELDS)
"""The rules that a profile names."""


class ProfileTable(Dated):
    """A set of rules."""

    id: Annotated[Text, identifier("rule profile")] = key("id", "name of a set of rules")
    name: Text = key("text", "name for people")
    agreement: Text | None = key("text", "the agreement that permits other numbers than the Act's", None)
    based_on: Text | None = key("profile", "an earlier one, whose rules hold where this one says nothing", None)
    rules: RulesTable = key(  # type: ignore[valid-type]  # a model made of the names of the rules
        "as the rule",
        '`{ value = …, paragraph = "…" }`, and `assumed` with `reason` where the Act leaves it open',
        shown="rules.<rule>",
    )

    @cached_property
    def entries(self) -> dict[str, RuleEntry]:
        """The rules that the profile names itself."""
        return {rule: entry for rule in RULES if (entry := getattr(self.rules, rule)) is not None}

    def on(self, base: RuleProfile | None) -> RuleProfile:
        """The profile, with missing values from `base`. Raises Invalid (`bad-duty-rule`)."""
        inherited = {rule: getattr(base, rule) for rule in RULES} if base else {}
        kept = tuple(source for source in (base.sources if base else ()) if source.rule not in self.entries)
        sources = (RuleSource(rule, entry.paragraph, entry.provenance) for rule, entry in self.entries.items())
        return RuleProfile(
            id=self.id,
            name=self.name,
            **{**inherited, **{rule: entry.value for rule, entry in self.entries.items()}},
            agreement=self.agreement or "",
            validity=self.validity,
            provenance=self.provenance,
            sources=(*kept, *sources),
        )


def _names(entries: list[Any], _name: str) -> Iterator[Fault]:
    if not entries:
        yield Fault(what="no profile stands in the file", allowed="[[profiles]] with an id, a name and rules")
    for position, entry in enumerate(entries):
        base, earlier = entry.get("based_on"), ids(entries[:position])
        if isinstance(base, str) and base.strip() and base not in earlier:
            yield no_such(base, earlier, "earlier profile", position, "based_on")


def _contradictions(tables: list[tuple[int, ProfileTable]]) -> Iterator[Fault]:
    profiles: dict[str, RuleProfile] = {}
    for position, table in tables:
        if table.based_on is None or table.based_on in profiles:
            try:
                profiles[table.id] = table.on(profiles.get(table.based_on or ""))
            except Invalid as error:
                yield fault_of(error, position)


class DutyRulesFile(TomlModel):
    """`duty-rules.toml`."""

    profiles: Annotated[Tables[ProfileTable], between(_contradictions), across(_names), IDS_ONCE] = key("", "", [])

    @cached_property
    def built(self) -> dict[str, RuleProfile]:
        profiles: dict[str, RuleProfile] = {}
        for table in self.profiles:
            profiles[table.id] = table.on(profiles.get(table.based_on or ""))
        return profiles


def read_duty_rules(path: Path) -> dict[str, RuleProfile]:
    """The profiles of a file by id, in its order. Raises Invalid (`bad-duty-rules`) with every fault and its line."""
    faults: list[Fault] = []
    file = read_model(DutyRulesFile, read_toml(path), faults)
    if file is None:
        raise Invalid("bad-duty-rules", "; ".join(map(str, faults)), faults=faults)
    return file.built
