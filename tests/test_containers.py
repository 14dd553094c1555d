"""The files for containers agree with the program and with each other.

No engine runs here: what can be read off the files is, so that an image that cannot be built, or a service that believes
the wrong addresses, is seen before an operator does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from shuttle.cli import MODULES
from shuttle.cli.operation.serve import GRACE_SECONDS
from shuttle.settings import Settings
from shuttle.settings.outside_services import words_of

TOP = Path(__file__).parent.parent
DOCKERFILE = (TOP / "Dockerfile").read_text("utf-8").replace("\\\n", "")
COMPOSE = (TOP / "scripts" / "compose.yaml").read_text("utf-8")


def image_environment() -> dict[str, str]:
    """What ENV sets in the image that runs."""
    return dict(
        word.split("=", 1) for line in re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()
    )


def services(**environment: str) -> Any:
    """compose.yaml with its variables replaced as an engine does."""

    def value(match: re.Match[str]) -> str:
        return environment.get(match["name"]) or match["default"] or ""

    text = re.sub(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}", value, COMPOSE)
    return yaml.safe_load(text)


def settings_in_compose(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """What the program reads in its container."""
    environment_given = services(**environment)["services"]["shuttle"]["environment"]
    for name, text in {**image_environment(), **environment_given}.items():
        if name.startswith("SHUTTLE_"):
            monkeypatch.setenv(name, str(text))
    return Settings()


def test_what_the_image_copies_is_there_and_is_sent_to_the_engine() -> None:
    ignored = (TOP / ".dockerignore").read_text("utf-8").split()
    sources = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert sources
    assert [source for source in sources if not (TOP / source).exists()] == []
    assert [source for source in sources if any(fnmatch(source, pattern) for pattern in ignored)] == []


def test_secrets_and_what_was_built_here_stay_out_of_the_image() -> None:
    ignored = set((TOP / ".dockerignore").read_text("utf-8").split())
    assert {".git", ".venv", "var", "**/.env", "**/node_modules", "shuttle/web/static/vendor"} <= ignored


def test_the_image_starts_a_command_of_the_program() -> None:
    entry, command = (
        json.loads(match[1])
        for match in (re.search(rf"^{word} (\[.*\])$", DOCKERFILE, re.MULTILINE) for word in ("ENTRYPOINT", "CMD"))
        if match is not None
    )
    assert entry == ["python", "-m", "shuttle"]
    assert image_environment()["PATH"].startswith("/shuttle/.venv/bin:")
    assert set(command) <= set(MODULES)


def test_what_compose_sets_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in_compose(monkeypatch, POSTGRES_PASSWORD="letters1")
    assert settings.database == "postgresql://shuttle:letters1@database/shuttle"
    assert services()["services"]["shuttle"]["volumes"] == [f"data:{settings.data_dir}"]
    assert services()["services"]["shuttle"]["ports"] == [f"127.0.0.1:8000:{settings.port}"]


@pytest.mark.parametrize("chosen", [{}, {"NETWORK": "10.9.8.0/24"}], ids=["by default", "chosen"])
def test_believed_is_the_containers_own_network_and_no_more(
    chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    believed = words_of(settings_in_compose(monkeypatch, **chosen).trusted_proxies)
    own = services(**chosen)["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert [ip_network(word) for word in believed] == [ip_network(own)]


def test_more_proxies_may_be_named_to_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in_compose(monkeypatch, SHUTTLE_TRUSTED_PROXIES="192.0.2.7")
    assert words_of(settings.trusted_proxies)[1:] == ("192.0.2.7",)


def test_the_database_is_asked_over_the_network_whether_it_is_ready() -> None:
    """The server that sets a new database up answers on its socket alone, and ends again."""
    asked = services()["services"]["database"]["healthcheck"]["test"]
    assert asked[asked.index("--host") + 1] == "127.0.0.1"


def test_no_container_fills_the_disk_or_the_memory_or_gains_rights() -> None:
    for name, service in services(POSTGRES_PASSWORD="letters1")["services"].items():
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert re.fullmatch(r"[1-9]\d*g", service["mem_limit"]) and service["pids_limit"], name
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
    assert "cap_add" not in services()["services"]["shuttle"]


def test_the_unit_of_systemd_limits_memory_tasks_and_system_calls() -> None:
    unit = (TOP / "scripts" / "shuttle.service").read_text("utf-8")
    limits = dict(re.findall(r"^(MemoryHigh|MemoryMax)=(\d+)G$", unit, re.MULTILINE))
    plan_gigabytes = Settings().plan_memory_mb / 1000
    assert plan_gigabytes < int(limits["MemoryHigh"]) < int(limits["MemoryMax"])
    assert re.search(r"^TasksMax=\d+$", unit, re.MULTILINE)
    assert re.findall(r"^SystemCallFilter=(\S+)", unit, re.MULTILINE) == ["@system-service", "~@privileged"]


def test_a_container_is_given_more_time_to_end_than_the_program_takes() -> None:
    grace = services()["services"]["shuttle"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > GRACE_SECONDS


@pytest.mark.slow
def test_assets_are_built_with_the_wheel_s_node_on_a_machine_without_one(tmp_path: Path) -> None:
    """As in the image, and on a machine with Python alone."""
    for name in ("build-assets", "assets/package.json", "assets/package-lock.json", "assets/requirements.lock"):
        to = tmp_path / "scripts" / name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / "scripts" / name, to)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "env"):  # npm's own scripts ask for them
        (tools / name).symlink_to(str(shutil.which(name)))
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True, timeout=120)
    done = subprocess.run(
        [tmp_path / "python" / "bin" / "python", tmp_path / "scripts" / "build-assets"],
        env={**os.environ, "PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "shuttle" / "web" / "static" / "vendor" / "htmx.min.js").stat().st_size > 0
