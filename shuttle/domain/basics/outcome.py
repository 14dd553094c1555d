"""What came of work that nobody watched: a code and its amounts, never a sentence.

Whoever reads it later may read another language than whoever wrote it, so that the words are found when it is read. A `code`
is a job's own (`saved`, `sums-equal`) or that of an error; then `detail` is what the program said of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.service_time import Minute

UNEXPECTED = "unexpected"
"""The code of a failure that no error of ours describes."""

AS_WRITTEN = "as-written"
"""The code of a sentence: what versions before codes left behind."""


@dataclass(frozen=True)
class JobOutcome:
    """`amounts`: what the words are filled with: numbers, names of the program's own things, lists of minutes of a service day."""

    code: str
    amounts: Mapping[str, int | str | Sequence[Minute]] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """What the program said of a failure, in English; empty for what went well."""
        return str(self.amounts.get("detail", ""))


def outcome_of(error: Exception) -> JobOutcome:
    """What is to be remembered of a failure."""
    if isinstance(error, ShuttleError):
        return JobOutcome(error.code, {"given": error.given, "allowed": error.allowed, "detail": error.whole})
    return JobOutcome(UNEXPECTED, {"detail": str(error) or type(error).__name__})
