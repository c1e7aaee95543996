"""What the bench says of its targets follows from the figures of its rounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.measure import Ratio, Row, Sample
from tests.bench.suite import Report
from tests.bench.table import MARK, write_page
from tests.bench.targets import Target, targets


def row(name: str, *rates: int, beside: str = "", ratios: tuple[float, ...] = (), rss: float = 100.0) -> Row:
    """A call at concurrency 8 with rounds of one second."""
    samples = [Sample([0.001] * rate, 1.0, 0.1, 0.0, 0.1, rss, 10.0) for rate in rates or (10,)]
    return Row(name, 8, beside, samples, Ratio.of(ratios) if ratios else None)


@pytest.mark.parametrize(
    ("rounds", "verdict", "of_rates"),
    [
        ((1.0, 1.5, 1.9), "met", "not met"),
        ((1.5, 1.9, 2.1), "noisy, median within", "noisy, median beyond"),
        ((1.9, 2.1, 2.5), "noisy, median beyond", "noisy, median within"),
        ((2.1, 2.2, 2.3), "not met", "met"),
    ],
)
def test_a_verdict_asks_the_median_and_both_ends(rounds: tuple[float, ...], verdict: str, of_rates: str) -> None:
    assert Target("a save", 2.0, Ratio.of(rounds)).verdict == verdict
    assert Target("saves a second", 2.0, Ratio.of(rounds), least=True).verdict == of_rates


def test_the_page_begins_with_the_targets_of_the_run(tmp_path: Path) -> None:
    small = Report("SQLite", {"calls": [row("get_draft", ratios=(0.7, 0.8, 0.9))]})
    small.parts["memory"] = [row("get_draft, before them"), row("a save", rss=186.4)]
    large = Report("PostgreSQL", {"calls": [row("get_draft", 900, 990, 999, ratios=(2.4, 2.6, 2.7))]})
    large.parts["drafts"] = [row("save, 9,000 drafts", beside="save, 10 drafts", ratios=(1.3, 1.4))]
    page = tmp_path / "performance.md"
    page.write_text(f"# By hand\n\n{MARK}\n\nold", encoding="utf-8")
    write_page(page, [small, large], "a day")
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# By hand\n\n{MARK}\n\nMeasured on a day.\n\n## Targets\n\n")
    rules, table, counts = targets([small, large]).split("\n\n")
    assert "`noisy`: rounds lie on both sides" in rules
    assert table.splitlines()[2:] == [
        (
            "| get_draft, 8 at once, by its floor | at most 2.5 | **0.80** (0.70 to 0.90) | **2.60** (2.40 to 2.70)"
            " | SQLite met; PostgreSQL noisy, median beyond |"
        ),
        "| a web process with 5 MB documents, 8 at once, MB | at most 200 | **186** |  | met |",
        "| save: 9,000 drafts by 10 drafts | at most 1.25 |  | **1.35** (1.30 to 1.40) | not met |",
        "| get_draft, 8 at once, a second | at least 1,000 (guide) |  | **990** (900 to 999) | not met |",
    ]
    assert counts == (
        "SQLite, 2 targets: 2 met; 0 noisy, median within; 0 noisy, median beyond; 0 not met. "
        "PostgreSQL, 3 targets: 0 met; 0 noisy, median within; 1 noisy, median beyond; 2 not met."
    )
    assert targets([small, large]) in text
