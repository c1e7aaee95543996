"""The long forms of the drills: make test-slow. Their figures are in docs/reliability.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import drills
from tests.drills.say import say
from tests.drills.servers import Postgres, server
from tests.harness import service

pytestmark = pytest.mark.slow


def test_kill_9_two_hundred_times_on_sqlite(tmp_path: Path) -> None:
    with service(tmp_path, DATABASE_URL="") as running:
        say(str(drills.kill_drill(running, rounds=200)))


def test_kill_9_two_hundred_times_on_postgresql(tmp_path: Path) -> None:
    with server(Postgres) as postgres, service(tmp_path, DATABASE_URL=postgres.url) as running:
        say(str(drills.kill_drill(running, rounds=200)))


def test_a_crowd_on_one_draft(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        say(str(drills.crowd_drill(running)))


def test_ten_thousand_newer_drafts(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        say(str(drills.thousands_drill(running, drafts=10_000)))


def test_postgresql_restarted_and_crashed(tmp_path: Path) -> None:
    say(str(drills.database_drill(tmp_path, rounds=20)))


def test_redis_restarted_and_flushed(tmp_path: Path) -> None:
    say(str(drills.broker_drill(tmp_path, rounds=20)))


def test_the_store_stopped_failing_slow_and_cutting_off(tmp_path: Path) -> None:
    say(str(drills.store_drill(tmp_path, seconds=120)))


def test_disks_full() -> None:
    say(str(drills.disk_drill(rounds=3, seconds=10)))


def test_the_clock_set_back_and_forward(tmp_path: Path) -> None:
    say(str(drills.clock_drill(tmp_path, rounds=14)))


def test_a_power_cut_in_system_calls(tmp_path: Path) -> None:
    say(str(drills.power_cut_drill(tmp_path, rounds=50)))


def test_hundreds_of_clients_that_stall(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        say(str(drills.overload_drill(running)))


def test_ten_thousand_downloads_during_saves_on_sqlite(tmp_path: Path) -> None:
    with service(tmp_path, DATABASE_URL="") as running:
        say(str(drills.torn_drill(running)))


def test_ten_thousand_downloads_during_saves_on_postgresql(tmp_path: Path) -> None:
    with server(Postgres) as postgres, service(tmp_path, DATABASE_URL=postgres.url) as running:
        say(str(drills.torn_drill(running)))
