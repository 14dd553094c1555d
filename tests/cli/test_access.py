"""Where the one-time links that the terminal prints lead."""

import pytest

from shuttle.settings import Settings


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("fd00::5", "[fd00::5]"),
        ("bus.example", "bus.example"),
    ],
)
def test_a_link_can_be_opened_wherever_the_program_listens(host: str, shown: str) -> None:
    assert Settings(host=host, port=8000).address_here == f"http://{shown}:8000"
