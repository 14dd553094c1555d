"""Forwarded headers: the client and the scheme in front of our own web servers (`SHUTTLE_TRUSTED_PROXIES`).

Anybody can write `X-Forwarded-For` and `X-Forwarded-Proto`; granian's middleware believes them from the named addresses only and
takes the rightmost address that is none of them. Two things are added: the IPv4 address of a proxy is also recognised in
the form that a socket for both protocols shows (`::ffff:10.0.0.1`), and the scheme is believed without `X-Forwarded-For` too.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, ip_network

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp, Receive, Scope, Send

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"


class TrustedProxies:
    """`networks`: addresses and networks (10.0.0.0/8) of our web servers. Raises ValueError for anything else."""

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
