"""The figures as Markdown tables, and the page that holds them."""

from __future__ import annotations

from pathlib import Path

from .measure import Ratio, Row
from .suite import Report
from .targets import targets

HEADINGS = {
    "calls": "Every call beside its floor",
    "sizes": "Large documents",
    "edits": "Edits through the capcut-mate routes",
    "versions": "Drafts with many versions (concurrency 8)",
    "drafts": "Databases with many drafts (concurrency 8)",
    "workers": "Web processes (concurrency 8)",
    "access": "What keys and limits add (concurrency 8)",
    "memory": "Memory with 5 MB documents (a server that has served nothing large before)",
}
COLUMNS = (
    "call | at once | a second | p50 ms | p95 ms | p99 ms | web CPU ms | db CPU ms | least ms | loop ms | RSS MB"
    " | CPU ratio | time ratio"
)
MARK = "<!-- Everything below this line is written by `make bench`. -->"


def tables(reports: list[Report]) -> str:
    """All figures, the targets first."""
    blocks = ["## Targets", targets(reports)]
    for report in reports:
        blocks.append(f"## {report.database}")
        for part, heading in HEADINGS.items():
            if part in report.parts:
                blocks += [f"### {report.database}: {heading}", _table(report.parts[part])]
        if report.keeping_up:
            blocks += [f"### {report.database}: Edits and saves without a pause (concurrency 8)", report.keeping_up]
    return "\n\n".join([*blocks, _client(reports)])


def _table(rows: list[Row]) -> str:
    lines = [f"| {COLUMNS} |", "| --- " + "| ---: " * COLUMNS.count("|") + "|"]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Row) -> str:
    cells = [
        row.name,
        str(row.concurrency),
        f"{row.rate:,.0f}" if row.rate >= 10 else f"{row.rate:.1f}",
        *(_milliseconds(row.percentile(percent)) for percent in (50, 95, 99)),
        f"{row.cpu:.2f}",
        f"{row.database:.2f}" if row.database else "",
        f"{row.least:.2f}",
        _ratio(row.loops, digits=1),
        f"{row.rss:.0f}",
        _ratio(row.cpu_ratio),
        _ratio(row.time_ratio),
    ]
    return f"| {' | '.join(cells)} |"


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _ratio(ratio: Ratio | None, digits: int = 2) -> str:
    if ratio is None:
        return ""
    middle, least, most = (f"{value:.{digits}f}" for value in (ratio.middle, ratio.least, ratio.most))
    return f"**{middle}** ({least} to {most})"


def _client(reports: list[Report]) -> str:
    shares = [row.client for report in reports for rows in report.parts.values() for row in rows]
    requests = sum(row.count for report in reports for rows in report.parts.values() for row in rows)
    return (
        f"{requests:,} requests were measured, every one answered as it should be. The load generator took "
        f"{min(shares):.0%} to {max(shares):.0%} of one core, on the same machine."
    )


def write_page(page: Path, reports: list[Report], facts: str) -> None:
    """Renew the figures of the page; what a person wrote above the mark stays."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    above = text.partition(MARK)[0] or "# Performance\n\n![Figures](performance.svg)\n\n"
    page.write_text(f"{above}{MARK}\n\nMeasured on {facts}.\n\n{tables(reports)}\n", encoding="utf-8")
