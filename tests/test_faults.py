"""Short forms of the drills that break what the service stands on (tests/slow has the long ones)."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests import drills
from tests.drills.servers import Postgres, server
from tests.harness import service


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
