"""Rounds of calls, alternating so that drift of the machine meets all of them, and what comes out of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import requests

from tests.harness import Service, wait_for

from . import meter
from .calls import Call
from .load import Load

GUARD = 120.0  # seconds; no round lasts longer
QUIET = 0.3  # seconds; beyond the pause between an edit and the worker's look at it


class Server:
    """A running service, its processes and connections to it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.load = Load(service.port)
        self.web, self.worker = service.pids("web"), service.pids("worker")
        self.database = service.environment.get("DATABASE_URL", "").rpartition("/")[2]
        self.key = b""

    def use_key(self, key: str) -> None:
        """Send an API key with every request from now on."""
        self.key = f"X-API-Key: {key}\r\n".encode()
        self.service.http.headers["X-API-Key"] = key

    def requests(self, call: Call) -> Iterator[bytes]:
        """Those of one round."""
        for each in call.requests():
            first, ended, rest = each.partition(b"\r\n")
            yield first + ended + self.key + rest if self.key else each

    def settle(self) -> None:
        """Wait until the worker has stored what was saved and rests, so that it does not meet the next round."""
        wait_for(self._settled, "pending blobs to be stored", GUARD)

    def _settled(self) -> bool:
        if int(requests.get(f"{self.service.url}/readyz", timeout=30).json()["pending_bytes"]) != 0:
            return False
        before = meter.cpu_seconds(self.worker)
        time.sleep(QUIET)
        return meter.spent(before, meter.cpu_seconds(self.worker)) < QUIET / 10

    def round(self, call: Call, *, concurrency: int, seconds: float) -> Sample:
        """One round of a call."""
        loop = meter.loop()
        web, database = meter.cpu_seconds(self.web), meter.cpu_seconds(meter.backends(self.database))
        outcome = self.load.run(self.requests(call), concurrency=concurrency, seconds=seconds)
        web_spent = meter.spent(web, meter.cpu_seconds(self.web))
        database_spent = meter.spent(database, meter.cpu_seconds(meter.backends(self.database)))
        rss = meter.largest_rss(self.web)
        return Sample(outcome.latencies, outcome.seconds, web_spent, database_spent, outcome.client_cpu, rss, loop)


@dataclass(frozen=True, slots=True)
class Sample:
    """One round."""

    latencies: list[float]
    seconds: float
    web: float
    database: float
    client: float
    rss: float
    loop: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    @property
    def cpu(self) -> float:
        """CPU milliseconds of the web processes for one request."""
        return 1000 * self.web / len(self.latencies)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Median, least and largest of the rounds' values."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Ratio:
        """What these rounds show."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass
class Row:
    """All rounds of one call at one concurrency, and its ratios to the call beside it, round by round."""

    name: str
    concurrency: int
    beside: str
    samples: list[Sample] = field(default_factory=list)
    cpu_ratio: Ratio | None = None
    time_ratio: Ratio | None = None

    @property
    def count(self) -> int:
        """Requests in all rounds."""
        return sum(len(sample.latencies) for sample in self.samples)

    @property
    def rate(self) -> float:
        """Requests a second, the median of the rounds."""
        return statistics.median(sample.rate for sample in self.samples)

    @property
    def rates(self) -> Ratio:
        """Requests a second, with the range of the rounds."""
        return Ratio.of([sample.rate for sample in self.samples])

    @property
    def cpu(self) -> float:
        """CPU milliseconds of the web processes for one request, the median of the rounds."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def database(self) -> float:
        """CPU milliseconds of the database's processes for one request."""
        return 1000 * sum(sample.database for sample in self.samples) / self.count

    @property
    def least(self) -> float:
        """CPU milliseconds of web and database for one request, in the round that needed least."""
        return min(1000 * (sample.web + sample.database) / len(sample.latencies) for sample in self.samples)

    @property
    def loops(self) -> Ratio:
        """CPU milliseconds of the fixed loop before the rounds: how fast the processor was."""
        return Ratio.of([sample.loop for sample in self.samples])

    @property
    def rss(self) -> float:
        """MB of the largest web process after the last round."""
        return self.samples[-1].rss

    @property
    def client(self) -> float:
        """The share of one core that the load generator took."""
        return sum(sample.client for sample in self.samples) / sum(sample.seconds for sample in self.samples)

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many of a hundred requests were answered."""
        latencies = sorted(value for sample in self.samples for value in sample.latencies)
        return 1000 * latencies[min(len(latencies) - 1, len(latencies) * percent // 100)]


def rounds(
    servers: Sequence[Server],
    units: Sequence[Sequence[Call]],
    *,
    concurrency: int,
    cycles: int,
    seconds: float,
    limit: float,
    warm: bool = False,
) -> list[Row]:
    """Measure calls; those of a unit follow each other, units alternate forwards and backwards.

    Unless the calls are ``warm``, a first cycle is not counted. Where a unit leaves work, the worker is done with a
    call before the next one begins. On a busy machine there are fewer cycles: none begins after ``limit`` seconds.
    """
    started = time.monotonic()
    rows = {call.name: Row(call.name, concurrency, call.beside) for unit in units for call in unit}
    for number in range(1 if warm else 0, cycles + 1):
        if number > 1 and time.monotonic() - started > limit:
            break
        for unit in units if number % 2 else reversed(units):
            leaves = any(call.leaves for call in unit)
            for call in unit:
                server = servers[call.server]
                most = GUARD if call.whole else seconds if number else seconds / 3
                sample = server.round(call, concurrency=concurrency, seconds=most)
                if number:
                    rows[call.name].samples.append(sample)
                if leaves:
                    server.settle()
    for row in rows.values():
        _compare(row, rows.get(row.beside))
    return list(rows.values())


def _compare(row: Row, beside: Row | None) -> None:
    if beside is None:
        return
    pairs = list(zip(row.samples, beside.samples, strict=True))
    row.cpu_ratio = Ratio.of([mine.cpu / other.cpu for mine, other in pairs])
    row.time_ratio = Ratio.of([other.rate / mine.rate for mine, other in pairs])
