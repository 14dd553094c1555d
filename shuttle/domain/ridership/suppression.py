"""Statistical disclosure control: cell suppression in the released sums of a fortnight.

Small groups are recognisable, so a number from 1 to threshold - 1 is hidden (primary suppression). Where a sum reveals it,
other numbers are hidden too (secondary suppression). A release is one total and breakdowns of it that are never crossed,
so a reader knows only the number and the sum of a breakdown's hidden parts. The guarantee:

    from the published numbers, every hidden part has at least 2 x threshold - 2 possible values;
    with knowledge of this rule as well, at least threshold - 1.

A number is small for two more reasons, whatever its size: it rests on fewer than LEAST_DEPARTURES counted departures (who counted one
of two knows the other by subtraction), or one departure has more than DOMINANT of it (the number is then nearly that departure's). These
are the minimum frequency rule and the (1, k) dominance rule (Hundepool et al., Statistical Disclosure Control, 2012, 4.2).

Hidden parts are whole numbers of at least 1 (a 0 is shown) with the sum S, so one of n hidden parts has any value from 1 to
S - (n - 1). Where that range is too narrow even with every part hidden, the whole fortnight is hidden.

An uncounted part adds nothing to the total and is listed by name beside the breakdown. That reveals nothing of a hidden
part: each is at least 1, and so was counted. Where the whole fortnight is hidden, this list is hidden too.

Riders by destination are tied to boardings by stop: on a trip to one centre and back, who left in town had boarded at the
centre. A reader could add and subtract across the two. So such a dependent breakdown is shown only where no breakdown needs
a hidden part, and is otherwise hidden as a whole.

The smallest unit that is protected is a boarding, not a person: somebody who rides daily is in the sum once for each ride.

Counts that come in after a fortnight was released never change its release. A later release states them as a supplement: one sum over
all such counts of all released fortnights, only where that sum is not small by the same rules; otherwise they wait for the next release.
They are of departures that nobody had counted, so that no released number has them in it, and no two supplements share a count.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from shuttle.domain.basics.errors import Invalid

THRESHOLD = 5
"""Numbers from 1 to 4 are hidden. Statistics Norway's example is 3; in a small service persons are easier to recognise."""

LEAST_DEPARTURES = 3
DOMINANT = 0.8
"""The largest share of a number that one departure may have."""

Parts = Mapping[str, int]
Contributions = Mapping[str, Sequence[int]]
"""Part -> its boardings by counted departure."""

TOTAL = ""
"""In `contributions`: the total, which has no breakdown."""

Published = Mapping[str, int | None]
"""None: hidden."""


@dataclass(frozen=True)
class Release:
    """The published figures of one fortnight. `total` None: everything is hidden, because the numbers are too small.

    `not_counted`: breakdown -> its parts without a number because they were not counted.
    """

    total: int | None
    breakdowns: Mapping[str, Published]
    not_counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def release(
    total: int,
    breakdowns: Mapping[str, Parts],
    threshold: int = THRESHOLD,
    not_counted: Mapping[str, Collection[str]] = MappingProxyType({}),
    dependent: Collection[str] = (),
    contributions: Mapping[str, Contributions] = MappingProxyType({}),
) -> Release:
    """The release of a total and its breakdowns. Each breakdown must add up to the total; numbers are whole, from 0.

    `not_counted`: breakdown -> further parts that were not counted. `dependent`: breakdowns tied to another one.
    `contributions`: breakdown -> what each departure had of each part, and of the total under TOTAL; a part without is judged by size.

    Raises Invalid (`bad-threshold`, `breakdown-does-not-add-up`).
    """
    if threshold < 2:
        raise Invalid(
            "bad-threshold", f"a threshold of {threshold} hides nothing", given=threshold, allowed="2 or more"
        )
    for name, parts in breakdowns.items():
        if sum(parts.values()) != total or min(parts.values(), default=0) < 0:
            raise Invalid(
                "breakdown-does-not-add-up",
                f"the parts by {name} add up to {sum(parts.values())}, not to {total}",
                given=name,
                allowed="whole numbers from 0 that add up to the total",
            )
    sensitive = {
        name: {part for part, departures in parts.items() if is_sensitive(departures)}
        for name, parts in contributions.items()
    }
    hidden = {name: hidden_parts(parts, threshold, sensitive.get(name, ())) for name, parts in breakdowns.items()}
    if 0 < total < threshold or sensitive.get(TOTAL) or None in hidden.values():
        return Release(
            None, {name: dict.fromkeys([*parts, *not_counted.get(name, ())]) for name, parts in breakdowns.items()}
        )
    if any(hidden.values()):
        hidden |= {name: frozenset(breakdowns[name]) for name in dependent}
        not_counted = {name: parts for name, parts in not_counted.items() if name not in dependent}
    return Release(
        total,
        {
            name: {part: None if part in (hidden[name] or ()) else count for part, count in parts.items()}
            for name, parts in breakdowns.items()
        },
        {name: tuple(parts) for name, parts in not_counted.items() if parts},
    )


def is_sensitive(departures: Sequence[int]) -> bool:
    """True for a number above 0 on too few departures, or nearly all of it on one. `departures`: boardings of each counted one."""
    total = sum(departures)
    return total > 0 and (len(departures) < LEAST_DEPARTURES or max(departures) > DOMINANT * total)


def supplement_is_shown(departures: Sequence[int], threshold: int) -> bool:
    """Whether the sum of late counts may be stated: not small by any of the rules."""
    return sum(departures) >= threshold and not is_sensitive(departures)


def hidden_parts(parts: Parts, threshold: int, sensitive: Collection[str] = ()) -> frozenset[str] | None:
    """The parts to hide: the small and the `sensitive` ones, a companion, and more until the guarantee holds. None: it cannot hold.

    A companion is hidden even where the small parts would hide each other, and companions are taken in the order given,
    not by size. Otherwise a reader who knows the rule learns that all hidden parts are small, or a companion's largest
    possible size, and so the small part.
    """
    small = {part for part, count in parts.items() if 0 < count < threshold or (count and part in sensitive)}
    if not small:
        return frozenset()
    hidden, others = set(small), [part for part, count in parts.items() if count and part not in small]
    enough = (
        2 * threshold - 2
    )  # every small value stays possible for a small part, beside a companion that is not small
    while others and (hidden == small or possible(parts, hidden) < enough):
        hidden.add(others.pop(0))
    return frozenset(hidden) if possible(parts, hidden) >= enough else None


def possible(parts: Parts, hidden: set[str]) -> int:
    """Number of possible values of each hidden part, given the published parts and their total."""
    if len(hidden) == 1:
        return 1
    return sum(parts[part] for part in hidden) - len(hidden) + 1
