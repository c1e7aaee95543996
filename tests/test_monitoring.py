"""Alerts and dashboard ask only for what /metrics tells, and every alert has its part in the runbook."""

from __future__ import annotations

import json
import re
from typing import Any

import promql_parser
import pytest
import yaml

from capcut_site import env
from drafts import tasks
from drafts.core import persist
from tests.support import Api
from tests.test_metrics import SAMPLE, samples
from tests.test_persist import UNREACHABLE

DEPLOY = env.ROOT / "deploy"
RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana/capcut-drafts.json").read_text())
ALERTS = [rule["expr"] for rule in RULES]
PANELS = [
    target["expr"].replace("$__rate_interval", "5m") for panel in DASHBOARD["panels"] for target in panel["targets"]
]
NAME = re.compile(r"\bcapcut_\w+")
MATCHER = re.compile(r'(\w+)\{(\w+)(=~|=)"([^"]*)"\}')


@pytest.fixture
def exposed(api: Api, settings: Any) -> str:
    """What /metrics says after saves, an upload, a download, storing, collecting, and a store that fails."""
    draft = api.create()
    api.save(draft["draft_url"])
    api.post(f"/api/v1/drafts/{draft['draft_id']}/save", {"note": "again"})
    file = f"/api/v1/drafts/{draft['draft_id']}/files/assets/images/a.png"
    assert api.put(file, b"bytes").status_code == 201
    assert b"".join(api.get(file)) == b"bytes"
    api.get(draft["draft_url"])
    tasks.drain()
    tasks.collect()
    api.put_content(draft["draft_id"], api.content(draft["draft_id"]) | {"n": 1})
    api.save(draft["draft_url"])
    good, settings.STORAGES = settings.STORAGES, {**settings.STORAGES, "drafts": UNREACHABLE}
    assert persist.drain().failed == 1
    settings.STORAGES = good
    return str(api.get("/metrics").content.decode())


@pytest.mark.parametrize("expression", [*ALERTS, *PANELS])
def test_every_expression_is_promql(expression: str) -> None:
    promql_parser.parse(expression)


def test_only_metrics_that_are_told_are_asked_for(exposed: str) -> None:
    told = {name for name, _, _ in SAMPLE.findall(exposed)}
    asked = {name for expression in [*ALERTS, *PANELS] for name in NAME.findall(expression)}
    assert asked - told == set()
    assert {name for name in told if not name.endswith(("_sum", "_count", "_created", "_bucket"))} - asked == set()


def test_the_labels_that_are_asked_for_are_told(exposed: str) -> None:
    told = samples(exposed)
    for expression in [*ALERTS, *PANELS]:
        for name, label, kind, wanted in MATCHER.findall(expression):
            if name == "up" or label == "status":
                continue
            values = [re.search(rf'{label}="([^"]*)"', key) for key in told if key.startswith(f"{name}{{")]
            matches = [
                each
                for each in values
                if each and (re.fullmatch(wanted, each[1]) if kind == "=~" else each[1] == wanted)
            ]
            assert matches, f"{name}{{{label}{kind}{wanted}}}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
    runbook = (env.ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    assert re.search(rf"^### {rule['alert']}$", runbook, re.MULTILINE)


def test_the_runbook_has_no_alert_that_there_is_not() -> None:
    runbook = (env.ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (Capcut\w+)$", runbook, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_jobs_are_those_of_the_example() -> None:
    example = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"] for job in example["scrape_configs"]}
    assert {job for expression in ALERTS for job in re.findall(r'job="([^"]*)"', expression)} <= jobs
    compose = yaml.safe_load((env.ROOT / "docker-compose.yml").read_text())
    found = {(sd["names"][0], sd["port"]) for job in example["scrape_configs"] for sd in job["dns_sd_configs"]}
    assert found == {("web", 30000), ("worker", int(compose["services"]["worker"]["environment"]["METRICS_PORT"]))}
