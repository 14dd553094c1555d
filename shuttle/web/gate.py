"""Who before what: 401 and 403 come before any answer about the request itself (400, 404, 409, 422).

Routes read a request before a service asks who sent it, so that a fault of the request would be told to strangers first: which values are
allowed, which things exist. Therefore each fault is looked at once more before it is answered. A request without a fault costs nothing.

Denials are logged and stand in the audit log with the account's id and a keyed hash of the network.
"""

import logging
import re

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refused, ShuttleError
from shuttle.services.access.sign_ins import note_denial
from shuttle.web.server.identity import SAFE, counting_key, maybe_person
from shuttle.web.server.rate_limits import Allowance, network_of
from shuttle.web.server.state import state_of

log = logging.getLogger("shuttle.access")

READ, WRITE = "read", "write"
ANYBODY_SIGNED_IN = ""
"""In place of an action: the page is about the own account."""

_TABLE: tuple[tuple[str, str, Action | str], ...] = (
    (r"/api/v1/departures/counting-key", WRITE, Action.DRIVE),
    (r"/api/v1/departures/[^/]+/boardings", READ, Action.READ_BOARDINGS),
    (r"/api/v1/departures/[^/]+/change", WRITE, Action.CHANGE_DEPARTURES),
    (r"/api/v1/departures/[^/]+/(boardings|passings|incident|unserved)", WRITE, Action.RECORD_BOARDINGS),
    (r"/api/v1/boardings", READ, Action.READ_BOARDINGS),
    (r"/api/v1/changes", READ, Action.READ_CHANGES),
    (r"/api/v1/changes", WRITE, Action.CHANGE_DEPARTURES),
    (r"/api/v1/(calendar|day-types|week)", WRITE, Action.OVERRIDE_CALENDAR),
    (r"/api/v1/stops/[^/]+/early-closing", WRITE, Action.CHANGE_DEPARTURES),
    (r"/api/v1/(stops|opening-hours|costs|running-times|vehicles|patterns)", WRITE, Action.EDIT_FACTS),
    (r"/api/v1/facts", READ, Action.EDIT_FACTS),
    (r"/api/v1/facts", WRITE, Action.EDIT_FACTS),
    (r"/api/v1/undo", READ, Action.EDIT_TIMETABLES),
    (r"/api/v1/undo", WRITE, Action.EDIT_TIMETABLES),
    (r"/api/v1/timetables/[^/]+/[a-z-]*findings", READ, Action.EDIT_TIMETABLES),
    (r"/api/v1/timetables", WRITE, Action.EDIT_TIMETABLES),
    (r"/api/v1/trials", READ, Action.READ_EXACT_RIDERSHIP),
    (r"/api/v1/(ridership|releases|reports)", READ, Action.READ_RIDERSHIP),
    (r"/api/v1/(trials|plans|proposals|roadmaps)", WRITE, Action.PLAN),
    (r"/api/v1/(plans|roadmaps)", READ, Action.PLAN),
    (r"/driver", READ, Action.DRIVE),
    (r"/driver", WRITE, Action.DRIVE),
    (r"/staff", READ, Action.CHANGE_DEPARTURES),
    (r"/staff", WRITE, Action.CHANGE_DEPARTURES),
    (r"/plan", READ, Action.PLAN),
    (r"/plan", WRITE, Action.PLAN),
    (r"/ridership/counts", READ, Action.CORRECT_COUNTS),
    (r"/ridership/counts", WRITE, Action.CORRECT_COUNTS),
    (r"/ridership/(charts|reports|trials)", READ, Action.READ_EXACT_RIDERSHIP),
    (r"/ridership", READ, Action.READ_RIDERSHIP),
    (r"/ridership", WRITE, Action.PLAN),
    (r"/admin", READ, Action.ADMINISTER),
    (r"/admin", WRITE, Action.ADMINISTER),
    (r"/account", READ, ANYBODY_SIGNED_IN),
    (r"/account", WRITE, ANYBODY_SIGNED_IN),
)
"""Beginning of a path, and what it takes at least; the first that fits counts. A path that is not here is for everybody."""

_PATTERNS = tuple((re.compile(rf"{path}(/|$)"), method, action) for path, method, action in _TABLE)

NOTED_A_MINUTE = 10
"""Denials of one person that come into the audit log; the log has them all."""

_noted = Allowance(NOTED_A_MINUTE)


def action_for(method: str, path: str) -> Action | str | None:
    """What a path takes at least; None for everybody."""
    kind = READ if method in SAFE else WRITE
    fitting = (action for pattern, each, action in _PATTERNS if each == kind and pattern.match(path))
    return next(fitting, None)


async def who_first(request: Request, error: ShuttleError) -> ShuttleError:
    """The error to answer: the denial where there is one, else the error itself."""
    if request.scope.get("route") is None:
        return error  # refused before a route was chosen: by a limit
    person: Person | None = None
    try:
        if isinstance(error, Invalid | NotFound | Refused | NotAllowed):
            person = await maybe_person(request)
            _check(request, person)
    except (NotSignedIn, NotAllowed) as denial:
        error = denial
    if isinstance(error, NotAllowed) and person is not None:
        await _note(request, person, error)
    return error


def _check(request: Request, person: Person | None) -> None:
    """Raises NotSignedIn, NotAllowed."""
    action = action_for(request.method, request.url.path)
    if action is None or (person is None and action == Action.RECORD_BOARDINGS and counting_key(request)):
        return  # a phone's key stands for a person in routes that record counts, which look at it themselves
    if isinstance(action, Action):
        allow(person, action)
    elif person is None:
        raise NotSignedIn("not-signed-in", "this needs a signed-in account")


async def _note(request: Request, person: Person, error: NotAllowed) -> None:
    route = getattr(request.scope.get("route"), "path", "")
    context, block = state_of(request).context, network_of(request.scope)
    is_kept = not _noted.take(person.id)
    try:
        await run_in_threadpool(note_denial, context, person, f"{request.method} {route}", error.code, block, is_kept)
    except ShuttleError as fault:
        log.warning("a denial could not be noted: %s", fault.whole)
