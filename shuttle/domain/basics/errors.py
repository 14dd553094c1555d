"""Errors: one tree of exceptions, from which web and terminal make their answers.

An error names the value given and the values allowed. Its class says who can mend it (client, planner or operator). Its
`code` is stable: pages translate it, programs act on it. Each edge formats errors in one place (problem document, line).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault in an input: its place, the value given, and the values allowed.

    `path`: keys and positions that lead to the fault in a document; a form shows it at that field. `code`: stable for each
    kind of fault; pages translate it.
    """

    what: str
    where: str = ""
    line: int | None = None
    given: str = ""
    allowed: str = ""
    path: tuple[str | int, ...] = field(default=(), compare=False, repr=False)
    code: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        value = f"; given: {self.given}" if self.given else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{place}: {self.what}{value}{allowed}" if place else f"{self.what}{value}{allowed}"


class ShuttleError(Exception):
    """Base of all errors: `detail` is one English sentence. Never raised itself.

    `inside`: details for the operator that a client must not see (hosts, folders, messages of other programs). They appear in
    the log, in the terminal and on the administrators' pages.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        given: object = "",
        allowed: str = "",
        faults: Iterable[Fault] = (),
        inside: str = "",
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.given = "" if given is None else str(given)
        self.allowed = allowed
        self.faults = tuple(faults)
        self.inside = inside

    @property
    def whole(self) -> str:
        """`detail` and `inside`, for the operator."""
        return f"{self.detail}: {self.inside}" if self.inside else self.detail


class Invalid(ShuttleError):
    """The input cannot be read, or breaks a rule about its own shape. The same input will fail again."""


class NotFound(ShuttleError):
    """No object of that name exists, or the client may not know of it."""


class Refused(ShuttleError):
    """The input is well formed, but conflicts with stored state: a cancelled departure, an overlap, a blocker."""


class NotSignedIn(ShuttleError):
    """The action needs a person; none is signed in, or the token is unknown or withdrawn."""


class NotAllowed(ShuttleError):
    """The signed-in person's role does not include the action."""


class TooMany(ShuttleError):
    """A rate limit is exceeded; `allowed` gives the limit and when to try again."""


class Unavailable(ShuttleError):
    """A temporary failure (no database, full or read-only disk); a later attempt may work."""
