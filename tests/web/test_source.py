"""`/source.zip`: the source of the running program, without secrets."""

import io
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shuttle.web.source import TOP, source_files, source_zip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_links_to_the_source_of_the_running_program(client: TestClient) -> None:
    assert 'href="/source.zip"' in client.get("/").text
    archive = zipfile.ZipFile(io.BytesIO(client.get("/source.zip").content))
    assert archive.read("shuttle-source/shuttle/web/source.py") == (TOP / "shuttle/web/source.py").read_bytes()
    assert "shuttle-source/shuttle/LICENSE" in archive.namelist()


def test_secrets_data_and_built_files_are_not_source(tmp_path: Path) -> None:
    for name in (
        "shuttle/a.py",
        "shuttle/__pycache__/a.pyc",
        "scripts/.env",
        "var/shuttle.db",
        "shuttle/static/vendor/b.js",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "shuttle" / "link.py").symlink_to(tmp_path / "scripts" / ".env")
    assert source_files(tmp_path) == [tmp_path / "shuttle/a.py"]
    assert zipfile.ZipFile(io.BytesIO(source_zip(tmp_path))).namelist() == ["shuttle-source/shuttle/a.py"]
