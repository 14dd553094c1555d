"""Forwarded headers: client address and scheme as a trusted reverse proxy saw them (`SHUTTLE_TRUSTED_PROXIES`).

Any client can write `X-Forwarded-For` and `X-Forwarded-Proto`. Granian's middleware accepts them from the named addresses only and
takes the rightmost address that is none of them. Added here: a proxy's IPv4 address is also recognised in the form of a dual-stack
socket (`::ffff:10.0.0.1`), and the scheme is accepted without `X-Forwarded-For` too.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, ip_network

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp, Receive, Scope, Send

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"


class TrustedProxies:
    """`networks`: addresses and networks (10.0.0.0/8) of the proxies. Raises ValueError for anything else."""

    def __init__(self, app: ASGIApp, networks: Sequence[str]) -> None:
        self._app = wrap_asgi_with_proxy_headers(app, list(_forms(networks)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["client"]:
            names = {name for name, _ in scope["headers"]}
            if PROTO in names and FOR not in names:
                scope["headers"] = [*scope["headers"], (FOR, scope["client"][0].encode())]
        await self._app(scope, receive, send)


def _forms(networks: Sequence[str]) -> Iterator[str]:
    for network in map(ip_network, networks):
        yield str(network)
        if isinstance(network, IPv4Network):
            yield f"::ffff:{network.network_address}/{96 + network.prefixlen}"
