"""A port for a server of a test, which stays the test's own while the server is killed and started again.

The kernel gives outgoing connections ports from a range of its own, and port 0 is one of that range: between a kill and a start
anybody's connection may take it. So one below that range is taken, at random, since tests of several runs go on at once.
"""

import random
import socket

PORTS = range(12_000, 32_768)
"""Below Linux's range for outgoing connections (net.ipv4.ip_local_port_range)."""

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """A port of 127.0.0.1 at which nobody listens."""
    for port in _CHANCE.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("a hundred ports were taken")
