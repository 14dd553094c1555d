"""`/.well-known/security.txt` (RFC 9116): to whom a weakness of this installation is reported.

The contact is the operator's, since only the operator can act on an installation. Where none is set there is no such file: an address
that nobody reads would be worse.
"""

from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.basics.errors import NotFound
from shuttle.language import LANGUAGES
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)

PATH = "/.well-known/security.txt"

VALID = timedelta(days=180)
"""RFC 9116 recommends less than a year. Counted from the day of the request, so that a running program never serves an old date."""


@router.api_route(PATH, methods=["GET", "HEAD"])
async def security_txt(request: Request) -> Response:
    """The file, without sign-in. Raises NotFound (`no-security-contact`) where SHUTTLE_CONTACT_EMAIL is empty."""
    settings = state_of(request).settings
    if not settings.contact_email:
        raise NotFound("no-security-contact", "the operator has not set SHUTTLE_CONTACT_EMAIL")
    text = document(settings.contact_email, settings.public_address, datetime.now(UTC))
    return Response(text, headers={"cache-control": "public, max-age=86400"}, media_type="text/plain; charset=utf-8")


def document(contact_email: str, public_address: str, now: datetime) -> str:
    """The file's text. `public_address`: address of the pages without a path; empty: the file does not say where it belongs."""
    expires = datetime.combine((now + VALID).date(), time(), UTC)
    lines = [
        f"Contact: mailto:{quote(contact_email, safe='@')}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
    ]
    if public_address:
        lines.append(f"Canonical: {public_address}{PATH}")
    return "".join(f"{line}\r\n" for line in lines)
