"""A password costs whoever guesses it what it should; other tests use a cheaper hash."""

from argon2 import Type

from shuttle.services.access.accounts import _hasher


def test_a_password_is_hashed_as_rfc_9106_asks_of_a_machine_with_little_memory() -> None:
    """Section 4, the second recommended option: three passes over 64 MiB in four lanes."""
    hasher = _hasher()
    assert hasher.type is Type.ID
    assert hasher.time_cost >= 3
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.parallelism >= 4
