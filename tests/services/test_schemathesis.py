"""Schemathesis reads the OpenAPI description and tries to prove the server wrong, on the real front server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drafts.access.principal import SCOPES
from tests.harness import ROOT
from tests.web import running

pytestmark = pytest.mark.services

# A key that is valid is made a fresh one: drawn from few values, keys turn most requests into repetitions of others.
HOOKS = """
import re
import uuid
import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    if re.fullmatch('[!#-~]{1,255}|"[!#-~]{1,255}"', str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
"""
CONFIGURATION = """
hooks = "hooks"

[checks.missing_required_header]
expected-statuses = [400, 428]  # 428 is what a missing If-Match is answered with
"""
# positive_data_acceptance is left out: a stale If-Match, a Range beyond the end, a draft_url that names no draft
# and a document that is no timeline fit any schema, and are refused on purpose.
LEFT_OUT = "positive_data_acceptance"


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    (tmp_path / "hooks.py").write_text(HOOKS)
    state = tmp_path / "state"
    state.mkdir()
    with running(state, ACCESS_MODE="keys") as web:
        scopes = [word for scope in SCOPES for word in ("--scope", scope) if scope != "keys:write"]
        made = subprocess.run(
            [sys.executable, "manage.py", "create_api_key", "schemathesis", *scopes],
            cwd=ROOT,
            env=web.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
        options = ["--exclude-checks", LEFT_OUT, "--continue-on-failure", "--no-color", "--generation-deterministic"]
        options += ["--header", f"Authorization: Bearer {made.stdout.strip()}"]
        limits = ["--max-examples", "40", "--max-time", "75"]
        result = subprocess.run(
            [*command, f"{web.url}/api/openapi.yaml", *options, *limits],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        log = (state / "log").read_text()
    assert result.returncode == 0, result.stdout[-20000:] + result.stderr[-2000:]
    described = (Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text().count("operationId:")
    assert f"Tested: {described}" in result.stdout
    assert '"unforeseen"' not in log
