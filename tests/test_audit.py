"""The look-up of known vulnerabilities, against a list on this machine that speaks OSV's protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.audit import REQUIREMENTS, ROOT

VULNERABLE = {"name": "django", "version": "5.2.18"}


class Advisories(BaseHTTPRequestHandler):
    """Knows one vulnerability."""

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        advisory = {
            "id": "PYSEC-2026-1",
            "summary": "A made one.",
            "affected": [
                {
                    "package": {"name": "django", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.2.19"}]}],
                }
            ],
        }
        hit = {"name": query["package"]["name"], "version": query["version"]} == VULNERABLE
        body = json.dumps({"vulns": [advisory]} if hit else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def osv_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments: object) -> tuple[int, str]:
    """Exit status and output of ``python -m tests.audit``."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.audit", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.stderr == ""
    return result.returncode, result.stdout


def test_a_known_vulnerability_fails_and_names_the_version_that_mends_it(osv_url: str, tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("django==5.2.18  # why\ncelery==5.7.0\n")
    assert run("--osv-url", osv_url, tmp_path / "pins.txt") == (
        1,
        "django 5.2.18: PYSEC-2026-1, mended in 5.2.19\n2 of 2 pinned packages audited, 1 vulnerable.\n",
    )


def test_every_pinned_package_is_asked_for_the_runtime_included(osv_url: str) -> None:
    names = {
        line.split("==")[0]
        for file in REQUIREMENTS
        for line in file.read_text(encoding="utf-8").splitlines()
        if line and line[0] not in "#-"
    }
    assert "granian" in names
    assert run("--strict", "--osv-url", osv_url) == (
        0,
        f"{len(names)} of {len(names)} pinned packages audited, 0 vulnerable.\n",
    )


def test_every_requirements_file_but_the_one_with_hashes_is_audited() -> None:
    assert {*ROOT.glob("requirements*.txt"), *ROOT.glob("tests/requirements*.txt")} - {*REQUIREMENTS} == {
        ROOT / "tests/requirements-services.txt"
    }


@pytest.mark.parametrize(("strict", "status"), [((), 0), (("--strict",), 1)])
def test_a_list_that_does_not_answer_is_said_and_fails_where_asked(strict: tuple[str, ...], status: int) -> None:
    returned, output = run("--osv-url", "http://127.0.0.1:9/", *strict)
    assert returned == status
    assert output.startswith("NOT AUDITED, pip-audit got no answer: ")
    assert output.count("\n") == 1
