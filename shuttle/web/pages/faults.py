"""Form faults: a message in the reader's language at the field that it is about."""

from dataclasses import dataclass

from shuttle.domain.basics.errors import ShuttleError
from shuttle.language import Words


@dataclass(frozen=True)
class FieldFault:
    """A fault of a form: the id of its input (empty: of the whole form), and what to do."""

    field: str
    message: str


def fault_of(error: ShuttleError, words: Words, field: str = "") -> FieldFault:
    """The catalogue's text for the error's code, else the error's own detail."""
    key = f"fault.{error.code}"
    message = words.say(key, given=error.given, allowed=error.allowed) if words.knows(key) else error.detail
    return FieldFault(field, message)
