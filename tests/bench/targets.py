"""The targets, and what a run says of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .measure import Ratio, Row
from .suite import Report

READ, SAVE, GROWTH, GUARDED, MEMORY = 2.5, 2.0, 1.25, 1.15, 200.0
FLOORS = {"get_draft": READ} | {f"save_draft, changed, {size}": SAVE for size in ("20 KB", "200 KB", "5 MB")}
KINDS = {"versions": GROWTH, "drafts": GROWTH, "access": GUARDED}
RATES = {"get_draft": 1000.0, "save_draft, unchanged": 600.0, "save_draft, changed, 20 KB": 300.0}
RATES_OF = "PostgreSQL"
VERDICTS = ("met", "noisy, median within", "noisy, median beyond", "not met")
RULES = (
    "Ratios are of the CPU of the web processes; median, then least and largest of the rounds. `met`: every round is "
    "within the target. `not met`: every round is beyond it. `noisy`: rounds lie on both sides. Where there is one "
    f"figure, it decides. Growth below {GROWTH:g} times is not told from noise: rounds of one call differ by as much."
)


@dataclass(frozen=True, slots=True)
class Target:
    """What one database's figure shall be: at most the limit, or ``least`` so much."""

    text: str
    limit: float
    figure: Ratio
    least: bool = False

    @property
    def verdict(self) -> str:
        """One of the four :data:`VERDICTS`."""
        figure = self.figure
        middle, *ends = ((value >= self.limit) if self.least else (value <= self.limit) for value in _three(figure))
        if middle:
            return VERDICTS[0] if all(ends) else VERDICTS[1]
        return VERDICTS[2] if any(ends) else VERDICTS[3]

    @property
    def cell(self) -> str:
        """The figure with its range, if it has one."""
        middle, least, most = (f"{value:.2f}" if self.limit < 10 else f"{value:,.0f}" for value in _three(self.figure))
        return f"**{middle}**" if least == most else f"**{middle}** ({least} to {most})"

    @property
    def demand(self) -> str:
        """The limit in words."""
        limit = f"{self.limit:g}" if self.limit < 10 else f"{self.limit:,.0f}"
        return f"at least {limit} (guide)" if self.least else f"at most {limit}"


def targets_of(report: Report) -> Iterator[Target]:
    """Those that this database has figures for, in the order of the table."""
    beside_floors = [*report.parts.get("calls", ()), *report.parts.get("sizes", ())]
    for name, limit in FLOORS.items():
        for row in beside_floors:
            if row.name == name and row.cpu_ratio:
                yield Target(f"{name}, {row.concurrency} at once, by its floor", limit, row.cpu_ratio)
    for part, limit in KINDS.items():
        for row in report.parts.get(part, ()):
            if row.cpu_ratio:
                yield Target(_beside(row), limit, row.cpu_ratio)
    if memory := [row.rss for row in report.parts.get("memory", ())]:
        yield Target("a web process with 5 MB documents, 8 at once, MB", MEMORY, Ratio.of([max(memory)]))
    if report.database == RATES_OF:
        for row in report.parts.get("calls", ()):
            if row.name in RATES and row.concurrency == 8:
                yield Target(f"{row.name}, 8 at once, a second", RATES[row.name], row.rates, least=True)


def targets(reports: list[Report]) -> str:
    """The table, what its words mean, and how often each was said."""
    found = {report.database: {target.text: target for target in targets_of(report)} for report in reports}
    lines = [f"| | target | {' | '.join(found)} | met |", "| --- | --- " + "| ---: " * len(found) + "| --- |"]
    for text in dict.fromkeys(text for each in found.values() for text in each):
        some = {database: each[text] for database, each in found.items() if text in each}
        cells = [some[database].cell if database in some else "" for database in found]
        demand = next(iter(some.values())).demand
        lines.append(f"| {text} | {demand} | {' | '.join(cells)} | {_said(some)} |")
    return "\n\n".join([RULES, "\n".join(lines), _counted(found)])


def _said(some: dict[str, Target]) -> str:
    """One word where the databases agree."""
    words = {database: target.verdict for database, target in some.items()}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{database} {word}" for database, word in words.items())


def _counted(found: dict[str, dict[str, Target]]) -> str:
    sentences = []
    for database, each in found.items():
        counts = Counter(target.verdict for target in each.values())
        words = "; ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS)
        sentences.append(f"{database}, {len(each)} targets: {words}.")
    return " ".join(sentences)


def _beside(row: Row) -> str:
    """``save, changed: version 1,000 by version 1``."""
    call, _, kind = row.name.rpartition(", ")
    return f"{call}: {kind} by {row.beside.rpartition(', ')[2]}"


def _three(figure: Ratio) -> tuple[float, float, float]:
    return figure.middle, figure.least, figure.most
