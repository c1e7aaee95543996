"""Short forms of the drills: what is acknowledged outlives kill -9, crowds, restarts and newer drafts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import requests

from tests import drills
from tests.harness import ROOT, Service, service, wait_for


def test_kill_9_of_any_process_loses_no_acknowledged_save(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        figures = drills.kill_drill(running, rounds=5, writers=3, seed=5)
    assert figures["acknowledged saves"] > 0
    assert figures["acknowledged uploads"] > 0
    log = Path(f"{running.state}.log").read_text(errors="replace")
    assert "Traceback" not in log


def test_twenty_processes_save_and_edit_one_draft_at_once(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        figures = drills.crowd_drill(running, processes=20, edits=2)
    assert figures == {"processes": 20, "edits": 40, "saves": 40, "versions": figures["versions"]}


def test_downloads_during_edits_and_saves_are_whole(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        figures = drills.torn_drill(running, downloads=280, readers=2)
    assert (figures["downloads"], figures["torn"]) == (280, 0)
    assert figures["edits and saves meanwhile"] > 20


def test_newer_drafts_and_a_restart_do_not_take_the_first_one(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        assert drills.thousands_drill(running, drafts=150) == {"drafts": 150}


def test_a_second_web_process_on_the_same_state_sees_the_same(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        draft = running.create()
        second = Service(running.state, **{**running.environment, "CAPCUT_EMBEDDED": "1"})
        command = [sys.executable, "-m", "capcut_site.web"]
        process = subprocess.Popen(command, cwd=ROOT, env=second.whole_environment())
        try:
            wait_for(second.answers, "the second web process")
            here, there = (
                requests.get(draft["draft_url"]),
                requests.get(draft["draft_url"].replace(running.url, second.url)),
            )
            names = [[url.rpartition("/")[2] for url in reply.json()["files"]] for reply in (here, there)]
            assert names[0] == names[1]
            saved = requests.post(f"{second.url}{drills.MATE}/save_draft", json={"draft_url": draft["draft_url"]})
            assert saved.json()["version"] == 1
            again = requests.post(f"{running.url}{drills.MATE}/save_draft", json={"draft_url": draft["draft_url"]})
            assert (again.json()["version"], again.json()["changed"]) == (1, False)
        finally:
            process.terminate()
            process.wait()
