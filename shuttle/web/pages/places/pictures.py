"""The picture of a stop: planners upload it on the stop's page, everybody sees it on the public pages.

Where the browser runs scripts it makes a large photograph smaller before it is sent (`places/picture.js`). Whatever is sent, the
server keeps only what draws the picture.
"""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound, ShuttleError
from shuttle.domain.basics.texts import check_readable
from shuttle.services.timetable import stop_pictures as service
from shuttle.services.timetable.facts import Moment
from shuttle.store.timetable.stop_pictures import picture_content
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import frame_of
from shuttle.web.pages.places.hours import Shown, place_page
from shuttle.web.pages.places.inputs import Inputs
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)

FIELD_OF = {
    "no-picture": "picture-file",
    "not-a-picture": "picture-file",
    "large-picture": "picture-file",
    "no-alternative-text": "picture-alt",
    "long-text": "picture-alt",
}
"""Where a fault of the form stands, by its code."""

YEAR = "public, max-age=31536000, immutable"
"""For an address with the picture's digest; without it a browser asks again."""


@router.api_route("/stops/{stop}/picture", methods=["GET", "HEAD"])
def picture(request: Request, stop: str, v: str = "") -> Response:
    """The picture of a stop. Raises NotFound (`no-picture`)."""
    context = state_of(request).context
    described = next((each for each in context.schedule().pictures if each.stop == stop), None)
    if described is None:
        raise NotFound("no-picture", f"the stop {stop[:80]} has no picture", given=stop[:80])
    etag = f'"{described.digest}"'
    headers = {"etag": etag, "cache-control": YEAR if v == described.digest else "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    with context.reading() as session:
        stored = picture_content(session, stop)
    if stored is None:
        raise NotFound("no-picture", f"the stop {stop[:80]} has no picture", given=stop[:80])
    return Response(stored[1], media_type=stored[0], headers=headers)


@router.post("/plan/places/{stop}/picture")
async def change(request: Request, stop: str) -> Response:
    """Keep the sent picture with its alternative text, or take the picture away."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    async with request.form() as form:
        file = form.get("picture")
        content = await file.read() if isinstance(file, UploadFile) else b""
        inputs = Inputs(FormData([(key, value) for key, value in form.multi_items() if isinstance(value, str)]))
    return await run_in_threadpool(_changed, request, person, stop, inputs, content)


def _changed(request: Request, person: Person, stop: str, inputs: Inputs, content: bytes) -> Response:
    context = state_of(request).context
    moment = Moment(context.now(), context.today())
    alt = {"nb": inputs.text("alt"), "nn": inputs.text("alt_nn"), "en": inputs.text("alt_en")}
    removes = inputs.text("act") == "remove"
    try:
        for text in alt.values():
            check_readable(text, "the alternative text")
        with context.transaction() as session:
            if removes:
                service.remove_picture(session, person, stop, moment)
            else:
                service.change_picture(session, person, stop, content, alt, moment)
    except ShuttleError as error:
        if error.code == "unknown-stop":
            raise
        fault = fault_of(error, frame_of(request).words, FIELD_OF.get(error.code, ""))
        return place_page(request, person, stop, Shown(picture=inputs, faults=(fault,), status=422))
    return RedirectResponse(f"/plan/places/{stop}?done={'no_picture' if removes else 'picture'}", 303)
