"""OpenID Connect client: authorization code flow with PKCE, for the one issuer that the operator configured.

Only the subject is stored. `pid`, the national identity number in tokens of Norwegian providers, is read only to refuse
it as a subject; no token of the provider is stored. The program itself connects to the issuer's origin only; the
browser goes where the issuer says.
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

CACHE_SECONDS = 3600.0
"""Lifetime of the issuer's metadata and keys in the cache."""
KEY_REFRESH_SECONDS = 30.0
"""Shortest interval between fetches of the keys for a token with an unknown key: anybody can send such a token."""
TIMEOUT_SECONDS = 8.0
MAX_RESPONSE_BYTES = 256 * 1024
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "PS256", "ES256"]
TENANT_IN_ISSUER = "{tenantid}"
"""Placeholder in the issuer of a multi-tenant Entra ID; a list of tenants is then required."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The operator's configuration. `subject`: the claim that identifies the person, `sub`, or `oid` for Entra ID."""

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
        """The configured name; by default the issuer's host."""
        return self.name or urlsplit(self.issuer).netloc


@dataclass(frozen=True)
class Attempt:
    """A started sign-in: random values that stay in its browser (OpenID Connect Core 3.1.2.1; PKCE: RFC 7636)."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> "Attempt":
        """New random values."""
        return cls(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48))


@dataclass(frozen=True)
class Identity:
    """The authenticated identity. `role` is None where the provider does not assign roles."""

    subject: str
    session: str
    name: str
    role: Role | None


def refused(why: str) -> NotSignedIn:
    """The error of a failed sign-in. `why` is for the operator and never holds a value from a token."""
    return NotSignedIn("provider-refused", f"the sign-in was not completed: {why}")


class IdentityProvider:
    """The issuer's client, one per process; every call is bounded in time and size."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, attempt: Attempt, return_to: str) -> str:
        """The address to redirect the browser to. Raises Unavailable (`provider-silent`)."""
        metadata = await self._description()
        extra = {"acr_values": " ".join(self.provider.acr)} if self.provider.acr else {}
        async with self._client(metadata, return_to) as client:
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
                **extra,
            )
        return str(address)

    async def complete(self, attempt: Attempt, return_to: str, answer: Mapping[str, str], now: datetime) -> Identity:
        """The identity behind the callback. Raises NotSignedIn (`provider-refused`), Unavailable (`provider-silent`)."""
        if not compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise refused("it was begun in another browser, or too long ago")
        metadata = await self._description()
        await self._check_sender(metadata, answer)
        code = answer.get("code", "")
        if answer.get("error") or not code:
            raise refused("the provider did not agree")
        token = await self._redeem(metadata, code, attempt, return_to)
        claims = await self._checked_claims(metadata, token, attempt.nonce, now)
        return self._identity(claims)

    async def end_session(self, return_to: str) -> str | None:
        """The address for signing out at the provider too (RP-Initiated Logout); None where the issuer has none.

        Without `id_token_hint`, which would require storing the token, and that may hold `pid`.
        """
        try:
            endpoint = (await self._description()).get("end_session_endpoint")
        except Unavailable:
            return None
        if not isinstance(endpoint, str) or not self._may_send_to(endpoint):
            return None
        query = urlencode({"client_id": self.provider.client_id, "post_logout_redirect_uri": return_to})
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"

    async def is_issuer(self, issuer: str) -> bool:
        """True when `issuer` is this issuer, or an allowed tenant of it. Raises Unavailable (`provider-silent`)."""
        if issuer == self.provider.issuer or not self.provider.tenants:
            return issuer == self.provider.issuer
        template = str((await self._description())["issuer"])
        return issuer in {template.replace(TENANT_IN_ISSUER, tenant) for tenant in self.provider.tenants}

    async def _check_sender(self, metadata: Mapping[str, Any], answer: Mapping[str, str]) -> None:
        """RFC 9207: a response with `iss` must come from the issuer."""
        sender = answer.get("iss")
        if sender is None and metadata.get("authorization_response_iss_parameter_supported") is not True:
            return
        if sender is None or not await self.is_issuer(sender):
            raise refused("the answer is from another issuer")

    def _client(self, metadata: Mapping[str, Any], return_to: str) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth_method: str | Callable[..., Any] = "none"
        if self.provider.secret:
            auth_method = _basic if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            self.provider.client_id,
            self.provider.secret or None,
            scope="openid profile" if self.provider.role_claim else "openid",
            redirect_uri=return_to,
            code_challenge_method="S256",
            token_endpoint_auth_method=auth_method,
            trust_env=False,
            follow_redirects=False,
            timeout=TIMEOUT_SECONDS / 2,
        )

    async def _redeem(
        self, metadata: Mapping[str, Any], code: str, attempt: Attempt, return_to: str
    ) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError

        async with self._client(metadata, return_to) as client:
            try:
                token = await asyncio.wait_for(
                    client.fetch_token(
                        metadata["token_endpoint"],
                        code=code,
                        code_verifier=attempt.verifier,
                        grant_type="authorization_code",
                    ),
                    TIMEOUT_SECONDS,
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
        self, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        """OpenID Connect Core 3.1.3.7: validates signature, issuer, audience, authorised party, times and nonce."""
        from authlib.common.errors import AuthlibBaseError
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        signed = await self._verified(metadata, token["id_token"])
        claims = signed.claims
        issuer = str(metadata["issuer"]).replace(TENANT_IN_ISSUER, str(claims.get("tid", "")))
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
        validated: Mapping[str, Any] = claims
        return validated

    async def _verified(self, metadata: Mapping[str, Any], id_token: str) -> Any:
        from joserfc import jwt
        from joserfc.errors import JoseError

        for refresh in (False, True):
            keys = await self._key_set(metadata, refresh)
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

    def _role(self, claim: object) -> Role | None:
        """The first role of the operator's list that the claim contains; None by default."""
        values = claim if isinstance(claim, list) else [claim]
        return next((role for value, role in self.provider.roles.items() if value in values), None)

    async def _description(self) -> dict[str, Any]:
        """OpenID Connect Discovery: the issuer's metadata, which must name the issuer and stay at its origin."""
        if self._metadata is not None and self._metadata[0] > monotonic():
            return self._metadata[1]
        address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        metadata = await self._get(address)
        issuer = str(metadata.get("issuer"))
        is_multi_tenant = bool(self.provider.tenants) and TENANT_IN_ISSUER in issuer
        if issuer != self.provider.issuer and not (
            is_multi_tenant and _origin(issuer) == _origin(self.provider.issuer)
        ):
            raise Unavailable("provider-silent", "the provider's metadata names another issuer than the configured one")
        for name in ("token_endpoint", "jwks_uri"):
            if _origin(str(metadata.get(name))) != _origin(self.provider.issuer):
                raise Unavailable("provider-silent", f"the provider's {name} is not at the issuer's own origin")
        if not self._may_send_to(str(metadata.get("authorization_endpoint"))):
            raise Unavailable("provider-silent", "the provider's authorization_endpoint is not a safe address")
        self._metadata = (monotonic() + CACHE_SECONDS, metadata)
        return metadata

    async def _key_set(self, metadata: Mapping[str, Any], refresh: bool) -> "KeySet":
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        if self._keys is not None:
            age = monotonic() - self._keys[0]
            if age < (KEY_REFRESH_SECONDS if refresh else CACHE_SECONDS):
                return self._keys[1]
        try:
            keys = KeySet.import_key_set(await self._get(metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError):
            raise _silent() from None
        self._keys = (monotonic(), keys)
        return keys

    async def _get(self, address: str) -> dict[str, Any]:
        """A JSON object of the issuer, bounded in size and time; redirects are not followed."""
        from httpx2 import AsyncClient, HTTPError

        try:
            async with asyncio.timeout(TIMEOUT_SECONDS / 2), AsyncClient(trust_env=False) as client:
                async with client.stream("GET", address, headers={"Accept": "application/json"}) as response:
                    body = b""
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > MAX_RESPONSE_BYTES:
                            raise _silent()
                if response.status_code != 200:
                    raise _silent()
            return _object(body)
        except (HTTPError, TimeoutError, ValueError):
            raise _silent() from None

    def _may_send_to(self, address: str) -> bool:
        """Browsers are sent to https only; to http where the issuer itself uses it (a provider on this machine)."""
        return urlsplit(address).scheme in {"https", urlsplit(self.provider.issuer).scheme} and bool(
            urlsplit(address).netloc
        )


def _basic(client: Any, method: str, address: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """RFC 6749 2.3.1: id and secret are URL-encoded before they are joined, which Authlib omits."""
    pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return address, headers, body


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _object(body: bytes) -> dict[str, Any]:
    import orjson

    value = orjson.loads(body)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _silent() -> Unavailable:
    return Unavailable("provider-silent", "the identity provider does not answer as it should; try again in a while")
