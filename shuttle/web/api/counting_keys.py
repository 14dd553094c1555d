"""API of counting keys: a driver's phone may still send its counts after its session has ended.

The key stands in a cookie that scripts cannot read and that is sent to `/api/v1/departures` of this site only.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.responses import Response

from shuttle.domain.access.permissions import Person
from shuttle.services.access.counting_keys import IssuedKey, issue_key
from shuttle.web.server.identity import (
    COUNTING_COOKIE,
    COUNTING_PATH,
    SECURE_COUNTING_COOKIE,
    Asking,
    counting_key,
    from_our_own_page,
    maybe_person,
    session_secret,
)
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)


async def counting_person(request: Request) -> Person | None:
    """The person who sent the request; without a session the owner of the phone's key. For routes that record counts."""
    person = await maybe_person(request)
    if person is not None:
        return person
    secret = counting_key(request)
    if secret is None or not from_our_own_page(request):
        return None
    keys = state_of(request).counting_keys
    return keys.known(secret) or await run_in_threadpool(keys.person_of, secret)


Counting = Annotated[Person | None, Depends(counting_person)]


class KeyShape(BaseModel):
    """The key's id, by which an administrator revokes it; its secret is in the cookie."""

    id: str


@router.post("/departures/counting-key", status_code=201, responses={200: {"model": KeyShape}})
async def add_key(request: Request, response: Response, asking: Asking) -> KeyShape:
    """Give this phone a key for sending counts after its session has ended; 200 where it keeps the one that it has."""
    state = state_of(request)
    lasts = timedelta(days=state.settings.counting_key_days)

    def give() -> IssuedKey:
        with state.context.transaction() as session:
            return issue_key(
                session, asking, session_secret(request), counting_key(request), lasts, state.context.now()
            )

    key = await run_in_threadpool(give)
    if key.secret is None:
        response.status_code = 200
    else:
        secure = request.url.scheme == "https"
        name = SECURE_COUNTING_COOKIE if secure else COUNTING_COOKIE
        response.set_cookie(
            name,
            key.secret,
            max_age=int(lasts.total_seconds()),
            path=COUNTING_PATH,
            secure=secure,
            httponly=True,
            samesite="strict",
        )
    return KeyShape(id=key.id)
