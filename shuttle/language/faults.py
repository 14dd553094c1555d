"""Faults of files as text: problem, value given and values allowed, in one language."""

from shuttle.domain.basics.errors import Fault
from shuttle.language import Words


def fault_text(fault: Fault, words: Words) -> str:
    """A fault in the reader's language; in English where the catalogues have no text for its code."""
    for key in (f"scenario.fault.{fault.code}", f"fault.{fault.code}"):
        if words.knows(key):
            return words.say(key, given=fault.given, allowed=fault.allowed.replace(" to ", "–"))
    value = " " + words.say("planner.given", given=fault.given) if fault.given else ""
    allowed = ". " + words.say("planner.allowed", allowed=fault.allowed) if fault.allowed else ""
    return fault.what + value + allowed


def fault_line(fault: Fault, words: Words) -> str:
    """A fault with its file and line, as compilers write them."""
    if words.language == "en":
        return str(fault)
    place = fault.where if fault.line is None else f"{fault.where}:{fault.line}"
    return f"{place}: {fault_text(fault, words)}" if place else fault_text(fault, words)
