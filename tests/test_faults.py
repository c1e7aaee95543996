"""Short forms of the drills that break what the service stands on (tests/slow has the long ones)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import drills


def test_saves_go_on_while_redis_is_away_or_forgets_everything(tmp_path: Path) -> None:
    figures = drills.broker_drill(tmp_path, rounds=3, longest=2, seed=5)
    assert figures["restarts"] + figures["flushes"] == 3
    assert figures["saves while it was away"] > 0


@pytest.mark.services
def test_nothing_is_lost_when_postgresql_stops_or_crashes(tmp_path: Path) -> None:
    assert drills.database_drill(tmp_path, rounds=3, longest=2)["acknowledged saves"] > 0


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
