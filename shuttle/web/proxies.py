"""Who asks, and how: the far end of a chain of web servers, as far as the chain is our own.

Anybody can write `X-Forwarded-For` and `X-Forwarded-Proto`; they are believed only from the addresses that the operator
names. Read from the right: each server of ours added whom it spoke with, and the first that is not ours is the client.
Without a setting nothing is believed, and this does not stand in the way of a request at all.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network


def networks_of(words: Sequence[str]) -> tuple[Network, ...]:
    """Raises ValueError for anything that is neither an address nor a network (10.0.0.0/8)."""
    return tuple(ip_network(word) for word in words)


class TrustedProxies:
    """Puts the client and the scheme of the outside in the place of the proxy's."""

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self.app = app
        self._networks = tuple(networks)
        self._is_ours = lru_cache(1000)(self._among_ours)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["client"] and self._is_ours(scope["client"][0]):
            headers = {name: value for name, value in scope["headers"] if name.startswith(b"x-forwarded-")}
            scheme = headers.get(b"x-forwarded-proto", b"").rpartition(b",")[2].strip().lower()
            scope = {
                **scope,
                "scheme": scheme.decode() if scheme in (b"http", b"https") else scope["scheme"],
                "client": self._client(scope["client"], headers.get(b"x-forwarded-for", b"").decode("latin-1")),
            }
        await self.app(scope, receive, send)

    def _client(self, peer: tuple[str, int], forwarded: str) -> tuple[str, int]:
        """The nearest that is not ours; what is no address ends the chain at the last one that was."""
        client = peer
        for written in reversed(forwarded.split(",")):
            found = _address(written.strip())
            if found is None:
                break
            client = (str(found), 0)
            if not self._is_ours(client[0]):
                break
        return client

    def _among_ours(self, written: str) -> bool:
        found = _address(written)
        return found is not None and any(found in network for network in self._networks)


def _address(written: str) -> IPv4Address | IPv6Address | None:
    """An address, with a port or not: 192.0.2.1:4711 and [2001:db8::1]:4711 too; an IPv4 address in IPv6 as itself."""
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        found = ip_address(written)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
