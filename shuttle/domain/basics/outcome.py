"""Job outcomes: the result of unattended work as a code and amounts, never as a sentence.

The text is made when the outcome is read, in the reader's language. A `code` is either a job's own (`saved`,
`sums-equal`) or the code of an error; an error also has a `detail`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.service_time import Minute

UNEXPECTED = "unexpected"
"""The code of a failure that is no ShuttleError."""

AS_WRITTEN = "as-written"
"""The code of a plain sentence, stored by versions that had no codes."""


@dataclass(frozen=True)
class JobOutcome:
    """`amounts`: values for the text's placeholders: numbers, identifiers, lists of minutes of a service day."""

    code: str
    amounts: Mapping[str, int | str | Sequence[Minute]] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """The English message of a failure; empty for a success."""
        return str(self.amounts.get("detail", ""))


def outcome_of(error: Exception) -> JobOutcome:
    """The outcome of a failure: the error's code with its values, or `unexpected` with the exception's text."""
    if isinstance(error, ShuttleError):
        return JobOutcome(error.code, {"given": error.given, "allowed": error.allowed, "detail": error.whole})
    return JobOutcome(UNEXPECTED, {"detail": str(error) or type(error).__name__})
