"""Page frame: language, colour scheme, signed-in person and navigation of every page, and rendering of templates.

Language and scheme are chosen by links (`?lang=nn`, `?scheme=dark`) and kept in cookies, so that both work without a script. A
template gets `t` (a text), `n` (a text with a count), `words` (dates and numbers) and `frame`.
"""

import gzip
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shuttle.domain.access.permissions import Action, Person, Role, may
from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.timetable.service_details import NO_DETAILS, ServiceDetails, is_address
from shuttle.language import LANGUAGES, Words, pick_language, words
from shuttle.web.server.state import state_of
from shuttle.web.static_files import assets

TEMPLATES = Path(__file__).parent.parent / "templates"
SCHEMES = ("auto", "light", "dark")
_REMEMBERED = 365 * 24 * 3600
_COMPRESS_FROM = 2048

HOMES = {
    Role.READER: "/ridership",
    Role.DRIVER: "/driver",
    Role.STAFF: "/staff",
    Role.PLANNER: "/plan",
    Role.ADMIN: "/admin",
}
"""The page with which each role begins, after signing in and after the first link."""

ABOUT_LINKS = {
    "contact": "/contact",
    "help": "/help",
    "privacy": "/personvern",
    "accessibility": "/accessibility",
}
"""The pages about the service, where its administrator gave no address of another."""

PLACES = (
    ("/driver", "frame.driver", Action.DRIVE),
    ("/staff", "frame.staff", Action.CHANGE_DEPARTURES),
    ("/ridership", "frame.ridership", Action.READ_RIDERSHIP),
    ("/plan", "frame.plan", Action.PLAN),
    ("/plan/places", "frame.stops", Action.EDIT_FACTS),
    ("/plan/calendar", "frame.calendar", Action.OVERRIDE_CALENDAR),
    ("/plan/duties", "frame.duties", Action.ROSTER),
    ("/admin", "frame.admin", Action.ADMINISTER),
)
"""Navigation: address, text key and required action of each page group. Links to pages that would refuse are not shown."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The frame of one page."""

    words: Words
    scheme: str
    path: str
    query: tuple[tuple[str, str], ...]
    person: Person | None = None
    base_url: str = ""
    service_name: str = ""
    is_example: bool = False
    foot: tuple[tuple[str, str], ...] = ()
    """Address and text key of the links about the service: contact, help, privacy and accessibility."""

    def link(self, **changes: str | None) -> str:
        """This page's address with changed query parameters; None removes one."""
        query = [(name, value) for name, value in self.query if name not in changes]
        query += [(name, value) for name, value in changes.items() if value is not None]
        return f"{self.path}?{urlencode(query)}" if query else self.path

    @property
    def languages(self) -> tuple[str, ...]:
        return LANGUAGES

    @property
    def places(self) -> list[tuple[str, str]]:
        """Address and text key of the page groups that the person may open."""
        return [(path, key) for path, key, action in PLACES if may(self.person, action)]

    @property
    def home(self) -> str:
        """The page with which the person begins."""
        return HOMES[self.person.role] if self.person else "/"

    @property
    def place(self) -> str:
        """The page group of this page: the longest address that is a prefix of the page's own; empty for none."""
        return max((path for path, _, _ in PLACES if self.path.startswith(path)), key=len, default="")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = assets().url
    environment.filters["initial"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["decimals"] = pass_context(_decimals)
    environment.filters["typed"] = _typed
    environment.tests["clock_input"] = lambda text: not text or bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text))
    environment.tests["date_input"] = lambda text: not text or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text))
    return environment


def _typed(text: str) -> str:
    """A stored date (`2026-05-14`) as it stands in an input (`14.05.2026`); anything else as it was typed."""
    return re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\3.\2.\1", str(text))


def _decimals(context: Context, text: str, kind: str) -> str:
    """Numbers for an input, with the reader's decimal sign."""
    numbers = kind in ("number", "numbers", "percent") and context["words"].language != "en"
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text) if numbers else text


def frame_of(request: Request, person: Person | None = None) -> Frame:
    """The frame of a request. Language and scheme: query, else cookie, else the service's language and the device's scheme."""
    query, cookies = request.query_params, request.cookies
    language = pick_language(query.get("lang"), cookies.get("lang"), state_of(request).settings.language)
    scheme = next((s for s in (query.get("scheme"), cookies.get("scheme")) if s in SCHEMES), "auto")
    others = tuple((name, value) for name, value in query.multi_items() if name not in ("lang", "scheme"))
    details = _details_of(request)
    return Frame(
        words=words(language),
        service_name=details.name(language) or words(language).say("service.name"),
        is_example=details.is_example,
        foot=tuple((_about_link(page, details), f"about.{page}") for page in ABOUT_LINKS),
        scheme=scheme,
        path=request.url.path,
        query=others,
        person=person,
        base_url=address_of_pages(request),
    )


def _details_of(request: Request) -> ServiceDetails:
    """What the service says of itself; nothing where the database does not answer: an error page needs a frame, too."""
    try:
        return state_of(request).context.details()
    except ShuttleError:
        return NO_DETAILS


def _about_link(page: str, details: ServiceDetails) -> str:
    text = details.about.get(page, "")
    return text if is_address(text) else ABOUT_LINKS[page]


def address_of_pages(request: Request) -> str:
    """Where readers find the pages, without a slash at the end: as the operator set it, else the host that was asked for."""
    return state_of(request).settings.public_address or f"{request.url.scheme}://{request.url.netloc}"


def render(template: str, frame: Frame, /, **values: object) -> str:
    """A template as HTML."""
    defaults = {"frame": frame, "words": frame.words, "t": frame.words.say, "n": frame.words.count}
    return _environment().get_template(template).render(**defaults, **values)


def show(request: Request, frame: Frame, template: str, /, status: int = 200, **values: object) -> Response:
    """A template as a response."""
    return answer_with(request, frame, render(template, frame, **values).encode(), status)


def answer_with(request: Request, frame: Frame, body: bytes, status: int) -> Response:
    """The response with a page's HTML. A signed-in person's page is neither cached nor compressed (BREACH attack).

    No shared cache stores a page: it may carry the requested host, and its language comes from a cookie.
    """
    is_private = frame.person is not None
    response = HTMLResponse(status_code=status)
    response.headers["cache-control"] = "no-store" if is_private else "private, no-cache"
    response.headers["vary"] = "Cookie, Accept-Encoding"
    response.headers["content-language"] = frame.words.language
    if not is_private and len(body) >= _COMPRESS_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5, mtime=0)
        response.headers["content-encoding"] = "gzip"
    response.body = body
    response.headers["content-length"] = str(len(body))
    _remember(request, response, "lang", LANGUAGES)
    _remember(request, response, "scheme", SCHEMES)
    return response


def _remember(request: Request, response: Response, name: str, allowed: tuple[str, ...]) -> None:
    chosen = request.query_params.get(name)
    if chosen in allowed:
        secure = request.url.scheme == "https"
        response.set_cookie(name, chosen, max_age=_REMEMBERED, path="/", samesite="lax", secure=secure, httponly=True)
