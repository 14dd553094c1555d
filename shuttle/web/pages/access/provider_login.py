"""Sign-in with an identity provider (OpenID Connect, authorization code flow with PKCE), and front-channel logout.

State, nonce, verifier and the next page of an attempt stand in a cookie of the browser that began it; no other browser can complete
it. Without a provider in the settings these routes answer 404.
"""

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple, dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.basics.errors import Invalid, NotFound, NotSignedIn, Refused, ShuttleError, Unavailable
from shuttle.services.access import provider_accounts
from shuttle.services.access.identity_provider import Attempt, Identity, IdentityProvider, Provider, refused
from shuttle.settings import Settings
from shuttle.settings.outside_services import words_of
from shuttle.web.pages.access.signing_in import enter
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)
log = logging.getLogger("shuttle.web.provider")

COOKIE = "shuttle_attempt"
SECURE_COOKIE = "__Host-shuttle_attempt"
ATTEMPT_SECONDS = 600
RETURN = "/login/provider/return"
Short = Annotated[str, Query(max_length=400)]


@dataclass(frozen=True)
class PendingLogin:
    """An attempt, the page to open after it, and the one-time link that it uses (empty: none)."""

    attempt: Attempt
    next: str
    link: str

    def packed(self) -> str:
        """The value of the cookie."""
        values = (*astuple(self.attempt), self.next, self.link)
        return urlsafe_b64encode(orjson.dumps(values)).decode()

    @classmethod
    def unpacked(cls, cookie: str) -> "PendingLogin":
        """Raises NotSignedIn (`provider-refused`) for anything that `packed` did not write."""
        try:
            state, nonce, verifier, next, link = orjson.loads(urlsafe_b64decode(cookie))
        except (ValueError, TypeError):
            raise refused("it was begun in another browser, or too long ago") from None
        values = (state, nonce, verifier, next, link)
        if not all(isinstance(value, str) for value in values) or not state or not nonce:
            raise refused("it was begun in another browser, or too long ago")
        return cls(Attempt(state, nonce, verifier), next, link)


@router.get("/login/provider")
async def begin(request: Request, next: Short = "") -> Response:
    """Redirect to the provider."""
    return await _send_off(request, PendingLogin(Attempt.fresh(), next, ""))


@router.get("/login/link/{secret}/provider")
async def begin_with_link(request: Request, secret: str) -> Response:
    """Redirect to the provider, to tie the account of a one-time link to the identity that it confirms."""
    return await _send_off(request, PendingLogin(Attempt.fresh(), "", secret[:100]))


@router.get(RETURN)
async def come_back(request: Request) -> Response:
    """Return from the provider: signed in, or a page with the reason why not."""
    provider = _provider(request)
    try:
        pending = PendingLogin.unpacked(request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE) or "")
        now = state_of(request).context.now()
        identity = await provider.complete(pending.attempt, _return_to(request), dict(request.query_params), now)
        response = await _signed_in(request, pending, identity)
    except (NotSignedIn, NotFound, Refused, Unavailable) as error:
        log.warning("a sign-in with the identity provider failed: %s: %s", error.code, error.detail)
        response = _not_completed(request, error)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)
    return response


@router.get("/login/provider/logged-out")
async def ended_there(request: Request, iss: Short = "", sid: Short = "") -> Response:
    """OpenID Connect Front-Channel Logout 1.0: the provider loads this in a frame, without our cookie, and names its session."""
    provider = _provider(request)
    if not sid or not await provider.is_issuer(iss):
        raise Invalid("invalid-request", "this needs the issuer (iss) and its session (sid)", allowed="iss, sid")
    context = state_of(request).context

    def end() -> None:
        with context.transaction() as session:
            provider_accounts.end_by_provider(session, sid, context.now())

    await run_in_threadpool(end)
    headers = {"cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors *"}
    return Response(status_code=200, headers=headers)


async def signed_out(request: Request) -> Response | None:
    """The page after signing out, which sends the browser on to sign out at the provider too; None without a provider.

    A page and no redirect: `form-action 'self'` of the Content-Security-Policy also covers redirects after a form.
    """
    provider = state_of(request).provider
    frame = frame_of(request)
    address = await provider.end_session(f"{frame.base_url}/") if provider is not None else None
    if provider is None or address is None:
        return None
    response = show(request, frame, "access/signed_out.html", there=address, provider=provider.provider.shown_name)
    response.headers["refresh"] = f"0;url={address}"
    response.headers["cache-control"] = "no-store"
    return response


async def _send_off(request: Request, pending: PendingLogin) -> Response:
    provider = _provider(request)
    try:
        address = await provider.begin(pending.attempt, _return_to(request))
    except Unavailable as error:
        log.warning("the identity provider cannot be used: %s", error.detail)
        return _not_completed(request, error)
    response = RedirectResponse(address, 303, {"cache-control": "no-store", "referrer-policy": "no-referrer"})
    secure = request.url.scheme == "https"
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(
        name, pending.packed(), max_age=ATTEMPT_SECONDS, path="/", secure=secure, httponly=True, samesite="lax"
    )
    return response


async def _signed_in(request: Request, pending: PendingLogin, identity: Identity) -> Response:
    state = state_of(request)
    now = state.context.now()

    def sign_in() -> str:
        with state.context.transaction() as session:
            if pending.link:
                provider_accounts.tie(session, pending.link, identity, now)
            return provider_accounts.sign_in_with(session, identity, now)

    secret = await run_in_threadpool(sign_in)
    return await enter(request, secret, pending.next)


def _not_completed(request: Request, error: ShuttleError) -> Response:
    frame = frame_of(request)
    status = 503 if isinstance(error, Unavailable) else 403
    message = fault_of(error, frame.words).message
    response = show(request, frame, "access/not_completed.html", status=status, message=message)
    response.headers["cache-control"] = "no-store"
    return response


def provider_of(settings: Settings) -> IdentityProvider | None:
    """The identity provider of the settings, or None."""
    if not settings.oidc_issuer:
        return None
    return IdentityProvider(
        Provider(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            secret=settings.oidc_client_secret.get_secret_value(),
            name=settings.oidc_name,
            subject=settings.oidc_subject,
            tenants=frozenset(words_of(settings.oidc_tenants)),
            acr=words_of(settings.oidc_acr),
            role_claim=settings.oidc_role_claim,
            roles=settings.oidc_role_of,
        )
    )


def _provider(request: Request) -> IdentityProvider:
    provider = state_of(request).provider
    if provider is None:
        raise NotFound("no-provider", "no identity provider is set here")
    return provider


def _return_to(request: Request) -> str:
    settings = state_of(request).settings
    return settings.oidc_return_to or f"{frame_of(request).base_url}{RETURN}"
