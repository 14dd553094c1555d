"""Free ports for test servers that are killed and started again on the same port.

The kernel chooses ports of outgoing connections, and port 0, from its ephemeral range. Between a kill and a start another
connection may take such a port. So the port is below that range, and random, because several test runs may be in progress.
"""

import random
import socket

PORTS = range(12_000, 32_768)
"""Below Linux's range for outgoing connections (net.ipv4.ip_local_port_range)."""

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """A port of 127.0.0.1 without a listener."""
    for port in _CHANCE.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("a hundred random ports were in use")
