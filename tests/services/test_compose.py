"""The image and the compose file, without Docker: linted, and every command run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from capcut_site import env
from tests.harness import ROOT, free_port, scratch_database, wait_for
from tests.services.compose import SECRETS, Native, load
from tests.test_metrics import samples

pytestmark = pytest.mark.services

DCLINT = "dclint@3.1.0"
OURS = ("migrate", "web", "worker", "beat", "manage")
FOREIGN = {"postgres", "redis", "s3", "proxy"}


def tool(name: str) -> str:
    """A program of the tests' virtual environment."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture
def native(tmp_path: Path) -> Iterator[Native]:
    """The services of the file, none of them started, on a database of their own."""
    with scratch_database(os.environ["DATABASE_URL"]) as database:
        services = Native(tmp_path, database=database)
        try:
            yield services
        finally:
            services.stop_all()


@pytest.fixture
def collected() -> Iterator[None]:
    """Static files as the image has them."""
    there = (ROOT / "staticfiles").exists()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    yield
    if not there:
        shutil.rmtree(ROOT / "staticfiles")


@pytest.mark.usefixtures("collected")
def test_every_service_runs_as_the_file_says_and_a_save_is_stored(native: Native) -> None:
    assert set(native.services) == {*OURS, *FOREIGN}
    for name in ("redis", "s3"):
        native.start(name)
    for name in ("redis", "s3"):
        native.wait_healthy(name)
    native.run("migrate")
    for name in ("web", "worker", "beat"):
        native.start(name)
    for name in ("web", "worker", "beat"):
        native.wait_healthy(name)

    base = f"http://127.0.0.1:{native.port}"
    draft = requests.post(f"{base}/openapi/capcut-mate/v1/create_draft", json={}, timeout=10).json()
    body = {"draft_url": draft["draft_url"]}
    saved = requests.post(f"{base}/openapi/capcut-mate/v1/save_draft", json=body, timeout=10).json()
    version = f"{base}/api/v1/drafts/{draft['draft_id']}/versions/{saved['version']}"
    wait_for(lambda: requests.get(version, timeout=10).json()["state"] == "stored", "the worker and the S3 server")
    assert requests.get(draft["draft_url"], timeout=10).json()["code"] == 0
    ready = requests.get(f"{base}/readyz", timeout=10).json()
    assert (ready["status"], ready["broker"], ready["storage"]) == ("ok", "ok", "ok")
    told = samples(requests.get(f"http://127.0.0.1:{native.metrics}/metrics", timeout=10).text)
    assert told['capcut_persisted_blobs_total{result="stored"}'] == 1
    page = requests.get(f"{base}/admin/login/", timeout=10).text
    style = re.search(r'href="(/static/admin/css/base\.[0-9a-f]+\.css)"', page)
    assert style
    assert requests.get(base + style[1], timeout=10).status_code == 200

    assert [native.stop(name) for name in ("beat", "worker", "web")] == [0, 0, 0]
    assert not native.healthy("web")


def test_a_backup_of_the_stopped_service_lives_again_in_an_empty_state(native: Native, tmp_path: Path) -> None:
    """As docs/operations.md has it: another database, and a bucket that nobody has made yet."""
    for name in ("redis", "s3"):
        native.start(name)
        native.wait_healthy(name)
    native.run("migrate")
    native.start("web")
    native.wait_healthy("web")
    base = f"http://127.0.0.1:{native.port}"
    draft = requests.post(f"{base}/openapi/capcut-mate/v1/create_draft", json={}, timeout=10).json()
    path = f"{base}/api/v1/drafts/{draft['draft_id']}/files/assets/images/a.png"
    assert requests.put(path, data=b"a picture", timeout=30).status_code == 201
    native.stop("web")
    native.run("manage", "backup", str(tmp_path / "backups"))

    with scratch_database(os.environ["DATABASE_URL"]) as database:
        for service in native.services.values():
            if "DATABASE_URL" in service.get("environment", {}):
                service["environment"] |= {"DATABASE_URL": database, "S3_BUCKET": "another"}
        native.run("manage", "restore_backup", str(tmp_path / "backups"))
        native.run("migrate")
        native.run("manage", "verify_storage")
        native.start("web")
        native.wait_healthy("web")
        assert requests.get(path, timeout=10).content == b"a picture"
        assert requests.get(draft["draft_url"], timeout=10).json()["code"] == 0
        native.stop("web")


def test_health_checks_fail_where_nothing_runs(native: Native) -> None:
    assert [name for name in ("web", "worker", "beat", "redis", "s3") if native.healthy(name)] == []


