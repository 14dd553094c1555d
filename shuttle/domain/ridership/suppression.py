"""What may leave the house: sums of a fortnight in which nobody can be picked out.

Few people are easy to recognise, so a number from 1 to threshold - 1 is not shown (primary suppression). Hiding one number
alone is no use where a sum gives it away, so others are hidden with it (secondary suppression). What is released is small on
purpose: one total, and breakdowns of it that are never crossed with each other. So all that is known of the hidden
parts of a breakdown is how many they are and what they add up to, and the guarantee can be stated:

    as far as the published numbers say, every hidden part can be each of at least 2 x threshold - 2 numbers;
    for one who knows this rule too, each of at least threshold - 1.

Hidden parts are whole numbers of at least 1 (a 0 is shown: nobody is nobody) with the sum S, so one of n hidden parts
lies between 1 and S - (n - 1), and each number between is possible. Where that is too narrow even with every part
hidden, the whole fortnight is: its total would say too much.

A part that nobody counted adds nothing to the total, as a 0 does, and stands beside the breakdown by its name. That tells
nothing of a hidden part: each of those is at least 1, and so was counted. Where the whole fortnight is hidden, so is this.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shuttle.domain.basics.errors import Invalid

THRESHOLD = 5
"""Fewer than five are not shown. Statistics Norway's example is 3; a small service in a small city is easier to see through."""

Parts = Mapping[str, int]
Published = Mapping[str, int | None]
"""None: hidden."""


@dataclass(frozen=True)
class Release:
    """What is shown of one fortnight. `total` None: everything is hidden, because there were so few.

    `not_counted`: by breakdown, parts that are in it with no number, because nobody counted them; nobody knows if it was 0.
    """

    total: int | None
    breakdowns: Mapping[str, Published]
    not_counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def release(
    total: int,
    breakdowns: Mapping[str, Parts],
    threshold: int = THRESHOLD,
    not_counted: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Release:
    """Decide what is shown. Each breakdown must add up to the total; counts are whole numbers from 0.

    `not_counted`: by breakdown, further parts that nobody counted.

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
    hidden = {name: hidden_parts(parts, threshold) for name, parts in breakdowns.items()}
    if 0 < total < threshold or None in hidden.values():
        return Release(
            None, {name: dict.fromkeys([*parts, *not_counted.get(name, ())]) for name, parts in breakdowns.items()}
        )
    return Release(
        total,
        {
            name: {part: None if part in (hidden[name] or ()) else count for part, count in parts.items()}
            for name, parts in breakdowns.items()
        },
        {name: tuple(parts) for name, parts in not_counted.items() if parts},
    )


def hidden_parts(parts: Parts, threshold: int) -> frozenset[str] | None:
    """Which parts to hide: the small ones, a companion, and more until none can be worked out. None: that cannot be.

    A companion is hidden even where the small ones would hide each other, and companions are taken in the order given, not by
    size. Whoever knows this rule could else tell that all hidden parts are small, or how large a companion can be at
    most, and so what the small one is.
    """
    small = {part for part, count in parts.items() if 0 < count < threshold}
    if not small:
        return frozenset()
    hidden, others = set(small), [part for part, count in parts.items() if count >= threshold]
    enough = 2 * threshold - 2  # room for a small one to be anything small, and for its companion to be none
    while others and (hidden == small or possible(parts, hidden) < enough):
        hidden.add(others.pop(0))
    return frozenset(hidden) if possible(parts, hidden) >= enough else None


def possible(parts: Parts, hidden: set[str]) -> int:
    """How many numbers each hidden part can be, as far as the published parts and their total say."""
    if len(hidden) == 1:
        return 1
    return sum(parts[part] for part in hidden) - len(hidden) + 1
