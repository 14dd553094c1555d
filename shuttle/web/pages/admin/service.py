"""`/admin/service`: names of the service, the agency, and the texts at the foot of every page."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.service_details import ABOUT_PAGES, LANGUAGE_KEYS, ServiceDetails
from shuttle.services.timetable.service_details import save_details
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/admin/service", include_in_schema=False)


@router.api_route("", methods=["GET", "HEAD"])
async def service(request: Request) -> Response:
    """The form as it is stored."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    return await run_in_threadpool(_page, request, person)


@router.post("")
async def save(request: Request) -> Response:
    """Store the form, or show it again with the fault."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    form = {name: str(value).replace("\r\n", "\n").strip() for name, value in (await request.form()).items()}
    context = state_of(request).context

    def store() -> Response:
        try:
            details = replace(_details(form), is_example=context.schedule().details.is_example)
            with context.transaction() as session:
                save_details(session, person, details, context.now())
        except Invalid as error:
            fault = fault_of(error, frame_of(request).words)
            return _page(request, person, form, (fault,))
        return RedirectResponse("/admin/service?done=yes", 303)

    return await run_in_threadpool(store)


def _details(form: Mapping[str, str]) -> ServiceDetails:
    return ServiceDetails(
        names={key: form[f"name_{key}"] for key in LANGUAGE_KEYS if form.get(f"name_{key}")},
        agency_id=form.get("agency_id", "")[:80],
        agency_name=form.get("agency_name", ""),
        agency_url=form.get("agency_url", ""),
        about={page: form[f"about_{page}"] for page in ABOUT_PAGES if form.get(f"about_{page}")},
    )


def _fields(details: ServiceDetails) -> dict[str, str]:
    return {
        **{f"name_{key}": details.names.get(key, "") for key in LANGUAGE_KEYS},
        "agency_id": details.agency_id,
        "agency_name": details.agency_name,
        "agency_url": details.agency_url,
        **{f"about_{page}": details.about.get(page, "") for page in ABOUT_PAGES},
    }


def _page(
    request: Request, person: Person, typed: Mapping[str, str] | None = None, faults: tuple[FieldFault, ...] = ()
) -> Response:
    return show(
        request,
        frame_of(request, person),
        "admin/service.html",
        status=422 if faults else 200,
        given={**_fields(state_of(request).context.schedule().details), **(typed or {})},
        name_languages=LANGUAGE_KEYS,
        pages=ABOUT_PAGES,
        faults=faults,
        done=request.query_params.get("done") == "yes" and not faults,
    )
