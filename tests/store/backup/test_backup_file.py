"""Backup files: any changed, missing or additional byte is detected."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.store.backup import backup_file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("sealed") / "whole.db"
    backup_file.make(file)
    backup_file.seal(file)
    backup_file.check(file)
    return file.read_bytes()


def test_any_flipped_byte_is_found(whole: bytes, tmp_path: Path) -> None:
    file, chance = tmp_path / "flipped.db", random.Random(1)
    positions = {0, 18, 24, len(whole) - 1, *range(len(whole) - 90, len(whole), 3)}
    for position in positions | {chance.randrange(len(whole)) for _ in range(100)}:
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 1 << chance.randrange(8)]) + whole[position + 1 :])
        with pytest.raises(Invalid, match=r"is damaged|is not a backup"):
            backup_file.check(file)


@pytest.mark.parametrize("size", [0, 1, 4096, -4097, -1])
def test_a_file_that_was_cut_off_is_found(whole: bytes, tmp_path: Path, size: int) -> None:
    file = tmp_path / "part.db"
    file.write_bytes(whole[:size])
    with pytest.raises(Invalid, match="is not a backup"):
        backup_file.check(file)


def test_a_file_that_grew_is_found(whole: bytes, tmp_path: Path) -> None:
    file = tmp_path / "grown.db"
    file.write_bytes(whole + b"\n")
    with pytest.raises(Invalid, match="is not a backup"):
        backup_file.check(file)


def test_a_sealed_database_with_other_tables_is_no_backup(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE recipes (cake TEXT)")
    backup_file.seal(file)
    with pytest.raises(Invalid, match="is not a backup"):
        backup_file.check(file)
