"""Signing in elsewhere: OpenID Connect's code flow with PKCE, as one issuer that the operator named offers it.

What comes back is who it is (`subject`), never what the provider knows about them: `pid`, the national identity number that
Norwegian providers put into their token, is looked at only to refuse it as a subject. No token of the provider is kept.
The program itself speaks with the issuer's own origin and nothing else; the browser is sent where the issuer says.
"""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from secrets import token_urlsafe
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import NotSignedIn, Unavailable
from shuttle.domain.basics.texts import unreadable

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

KNOWN_FOR_SECONDS = 3600.0
"""How long the issuer's description and keys are trusted before they are asked for again."""
ASK_AGAIN_SECONDS = 30.0
"""A key that nobody knows makes us ask for keys again, but not more often: anybody can send a token with such a key."""
PATIENCE_SECONDS = 8.0
LARGEST_ANSWER = 256 * 1024
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "PS256", "ES256"]
TENANT_IN_ISSUER = "{tenantid}"
"""Entra ID describes the issuer of several tenants in this way; a tenant list is then required."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What the operator set. `subject` is the claim that is kept: `sub`, or `oid` for Entra ID."""

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    name: str = ""
    subject: str = "sub"
    tenants: frozenset[str] = frozenset()
    acr: tuple[str, ...] = ()
    role_claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)

    @property
    def shown_name(self) -> str:
        return self.name or urlsplit(self.issuer).netloc


@dataclass(frozen=True)
class Attempt:
    """A sign-in that has begun: random values that stay in the browser that began it (OpenID Connect Core 3.1.2.1)."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> "Attempt":
        return cls(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48))


@dataclass(frozen=True)
class Identity:
    """Whom the provider vouches for. `role` is None where roles are not the provider's to give."""

    subject: str
    session: str
    name: str
    role: Role | None


def refused(why: str) -> NotSignedIn:
    """`why` is for the operator's eyes and never holds a value out of a token."""
    return NotSignedIn("provider-refused", f"the sign-in was not completed: {why}")


