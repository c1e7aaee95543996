"""``kill -9`` of any process during a load of edits, saves, uploads and downloads."""

from __future__ import annotations

import random
import time
from typing import Any

from tests.harness import Service

from .audit import audit
from .model import Client, figures_of, load, writers_of
from .say import say

ROLES = ("web", "worker", "beat", "broker", "supervisor", "all")


def kill_drill(service: Service, *, rounds: int, writers: int = 4, seed: int = 1) -> dict[str, Any]:
    """``kill -9`` of web, worker, beat, broker, supervisor or everything, ``rounds`` times.

    A killed supervisor takes its children along and is started again, as an init system would do. Returns the figures.
    """
    dice = random.Random(seed)
    crew = writers_of(service, writers, Client)
    with load(crew):
        for number in range(rounds):
            time.sleep(dice.uniform(0.3, 1.5))
            role = dice.choice(ROLES)
            service.kill(role)
            say(f"round {number + 1}/{rounds}: killed {role}")
            if role in {"supervisor", "all"}:
                service.start()
        service.wait_until_it_answers()
    return {"rounds": rounds, **figures_of(crew), **audit(service, crew)}
