"""A real identity provider on this machine, of Authlib's server side: discovery, code flow with PKCE, RS256 keys, JSON over HTTP.

Its knobs make it misbehave, one at a time. It signs in whoever asks as `person`, without asking who that is. That the program and the
standard mean the same is for `certified_provider` to say.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey

CLIENT, SECRET = "shuttle", "between the two"
PID = "01017012345"


class Client(ClientMixin):  # type: ignore[misc]
    client_id = CLIENT
    id_token_signed_response_alg = "RS256"

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return urlsplit(redirect_uri).path == "/login/provider/return"

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """What the server remembers between the two halves of a sign-in."""

    code: str
    request: OAuth2Request

    def __getattr__(self, name: str) -> Callable[[], Any]:
        """`get_nonce()`, `get_redirect_uri()`: what the request said; None for what it did not."""
        if not name.startswith("get_"):
            raise AttributeError(name)
        return lambda: self.request.payload.data.get(name.removeprefix("get_"))

    def __post_init__(self) -> None:
        self.code_challenge = self.request.payload.data.get("code_challenge")
        self.code_challenge_method = self.request.payload.data.get("code_challenge_method")


@dataclass
class Issuer:
    """The provider; `claims` are added to the token, over the right ones. `address` is its issuer."""

    person: dict[str, Any] = field(default_factory=lambda: {"sub": "sub-of-kari"})
    claims: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    signs_with_a_stranger: bool = False
    takes_codes_again: bool = False
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    key: ClassVar[RSAKey] = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    stranger: ClassVar[RSAKey] = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})

    def __post_init__(self) -> None:
        self.server = _server(self)
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                return

            def do_GET(self) -> None:
                issuer.answer(self)

            do_POST = do_GET

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/end",
            **self.described,
        }

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        headers: list[tuple[str, str]]
        if self.silent:
            status, body, headers = 503, "", []
        elif path == "/.well-known/openid-configuration":
            status, body, headers = 200, json.dumps(self.description()), []
        elif path == "/keys":
            status, body, headers = 200, json.dumps({"keys": [self.key.as_dict(private=False)]}), []
        else:
            request = OAuth2Request(handler.command, f"https://issuer{handler.path}", headers=dict(handler.headers))
            request.payload = BasicOAuth2Payload(dict(parse_qsl(urlsplit(handler.path).query)) | dict(parse_qsl(body)))
            request._body = dict(parse_qsl(body))
            status, body, headers = self.granted(path, request)
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    def granted(self, path: str, request: OAuth2Request) -> tuple[int, str, list[tuple[str, str]]]:
        if path == "/token":
            answer: tuple[int, str, list[tuple[str, str]]] = self.server.create_token_response(request)
            return answer
        grant = self.server.get_authorization_grant(request)
        sent_back: tuple[int, str, list[tuple[str, str]]] = self.server.create_authorization_response(
            request, self.person, grant
        )
        return sent_back


def _server(issuer: Issuer) -> Any:
    class Server(AuthorizationServer):  # type: ignore[misc]
        def query_client(self, client_id: str) -> Client | None:
            return Client() if client_id == CLIENT else None

        def save_token(self, token: object, request: object) -> None:
            return

        def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
            return request

        def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
            return

        def handle_response(
            self, status: int, body: object, headers: list[tuple[str, str]]
        ) -> tuple[int, str, list[tuple[str, str]]]:
            return status, body if isinstance(body, str) else json.dumps(body), headers

    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
            issuer.codes[code] = Code(code, request)

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return issuer.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            if not issuer.takes_codes_again:
                del issuer.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return issuer.person

    class Identity(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
            return any(code.request.payload.data.get("nonce") == nonce for code in issuer.codes.values())

        def resolve_client_private_key(self, client: Client) -> RSAKey:
            return issuer.stranger if issuer.signs_with_a_stranger else issuer.key

        def get_encode_header(self, client: Client) -> dict[str, str]:
            return {"alg": "RS256", "kid": "one"}

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            now = int(time.time())
            return {"iss": issuer.address, "aud": [CLIENT], "iat": now, "exp": now + 300, "auth_time": now}

        def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
            return {**user, **issuer.claims}

    server = Server()
    server.register_token_generator("default", BearerTokenGenerator(lambda **_: generate_token(30)))
    server.register_grant(Grant, [CodeChallenge(required=True), Identity(require_nonce=True)])
    return server
