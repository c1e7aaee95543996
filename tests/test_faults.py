"""Short forms of the drills that break what the service stands on (tests/slow has the long ones)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import requests
from django.db import InternalError
from psycopg.errors import ReadOnlySqlTransaction

from drafts.api.problems import as_domain_error
from drafts.core.errors import Unavailable
from tests import drills
from tests.drills.servers import Postgres, server
from tests.harness import ROOT, service, wait_for


def test_saves_go_on_while_redis_is_away_or_forgets_everything(tmp_path: Path) -> None:
    figures = drills.broker_drill(tmp_path, rounds=3, longest=2, seed=5)
    assert figures["restarts"] + figures["flushes"] == 3
    assert figures["saves while it was away"] > 0


@pytest.mark.services
def test_nothing_is_lost_when_postgresql_stops_or_crashes(tmp_path: Path) -> None:
    assert drills.database_drill(tmp_path, rounds=3, longest=2)["acknowledged saves"] > 0


@pytest.mark.services
def test_after_a_restart_of_postgresql_a_process_refuses_once(tmp_path: Path) -> None:
    with server(Postgres) as postgres, service(tmp_path, DATABASE_URL=postgres.url, WEB_WORKERS="1") as running:
        urls = [running.create()["draft_url"] for _ in range(12)]
        with ThreadPoolExecutor(len(urls)) as people:

            def ask() -> list[int]:
                return list(people.map(lambda url: requests.get(url, timeout=30).status_code, urls))

            for _ in range(20):  # until the pool has several connections
                assert set(ask()) == {200}
            postgres.stop(signal.SIGINT)
            postgres.start()
            statuses = [requests.get(urls[0], timeout=30).status_code for _ in range(40)]
            assert sorted(statuses)[:-1] == [200] * 39
            assert max(statuses) in {200, 503}


@pytest.mark.services
def test_writers_who_wait_for_one_draft_leave_connections_to_readers(tmp_path: Path) -> None:
    given = {"WEB_WORKERS": "1", "DATABASE_POOL": "4"}
    with service(tmp_path, **given) as running:
        busy, other = running.create(), running.create()
        content = f"{running.url}/api/v1/drafts/{busy['draft_id']}/content"
        document = requests.get(content, timeout=30).json()

        def edit(number: int) -> int:
            headers = {"If-Match": "*"}
            body = {**document, "name": f"by {number}"}
            return requests.put(content, json=body, headers=headers, timeout=60).status_code

        with ThreadPoolExecutor(20) as people, psycopg.connect(running.environment["DATABASE_URL"]) as somebody:
            somebody.execute("SELECT id FROM drafts_draft WHERE id = %s FOR UPDATE", [busy["draft_id"]])
            edits = [people.submit(edit, number) for number in range(20)]
            time.sleep(1)  # all of them wait by now
            for _ in range(30):
                assert requests.get(other["draft_url"], timeout=2).status_code == 200
            assert not any(each.done() for each in edits)
            somebody.rollback()
            assert [each.result() for each in edits] == [200] * 20
        assert requests.get(content, timeout=30).headers["ETag"] == '"r21"'


@pytest.mark.services
def test_who_comes_with_a_key_is_told_to_come_again_while_postgresql_is_away(tmp_path: Path) -> None:
    given = {"ACCESS_MODE": "keys", "KEY_CACHE_SECONDS": "0"}
    with server(Postgres) as postgres, service(tmp_path, DATABASE_URL=postgres.url, **given) as running:
        command = [sys.executable, "manage.py", "create_api_key", "a client"]
        made = subprocess.run(command, cwd=ROOT, env=running.whole_environment(), capture_output=True, check=True)
        headers = {"X-API-Key": made.stdout.decode().strip()}

        def ask() -> requests.Response:
            return requests.get(f"{running.url}/api/v1/drafts", headers=headers, timeout=30)

        assert ask().status_code == 200
        postgres.stop(signal.SIGINT)
        answers = [ask() for _ in range(3)]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, 3007)}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        postgres.start()
        wait_for(lambda: ask().status_code == 200, "the database")


def test_a_server_that_takes_no_writes_is_unavailable() -> None:
    error = InternalError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = ReadOnlySqlTransaction()
    assert isinstance(as_domain_error(error), Unavailable)


@pytest.mark.services
def test_saves_go_on_while_the_store_fails_in_every_way(tmp_path: Path) -> None:
    assert drills.store_drill(tmp_path, seconds=4)["answers spoilt"] > 0


@pytest.mark.services
def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    figures = drills.disk_drill(rounds=1, seconds=3, disks=("blobs", "everything"))
    assert all(disk["refusals seen"] > 0 for disk in figures.values())


@pytest.mark.services
def test_pending_work_finishes_whatever_the_clock_says(tmp_path: Path) -> None:
    assert drills.clock_drill(tmp_path, rounds=3)["steps of the clock"] == 3


@pytest.mark.services
def test_what_is_acknowledged_or_called_stored_is_synced_first(tmp_path: Path) -> None:
    figures = drills.power_cut_drill(tmp_path, rounds=4)
    assert (figures["replies after their fsync"], figures["out of order"]) == (12, 0)
