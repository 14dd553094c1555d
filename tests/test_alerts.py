"""The alerting rules watch what `/metrics` really tells: every metric, job and outcome that they name."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from shuttle.jobs import JOBS, JobScheduler
from shuttle.services.app_context import AppContext
from shuttle.services.operation.nightly_jobs import CLOCK
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.metrics import OUTCOMES, exposition

ALERTS = Path(__file__).parent.parent / "scripts" / "alerts.yml"
RULES = [rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]
EXPRESSIONS = " ".join(rule["expr"] for rule in RULES)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_metric_of_a_rule_is_exposed(context: AppContext, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    app = create_app(context, settings)
    TestClient(app).get("/")
    JobScheduler(context, settings).run_now(CLOCK, "backup")
    told = set(re.findall(r"^([a-z_]+)[ {]", exposition(app.state.shuttle).decode(), re.MULTILINE))
    named = set(re.findall(r"(?:shuttle|process)_[a-z_]+", EXPRESSIONS))
    assert named and sorted(named - told) == []


def test_jobs_and_outcomes_of_rules_exist() -> None:
    jobs = set(re.findall(r"""_seconds\{job="([^"]+)"\}""", EXPRESSIONS))
    outcomes = {word for text in re.findall(r'outcome=~?"([^"]+)"', EXPRESSIONS) for word in text.split("|")}
    assert jobs == {"backup", "drill-restore"} <= {job.name for job in JOBS}
    assert outcomes == {"failed", "missed", "interrupted"} <= set(OUTCOMES)


def test_each_rule_says_how_urgent_it_is_and_what_happened() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    assert {rule["labels"]["severity"] for rule in RULES} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in RULES)


def test_prometheus_reads_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on this machine (Debian: prometheus)")
    answer = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