class IdentityProvider:
    """The conversation with the issuer. One a process; everything here is asynchronous and bounded in time and size."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, attempt: Attempt, return_to: str) -> str:
        """Where to send the browser. Raises Unavailable (`provider-silent`)."""
        described = await self._description()
        wanted = {"acr_values": " ".join(self.provider.acr)} if self.provider.acr else {}
        async with self._client(described, return_to) as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
                **wanted,
            )
        return str(address)

    async def complete(self, attempt: Attempt, return_to: str, answer: Mapping[str, str], now: datetime) -> Identity:
        """Who came back with this answer. Raises NotSignedIn (`provider-refused`), Unavailable (`provider-silent`)."""
        if not compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise refused("it was begun in another browser, or too long ago")
        described = await self._description()
        await self._check_sender(described, answer)
        code = answer.get("code", "")
        if answer.get("error") or not code:
            raise refused("the provider did not agree")
        token = await self._redeem(described, code, attempt, return_to)
        claims = await self._checked_claims(described, token, attempt.nonce, now)
        return self._identity(claims)

    async def end_session(self, return_to: str) -> str | None:
        """Where to send a browser that shall be signed out there too, if the issuer has such a place.

        Without `id_token_hint`: for that the token would have to be kept, and `pid` may stand in it.
        """
        try:
            place = (await self._description()).get("end_session_endpoint")
        except Unavailable:
            return None
        if not isinstance(place, str) or not self._may_send_to(place):
            return None
        query = urlencode({"client_id": self.provider.client_id, "post_logout_redirect_uri": return_to})
        return f"{place}{'&' if urlsplit(place).query else '?'}{query}"

    async def is_issuer(self, issuer: str) -> bool:
        """Whether a message names this issuer, or a tenant of it that is allowed. Raises Unavailable (`provider-silent`)."""
        if issuer == self.provider.issuer or not self.provider.tenants:
            return issuer == self.provider.issuer
        described = str((await self._description())["issuer"])
        return issuer in {described.replace(TENANT_IN_ISSUER, tenant) for tenant in self.provider.tenants}

    async def _check_sender(self, described: Mapping[str, Any], answer: Mapping[str, str]) -> None:
        """RFC 9207: an answer that says who it is from must be from the issuer."""
        sender = answer.get("iss")
        if sender is None and described.get("authorization_response_iss_parameter_supported") is not True:
            return
        if sender is None or not await self.is_issuer(sender):
            raise refused("the answer is from another issuer")

    def _client(self, described: Mapping[str, Any], return_to: str) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        proof: str | Callable[..., Any] = "none"
        if self.provider.secret:
            proof = _basic if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            self.provider.client_id,
            self.provider.secret or None,
            scope="openid profile" if self.provider.role_claim else "openid",
            redirect_uri=return_to,
            code_challenge_method="S256",
            token_endpoint_auth_method=proof,
            trust_env=False,
            follow_redirects=False,
            timeout=PATIENCE_SECONDS / 2,
        )

    async def _redeem(
        self, described: Mapping[str, Any], code: str, attempt: Attempt, return_to: str
    ) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError

        async with self._client(described, return_to) as client:
            try:
                token = await asyncio.wait_for(
                    client.fetch_token(
                        described["token_endpoint"],
                        code=code,
                        code_verifier=attempt.verifier,
                        grant_type="authorization_code",
                    ),
                    PATIENCE_SECONDS,
                )
            except AuthlibBaseError as error:
                if error.error in ("invalid_client", "unauthorized_client"):
                    raise refused(
                        "the provider does not take SHUTTLE_OIDC_CLIENT_ID with SHUTTLE_OIDC_CLIENT_SECRET"
                    ) from None
                raise refused("the provider did not take the code") from None
            except (HTTPError, TimeoutError, ValueError):
                raise _silent() from None
        if not isinstance(token, Mapping) or not isinstance(token.get("id_token"), str):
            raise refused("the provider gave no identity token")
        return token

    async def _checked_claims(
        self, described: Mapping[str, Any], token: Mapping[str, Any], nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        """OpenID Connect Core 3.1.3.7: signature, issuer, audience, authorised party, times and nonce."""
        from authlib.common.errors import AuthlibBaseError
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        signed = await self._verified(described, token["id_token"])
        claims = signed.claims
        issuer = str(described["issuer"]).replace(TENANT_IN_ISSUER, str(claims.get("tid", "")))
        checked = CodeIDToken(
            claims,
            signed.header,
            {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": self.provider.client_id}},
            {"nonce": nonce, "client_id": self.provider.client_id, "access_token": token.get("access_token")},
        )
        try:
            checked.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (AuthlibBaseError, JoseError, TypeError, ValueError) as error:
            raise refused(f"the identity token does not hold ({type(error).__name__})") from None
        if self.provider.tenants and claims.get("tid") not in self.provider.tenants:
            raise refused("it is from an organisation that is not allowed here")
        if self.provider.acr and claims.get("acr") not in self.provider.acr:
            raise refused("it was not as strong as is asked for here")
        found: Mapping[str, Any] = claims
        return found

    async def _verified(self, described: Mapping[str, Any], id_token: str) -> Any:
        from joserfc import jwt
        from joserfc.errors import JoseError

        for again in (False, True):
            keys = await self._key_set(described, again)
            try:
                return jwt.decode(id_token, keys, ALGORITHMS)
            except (JoseError, ValueError, TypeError, KeyError):
                continue
        raise refused("the identity token is not signed by the issuer")

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims.get(self.provider.subject)
        if not isinstance(subject, str) or not 1 <= len(subject) <= 200 or unreadable(subject):
            raise refused(f"the identity token has no {self.provider.subject!r}")
        if subject == claims.get("pid"):
            raise refused("the provider gives a national identity number as the subject, which is not kept here")
        role = None
        if self.provider.role_claim:
            role = self._role(claims.get(self.provider.role_claim))
            if role is None:
                raise refused("the provider gives no role for this service")
        sid, name = claims.get("sid"), claims.get("name")
        return Identity(
            f"{claims['iss']} {subject}",
            sid if isinstance(sid, str) and not unreadable(sid) else "",
            name.strip()[:80] if isinstance(name, str) and role is not None and not unreadable(name) else "",
            role,
        )

    def _role(self, given: object) -> Role | None:
        """The first role of the operator's list that the provider gives; none by default."""
        values = given if isinstance(given, list) else [given]
        return next((role for value, role in self.provider.roles.items() if value in values), None)

    async def _description(self) -> dict[str, Any]:
        """OpenID Connect Discovery: the document of the issuer, which must name itself and stay at its own origin."""
        if self._described is not None and self._described[0] > monotonic():
            return self._described[1]
        address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = await self._get(address)
        issuer = str(found.get("issuer"))
        several = bool(self.provider.tenants) and TENANT_IN_ISSUER in issuer
        if issuer != self.provider.issuer and not (several and _origin(issuer) == _origin(self.provider.issuer)):
            raise Unavailable("provider-silent", "the provider describes another issuer than the one that is set")
        for name in ("token_endpoint", "jwks_uri"):
            if _origin(str(found.get(name))) != _origin(self.provider.issuer):
                raise Unavailable("provider-silent", f"the provider's {name} is not at the issuer's own origin")
        if not self._may_send_to(str(found.get("authorization_endpoint"))):
            raise Unavailable("provider-silent", "the provider's authorization_endpoint is not a safe address")
        self._described = (monotonic() + KNOWN_FOR_SECONDS, found)
        return found

    async def _key_set(self, described: Mapping[str, Any], again: bool) -> "KeySet":
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        if self._keys is not None:
            age = monotonic() - self._keys[0]
            if age < (ASK_AGAIN_SECONDS if again else KNOWN_FOR_SECONDS):
                return self._keys[1]
        try:
            keys = KeySet.import_key_set(await self._get(described["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError):
            raise _silent() from None
        self._keys = (monotonic(), keys)
        return keys

    async def _get(self, address: str) -> dict[str, Any]:
        """A JSON object of the issuer, of bounded size, in bounded time, and never from where a redirect leads."""
        from httpx2 import AsyncClient, HTTPError

        try:
            async with asyncio.timeout(PATIENCE_SECONDS / 2), AsyncClient(trust_env=False) as client:
                async with client.stream("GET", address, headers={"Accept": "application/json"}) as answer:
                    body = b""
                    async for part in answer.aiter_bytes():
                        body += part
                        if len(body) > LARGEST_ANSWER:
                            raise _silent()
                if answer.status_code != 200:
                    raise _silent()
            return _object(body)
        except (HTTPError, TimeoutError, ValueError):
            raise _silent() from None

    def _may_send_to(self, address: str) -> bool:
        """A browser is sent to https only; to http where the issuer itself is (a provider on this machine)."""
        return urlsplit(address).scheme in {"https", urlsplit(self.provider.issuer).scheme} and bool(
            urlsplit(address).netloc
        )


def _basic(client: Any, method: str, address: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """RFC 6749 2.3.1: id and secret are encoded one by one and then put together; Authlib's own way leaves that out."""
    pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return address, headers, body


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _object(body: bytes) -> dict[str, Any]:
    import orjson

    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _silent() -> Unavailable:
    return Unavailable("provider-silent", "the identity provider does not answer as it should; try again in a while")
