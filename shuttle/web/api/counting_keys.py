"""The key of a driver's phone, in a cookie that scripts cannot read, that goes to the API's departures only and to no other site."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.responses import Response

from shuttle.domain.access import Person
from shuttle.services.counting_keys import GivenKey, give_key
from shuttle.web.identity import Asking, from_our_own_page, maybe_person, session_secret
from shuttle.web.problems import ANY_PROBLEM
from shuttle.web.state import state_of

PATH = "/api/v1/departures"
COOKIE = "shuttle_counting"
SECURE_COOKIE = "__Secure-shuttle_counting"

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)


def held_key(request: Request) -> str | None:
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)


async def counting_person(request: Request) -> Person | None:
    """The one who asks; where nobody is signed in, the one whose phone it is. For routes that hand over what was counted."""
    person = await maybe_person(request)
    if person is not None:
        return person
    held = held_key(request)
    if held is None or not from_our_own_page(request):
        return None
    keys = state_of(request).counting_keys
    return keys.known(held) or await run_in_threadpool(keys.person_of, held)


Counting = Annotated[Person | None, Depends(counting_person)]


class KeyShape(BaseModel):
    """The key's name, by which an administrator ends it; its secret is in the cookie."""

    id: str


@router.post("/departures/counting-key", status_code=201, responses={200: {"model": KeyShape}})
async def add_key(request: Request, response: Response, asking: Asking) -> KeyShape:
    """Give this phone a key, so that its counts can be handed over when the session has ended; 200 where it keeps its own."""
    state = state_of(request)
    lasts = timedelta(days=state.settings.counting_key_days)

    def give() -> GivenKey:
        with state.house.transaction() as session:
            return give_key(session, asking, session_secret(request), held_key(request), lasts, state.house.now())

    key = await run_in_threadpool(give)
    if key.secret is None:
        response.status_code = 200
    else:
        secure = request.url.scheme == "https"
        name = SECURE_COOKIE if secure else COOKIE
        response.set_cookie(
            name,
            key.secret,
            max_age=int(lasts.total_seconds()),
            path=PATH,
            secure=secure,
            httponly=True,
            samesite="strict",
        )
    return KeyShape(id=key.id)


def drop_key(response: Response) -> None:
    """Take the key off the phone: for signing out."""
    response.delete_cookie(COOKIE, path=PATH)
    response.delete_cookie(SECURE_COOKIE, path=PATH, secure=True)
