"""PostgreSQL restarted and crashed, Redis restarted and flushed, during a load."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import requests

from tests.harness import PATIENCE, Service, service, wait_for

from .audit import audit
from .model import Client, Writer, figures_of, load, saves_of, writers_of
from .say import say
from .servers import Postgres, Redis, server

MODES = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill -9": signal.SIGKILL}
PROBE_SECONDS = 4.0
BACK_SECONDS = 30.0


def database_drill(folder: Path, *, rounds: int, longest: float = 90.0, seed: int = 1) -> dict[str, Any]:
    """PostgreSQL stopped in one of three modes, away for up to ``longest`` seconds, mostly far less, and started again.

    Meanwhile /readyz says so within ``PROBE_SECONDS``; afterwards saves go on by themselves within ``BACK_SECONDS``,
    however long it was away. Returns the figures.
    """
    dice = random.Random(seed)
    away, back, probes = [], [], []
    with server(Postgres) as postgres, service(folder, DATABASE_URL=postgres.url) as running:
        crew = [*writers_of(running, 2), *writers_of(running, 2, Client)]
        with load(crew):
            for number in range(rounds):
                time.sleep(dice.uniform(0.5, 2))
                mode = dice.choice([*MODES])
                stopped = time.monotonic()
                postgres.stop(MODES[mode])
                outage = stopped + dice.random() ** 3 * longest
                probes.append(probe(running))
                while time.monotonic() < outage:
                    probes.append(probe(running))
                postgres.start()
                away.append(time.monotonic() - stopped)
                back.append(until_saved(crew, BACK_SECONDS))
                say(f"round {number + 1}/{rounds}: {mode}, away {away[-1]:.1f} s, first save {back[-1]:.1f} s after")
        return {
            "restarts": rounds,
            "longest outage s": round(max(away), 1),
            "longest until the next save s": round(max(back), 1),
            "slowest /readyz s": round(max(probes), 1),
            **figures_of(crew),
            **audit(running, crew),
        }


def probe(running: Service) -> float:
    """Seconds until /readyz has said 503."""
    started = time.monotonic()
    answer = requests.get(f"{running.url}/readyz", timeout=30)
    seconds = time.monotonic() - started
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable"), answer.text
    assert seconds < PROBE_SECONDS, f"/readyz took {seconds:.1f} s"
    return seconds


def until_saved(crew: list[Writer], patience: float = PATIENCE) -> float:
    """Seconds until the next save is acknowledged."""
    started, before = time.monotonic(), saves_of(crew)
    wait_for(lambda: saves_of(crew) > before, "a save", patience)
    return time.monotonic() - started


def broker_drill(folder: Path, *, rounds: int, longest: float = 20.0, seed: int = 1) -> dict[str, Any]:
    """Redis stopped for up to ``longest`` seconds, or flushed; saves go on all the while. Returns the figures."""
    dice = random.Random(seed)
    away, meanwhile, flushed = [], 0, 0
    with server(Redis) as broker, service(folder, REDIS_URL=broker.url) as running:
        crew = [*writers_of(running, 2), *writers_of(running, 2, Client)]
        with load(crew):
            for number in range(rounds):
                time.sleep(dice.uniform(0.5, 2))
                if dice.random() < 0.4:
                    broker.flush()
                    flushed += 1
                    say(f"round {number + 1}/{rounds}: flushed")
                    continue
                stopped, before = time.monotonic(), saves_of(crew)
                broker.stop(dice.choice([signal.SIGTERM, signal.SIGKILL]))
                until_saved(crew)
                time.sleep(dice.uniform(0, longest))
                meanwhile += saves_of(crew) - before
                broker.start()
                away.append(time.monotonic() - stopped)
                say(f"round {number + 1}/{rounds}: away {away[-1]:.1f} s")
        return {
            "restarts": len(away),
            "flushes": flushed,
            "longest outage s": round(max(away, default=0), 1),
            "saves while it was away": meanwhile,
            **figures_of(crew),
            **audit(running, crew),
        }
