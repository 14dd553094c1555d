"""Inputs of running times in a scenario's form: minutes of a link, from one stop to the next, by when the trip starts.

A link's inputs are named `running_times.<origin>~<destination>` (times and minutes in turn). `….own` is ticked where the scenario has
times of its own. The document has `"<origin> <destination>" = 10` or a table of bands.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Edges = Sequence[str]
HEAD = "running_times"
OWN = ".own"
MIDNIGHT = "00:00"


def link_name(origin: str, destination: str) -> str:
    """The name of a link's inputs."""
    return f"{HEAD}.{origin}~{destination}"


def link_of(name: str) -> tuple[str, str]:
    """The stops of a link, from the name of its inputs."""
    origin, _, destination = name.removeprefix(f"{HEAD}.").removesuffix(OWN).partition("~")
    return origin, destination


def is_link(name: str) -> bool:
    """True when the name is that of a link's times and minutes."""
    return name.startswith(f"{HEAD}.") and not name.endswith(OWN)


def own_links(typed: Mapping[str, Edges]) -> list[str]:
    """The names of the links that have times of their own."""
    return [name.removesuffix(OWN) for name in typed if name.startswith(f"{HEAD}.") and name.endswith(OWN)]


def links_of(patterns: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """The links of some patterns, each once, in the order in which they are driven."""
    return list(dict.fromkeys(link for stops in patterns for link in pairwise([stop for stop in stops if stop])))


def typed_links(table: Mapping[str, Any]) -> dict[str, list[str]]:
    """The texts of the inputs for the document's running times."""
    typed = {}
    for key, value in table.items():
        origin, _, destination = key.partition(" ")
        bands = value if isinstance(value, Mapping) else {MIDNIGHT: value}
        name = link_name(origin, destination)
        typed[name + OWN] = ["own"]
        typed[name] = [text for start, minutes in bands.items() for text in (start, str(minutes))]
    return typed


def running_times(typed: Mapping[str, Edges]) -> dict[str, Any]:
    """The document's running times: those of the links that have their own."""
    return {" ".join(link_of(name)): _bands(typed.get(name, [])) for name in own_links(typed)}


def _bands(edges: Edges) -> Any:
    """Minutes alone where they hold all day, else bands. A text that cannot be read stays as it was typed; the reader refuses it."""
    pairs = [(start.strip(), minutes.strip()) for start, minutes in zip(edges[::2], edges[1::2], strict=False)]
    filled = [(start or (MIDNIGHT if n == 0 else ""), _minutes(typed)) for n, (start, typed) in enumerate(pairs)]
    if len(filled) == 1 and filled[0][0] == MIDNIGHT:
        return filled[0][1]
    bands = dict(filled)
    return bands if len(bands) == len(filled) > 0 else ", ".join(f"{start} {minutes}" for start, minutes in filled)


def _minutes(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 9 else text
