"""What can go wrong, as one tree.

An error says what was given and what is allowed. Its class says whose turn it is (the one who asked, the one who may
decide, or the operator); its `code` is stable, so that a page can say the same thing in another language and a program
can act on it. How an error looks (a problem document, a line, a message) is decided at the edge, in one place each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong in what was given: where it stands, what stands there, and what may stand there.

    `path`: keys and positions that lead to it in a document, for a form that shows it at its field. `code`: the same for every
    fault of a kind, for a page that says it in another language.
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
        given = f"; given: {self.given}" if self.given else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{place}: {self.what}{given}{allowed}" if place else f"{self.what}{given}{allowed}"


class ShuttleError(Exception):
    """Anything that this program refuses or cannot do, said in a sentence. Never raised itself.

    `inside`: what an operator needs to know of it and a client must not: hosts, folders, what another program said. It stands in
    the log, in the terminal and in what administrators read.
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
        """All that is known of it, for the operator."""
        return f"{self.detail}: {self.inside}" if self.inside else self.detail


class Invalid(ShuttleError):
    """What was given cannot be understood or breaks a rule about its own shape; asking again unchanged is no use."""


class NotFound(ShuttleError):
    """Nothing of that name, or nothing that the one who asks may know of."""


class Refused(ShuttleError):
    """Well formed, but the state of things stands against it: a cancelled departure, an overlap, a blocker."""


class NotSignedIn(ShuttleError):
    """The act needs somebody, and nobody is signed in (or the token is unknown, or withdrawn)."""


class NotAllowed(ShuttleError):
    """Somebody is signed in, and their role does not hold this act."""


class TooMany(ShuttleError):
    """Asked too often; `allowed` says how many and when to come back."""


class Unavailable(ShuttleError):
    """The program cannot do it just now (database away, disk full, not writable); asking again later may work."""
