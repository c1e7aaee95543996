"""Schemathesis reads the OpenAPI description and tries to prove the server wrong, on the real front server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.web import running

pytestmark = pytest.mark.services

CONFIGURATION = """
[checks.missing_required_header]
expected-statuses = [400, 428]  # 428 is what a missing If-Match is answered with
"""
# positive_data_acceptance is left out: a stale If-Match, a Range beyond the end, a draft_url that names no draft
# and a document that is no timeline fit any schema, and are refused on purpose.
LEFT_OUT = "positive_data_acceptance"


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    state = tmp_path / "state"
    state.mkdir()
    with running(state) as web:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
        options = ["--exclude-checks", LEFT_OUT, "--continue-on-failure", "--no-color", "--generation-deterministic"]
        limits = ["--max-examples", "40", "--max-time", "75"]
        result = subprocess.run(
            [*command, f"{web.url}/api/openapi.yaml", *options, *limits],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        log = (state / "log").read_text()
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
    assert "Tested: 30" in result.stdout
    assert '"unforeseen"' not in log
