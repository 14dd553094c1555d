"""Host check: a request for a host other than the public address is refused, where that address is set.

A client writes the Host header itself. Links, QR codes and addresses of feeds must not repeat a name that it made up. Health
checks and metrics are asked by address and carry no link, so that they are answered for any host. A port is not compared.
"""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from shuttle.domain.basics.errors import Invalid
from shuttle.web.server.problems import problem

OF_THIS_MACHINE = ("localhost", "127.0.0.1")
FOR_ANY_HOST = frozenset(("/healthz", "/readyz", "/metrics"))


class AllowedHosts:
    """`public_address`: scheme and host of the pages, as https://buss.example.no."""

    def __init__(self, app: ASGIApp, public_address: str) -> None:
        self.app = app
        own = urlsplit(public_address).hostname or ""
        self._allowed = frozenset(_spellings(own)) | frozenset(OF_THIS_MACHINE)
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in FOR_ANY_HOST or self._is_allowed(scope):
            await self.app(scope, receive, send)
            return
        hosts = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"host")
        allowed = ", ".join((self._own, *OF_THIS_MACHINE))
        error = Invalid(
            "unknown-host",
            f"this server has no pages for the host {hosts[:100]!r}; its hosts are {allowed}",
            given=hosts[:100],
            allowed=allowed,
        )
        await problem(error)(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        """One Host header that names an allowed host; its port and a full stop at its end are no part of the name."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return len(hosts) == 1 and _name_of(hosts[0]) in self._allowed


def _name_of(host: bytes) -> str:
    text = host.decode("latin-1").lower()
    name, colon, port = text.rpartition(":")
    if colon and (port.isdecimal() or not port):
        text = name
    return text.removesuffix(".")


def _spellings(host: str) -> set[str]:
    """A host as it is written and, where it has letters beyond ASCII, as it is sent (IDNA)."""
    try:
        return {host, host.encode("idna").decode()}
    except UnicodeError:
        return {host}
