"""What /metrics tells: what waits, what works, and what is under way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.utils import timezone
from prometheus_client.mmap_dict import MmapedDict

from drafts import tasks
from drafts.core import persist
from drafts.core.metric_files import ReservedFile
from drafts.core.models import Blob, DoomedObject
from tests.harness import Service, free_port, wait_for
from tests.support import Api
from tests.test_persist import UNREACHABLE

SAMPLE = re.compile(r"^(\w+)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)


def samples(text: str) -> dict[str, float]:
    """Every sample, by name and labels as they stand."""
    return {name + (f"{{{labels}}}" if labels else ""): float(value) for name, labels, value in SAMPLE.findall(text)}


@pytest.fixture
def waiting(api: Api) -> Blob:
    """A version that waits for the store."""
    draft = api.create()
    assert api.save(draft["draft_url"]).json()["state"] == "pending"
    return Blob.objects.get()


def now(api: Api) -> dict[str, float]:
    return samples(api.get("/metrics").content.decode())


def test_what_waits_is_told_with_its_age(api: Api, waiting: Blob) -> None:
    Blob.objects.update(created_at=timezone.now() - timedelta(hours=1))
    DoomedObject.objects.create(key="blobs/00/none")
    told = now(api)
    assert told["capcut_pending_blobs"] == 1
    assert told["capcut_pending_bytes"] == waiting.size
    assert told["capcut_failed_blobs"] == 0
    assert told["capcut_doomed_objects"] == 1
    assert told["capcut_database_up"] == 1
    assert told["capcut_maintenance"] == 0
    assert told["capcut_pending_limit_bytes"] == settings.PENDING_LIMIT
    assert told["capcut_stream_slots"] == settings.STREAM_SLOTS * settings.WEB_WORKERS
    assert 3600 <= told["capcut_oldest_pending_seconds"] < 3660


def test_storing_is_counted_and_timed(api: Api, waiting: Blob) -> None:
    before = now(api)
    tasks.drain()
    after = now(api)
    stored = 'capcut_persisted_blobs_total{result="stored"}'
    assert after[stored] == before.get(stored, 0) + 1
    delay = 'capcut_persist_delay_seconds_count{state="pending"}'
    assert after[delay] == before.get(delay, 0) + 1
    last = after['capcut_task_last_success_timestamp_seconds{task="drafts.drain"}']
    assert 0 <= timezone.now().timestamp() - last < 60
    assert after["capcut_oldest_pending_seconds"] == 0


def test_a_store_that_fails_is_counted(api: Api, waiting: Blob, settings: Any) -> None:
    before = now(api)
    settings.PERSIST_TRIES = 1
    good, settings.STORAGES = settings.STORAGES, {**settings.STORAGES, "drafts": UNREACHABLE}
    assert persist.drain().failed == 1
    settings.STORAGES = good
    after = now(api)
    for name in (
        'capcut_persisted_blobs_total{result="failed"}',
        'capcut_store_errors_total{error="EndpointConnectionError"}',
    ):
        assert after[name] == before.get(name, 0) + 1
    assert after["capcut_failed_blobs"] == 1


def test_what_a_killed_process_had_under_way_is_forgotten(api: Api) -> None:
    program = (
        "import django, os; django.setup(); from drafts.core import metrics; "
        "metrics.SLOTS.labels('stream').inc(); os._exit(1)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert list(Path(settings.METRICS_DIR).glob("gauge_livesum_*.db"))
    assert now(api).get('capcut_slots_taken{kind="stream"}', 0) == 0


@pytest.mark.services
def test_what_a_process_begins_to_count_is_never_read_half(tmp_path: Path) -> None:
    def make() -> None:
        for number in range(300):
            ReservedFile(str(tmp_path / f"counter_{number}.db")).close()

    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(make)
        while not made.done():
            for path in tmp_path.glob("*.db"):
                assert list(MmapedDict.read_all_values_from_file(str(path))) == []
        made.result()
    assert {path.stat().st_size for path in tmp_path.iterdir()} == {1 << 16}
    assert len(list(tmp_path.glob("*.db"))) == 300


def test_a_worker_serves_its_own_metrics(tmp_path: Path) -> None:
    port = free_port()
    service = Service(tmp_path / "state", METRICS_PORT=str(port), DATABASE_URL="", REDIS_URL="", S3_BUCKET="")
    try:
        service.start()
        service.create()

        def drained() -> bool:
            try:
                text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=2).text
            except requests.RequestException:
                return False
            return 'capcut_task_seconds_count{task="drafts.drain"}' in text

        wait_for(drained, "the worker's metrics")
    finally:
        service.stop()
