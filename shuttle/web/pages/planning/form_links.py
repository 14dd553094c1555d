"""The inputs of running times in a scenario's form: minutes from one stop to the next, by when the trip starts.

A leg's inputs are named `running_times.<origin>~<destination>` (times and minutes in turn) and, ticked where the scenario has times
of its own, `….own`. The document has `"<origin> <destination>" = 10` or a table of bands; a document that has anything else is no form.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Edges = Sequence[str]
HEAD = "running_times"
OWN = ".own"
MIDNIGHT = "00:00"


def leg_name(origin: str, destination: str) -> str:
    """What the inputs of a leg are called."""
    return f"{HEAD}.{origin}~{destination}"


def leg_of(name: str) -> tuple[str, str]:
    """The stops of a leg's inputs."""
    origin, _, destination = name.removeprefix(f"{HEAD}.").removesuffix(OWN).partition("~")
    return origin, destination


def is_leg(name: str) -> bool:
    """Whether these are the times and minutes of a leg."""
    return name.startswith(f"{HEAD}.") and not name.endswith(OWN)


def own_legs(typed: Mapping[str, Edges]) -> list[str]:
    """The names of the legs that have times of their own."""
    return [name.removesuffix(OWN) for name in typed if name.startswith(f"{HEAD}.") and name.endswith(OWN)]


def legs_of(ways: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """The legs of some ways, each once, in the order in which they are driven."""
    return list(dict.fromkeys(leg for way in ways for leg in pairwise([stop for stop in way if stop])))


def typed_legs(table: Mapping[str, Any]) -> dict[str, list[str]]:
    """What the inputs show of the document's running times."""
    typed = {}
    for key, value in table.items():
        origin, _, destination = key.partition(" ")
        bands = value if isinstance(value, Mapping) else {MIDNIGHT: value}
        name = leg_name(origin, destination)
        typed[name + OWN] = ["own"]
        typed[name] = [text for start, minutes in bands.items() for text in (start, str(minutes))]
    return typed


def running_times(typed: Mapping[str, Edges]) -> dict[str, Any]:
    """The document's running times: those of the legs that have their own."""
    return {" ".join(leg_of(name)): _bands(typed.get(name, [])) for name in own_legs(typed)}


def _bands(edges: Edges) -> Any:
    """Minutes alone where they hold all day, else bands; what cannot be read stays as it was typed and is refused there."""
    pairs = [(start.strip(), minutes.strip()) for start, minutes in zip(edges[::2], edges[1::2], strict=False)]
    filled = [(start or (MIDNIGHT if n == 0 else ""), _minutes(typed)) for n, (start, typed) in enumerate(pairs)]
    if len(filled) == 1 and filled[0][0] == MIDNIGHT:
        return filled[0][1]
    bands = dict(filled)
    return bands if len(bands) == len(filled) > 0 else ", ".join(f"{start} {minutes}" for start, minutes in filled)


def _minutes(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 9 else text
