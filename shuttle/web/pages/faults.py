"""What went wrong in a form, in the reader's language, at the field that it is about."""

from dataclasses import dataclass

from shuttle.domain.basics.errors import ShuttleError
from shuttle.language import Words


@dataclass(frozen=True)
class FieldFault:
    """A fault of a form: the id of the input that it stands in (or nothing), and what to do."""

    field: str
    message: str


def fault_of(error: ShuttleError, words: Words, field: str = "") -> FieldFault:
    """An error by its code where the catalogues know it, else in its own words."""
    key = f"fault.{error.code}"
    said = words.say(key, given=error.given, allowed=error.allowed) if words.knows(key) else error.detail
    return FieldFault(field, said)
