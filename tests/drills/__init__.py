"""Drills that anyone can repeat: ``python -m tests.drills kill --rounds 50`` (docs/reliability.md).

A model of every acknowledged operation is kept outside the service and compared with it at the end.
"""

from __future__ import annotations

from .clocks import clock_drill
from .crowd import crowd_drill, thousands_drill
from .disks import disk_drill
from .kill import kill_drill
from .model import MATE, Writer, pending, verify, writers_of
from .outages import broker_drill, database_drill
from .overload import overload_drill
from .powercut import power_cut_drill
from .stores import store_drill
from .torn import torn_drill

__all__ = [
    "MATE",
    "Writer",
    "broker_drill",
    "clock_drill",
    "crowd_drill",
    "database_drill",
    "disk_drill",
    "kill_drill",
    "overload_drill",
    "pending",
    "power_cut_drill",
    "store_drill",
    "thousands_drill",
    "torn_drill",
    "verify",
    "writers_of",
]
