"""The password hash has the recommended cost; other tests use a cheap one."""

from argon2 import Type

from shuttle.services.access.passwords import _hasher


def test_passwords_are_hashed_with_the_parameters_of_rfc_9106() -> None:
    """Section 4, second recommended option: three passes over 64 MiB in four lanes."""
    hasher = _hasher()
    assert hasher.type is Type.ID
    assert hasher.time_cost >= 3
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.parallelism >= 4