def test_the_database_of_the_file_answers_its_health_check() -> None:
    test = load(dict.fromkeys(SECRETS, "x" * 50))["services"]["postgres"]["healthcheck"]["test"]
    url = urlsplit(os.environ["DATABASE_URL"])
    assert test == ["CMD", "pg_isready", "--username=capcut", "--dbname=capcut", "--host=127.0.0.1"]
    command = [*test[1:-1], f"--host={url.hostname}", f"--port={url.port or 5432}"]
    assert subprocess.run(command, check=False).returncode == 0
    command[-1] = f"--port={free_port()}"
    assert subprocess.run(command, check=False).returncode != 0


def test_the_compose_file_is_linted() -> None:
    config = ROOT / "tests/services/dclint.json"
    command = ["npx", "--yes", DCLINT, "--config", str(config), "--max-warnings", "0", "docker-compose.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_file_is_linted() -> None:
    done = subprocess.run([tool("hadolint"), "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def caddy(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


def test_the_proxy_takes_its_file(caddy: dict[str, str]) -> None:
    given: Any = load({**dict.fromkeys(SECRETS, "x" * 50), "PUBLIC_URL": "https://drafts.example.org"})
    environment = {**caddy, **given["services"]["proxy"]["environment"]}
    command = [tool("caddy"), "validate", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "formatted" not in done.stderr


def test_the_proxy_hides_what_is_for_operators_and_passes_the_rest(native: Native, caddy: dict[str, str]) -> None:
    native.places["172.30.77.2"] = "127.0.0.1"  # the proxy of this test
    native.run("migrate")
    native.start("web")
    wait_for(lambda: native.healthy("web"), "the web server")
    admin, port = free_port(), free_port()
    file = native.folder / "Caddyfile"
    text = (ROOT / "deploy/Caddyfile").read_text().replace("127.0.0.1:2019", f"127.0.0.1:{admin}")
    file.write_text(text)
    site = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [tool("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"],
        env={**caddy, "PUBLIC_URL": site, "UPSTREAM": f"127.0.0.1:{native.port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: _status(f"http://127.0.0.1:{admin}/config/") == 200, "the proxy's health check")
        for path in ("/metrics", "/readyz", "/healthz", "/metrics/"):
            assert _status(site + path) == 404
            assert _status(f"http://127.0.0.1:{native.port}{path}") == 200
        draft = requests.post(f"{site}/openapi/capcut-mate/v1/create_draft", json={}, timeout=10).json()
        assert draft["draft_url"].startswith(site)
        told = _heard(f"{site}/readyz-of-nobody", {"X-Forwarded-For": "1.2.3.4", "X_Forwarded_For": "1.2.3.4"}, native)
        assert told == "127.0.0.1"
        chunked = requests.post(f"{site}/v1/get_draft", data=iter([b"{}"]), timeout=10)
        assert chunked.status_code in {404, 405, 411}
        put = requests.put(
            f"{site}/api/v1/drafts/{draft['draft_id']}/files/assets/images/a.png", data=b"x" * 1_000_000, timeout=30
        )
        assert put.status_code == 503  # the S3 server is not started here; the body went through
    finally:
        process.terminate()
        process.wait(timeout=20)


def _heard(url: str, headers: dict[str, str], native: Native) -> str:
    """The address that the service took the caller of ``url`` for."""
    path = urlsplit(url).path
    assert requests.get(url, headers=headers, timeout=10).status_code == 404
    wait_for(lambda: path in native.log("web"), "the line of the call")
    [line] = [line for line in native.log("web").splitlines() if path in line]
    return str(json.loads(line)["address"])


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=5).status_code
    except requests.RequestException:
        return 0


def test_the_image_gets_every_folder_that_is_imported() -> None:
    copied = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text()
    for name in ("manage.py", "capcut_site", "drafts", "templates", "requirements.txt", "requirements-otel.txt"):
        assert name in copied
        assert f"!{name}\n" in ignored


def test_our_services_get_what_the_code_reads_and_nothing_else() -> None:
    services = load(dict.fromkeys(SECRETS, "x" * 50))["services"]
    assert [services[name]["env_file"] for name in OURS] == [[{"path": ".env", "required": False}]] * len(OURS)
    assert [set(services[name]["environment"]) - set(env.VARIABLES) for name in OURS] == [set()] * len(OURS)
    assert services["web"]["ports"] == ["127.0.0.1:30000:30000"]
