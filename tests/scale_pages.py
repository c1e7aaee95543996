"""What the staff's pages cost with many drafts: times of lists, filters, each kind of search, and the draft page.

On a database that ``psql -v drafts=100000 -v versions=10 -f tests/scale.sql`` has filled (PostgreSQL), with the tests'
settings: ``DJANGO_SETTINGS_MODULE=tests.settings python -m tests.scale_pages``. The first run writes the summaries.
Figures: docs/performance.md.
"""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import django
from django.db import connection

ROUNDS = 20
LIST = "/admin/drafts/draft/"
COLUMNS = "draft_id text bigrams app_profile tracks segments errors warnings missing_media files size"
PROFILES = ["JianYing 5.9.0"] * 6 + ["CapCut 6.7.0"] * 3 + ["CapCut 6.5.0"]
CHANGES = '{"segments_added": {"video": 2}, "texts_changed": 1, "files_added": 1}'


def summaries() -> Iterator[tuple[Any, ...]]:
    """One for each draft: 40 captions of Chinese or Latin words, which are as frequent as words are."""
    from drafts.document import digest
    from drafts.models import Draft

    chance = random.Random(1)
    characters = [chr(0x4E00 + number) for number in chance.sample(range(6000), 2000)]
    chinese = ["".join(chance.choices(characters, k=chance.choice((2, 2, 2, 3)))) for _ in range(8000)]
    latin = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(8000)]
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(8000)))
    for number, (draft_id, name) in enumerate(list(Draft.objects.values_list("pk", "name"))):
        words = chance.choices(chinese if number % 2 else latin, cum_weights=weights, k=160)
        lines = [("" if number % 2 else " ").join(words[at : at + 4]) for at in range(0, 160, 4)]
        rare = ["稀有"] if number % 1000 == 0 else []
        files = [f"{chance.getrandbits(48):012x}.mp4" for _ in range(4)]
        text = "\n".join([digest.fold(name), *lines, *files, *rare])
        grams = " ".join(sorted(digest.grams(text))) if connection.vendor == "postgresql" else ""
        faults = [int(chance.random() < share) for share in (0.01, 0.05, 0.01)]
        yield (draft_id, text, grams, chance.choice(PROFILES), 4, 60, *faults, 4, chance.randint(10**6, 10**8))


def fill() -> None:
    """Write the summaries, and have everything described."""
    columns = COLUMNS.replace(" ", ", ")
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY drafts_draftsummary ({columns}) FROM STDIN") as copy:
            for row in summaries():
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO drafts_versionsummary (version_id, changes, errors, warnings, size) "
            "SELECT id, %s, 0, 0, 8009000 FROM drafts_draftversion",
            [CHANGES],
        )
        cursor.execute("UPDATE drafts_draft SET described_revision = revision, described_head = head_id")
        cursor.execute("UPDATE drafts_draft SET deleted_at = now() WHERE head_id % 500 = 0")
        cursor.execute("VACUUM ANALYZE")


def pages() -> dict[str, str]:
    """The pages by name. Two drafts get a document of 100 KB, for ``scale.sql`` writes none that can be read."""
    from drafts.core.models import Blob
    from drafts.document import canonical
    from drafts.models import Draft, DraftContent, DraftSummary, DraftVersion

    from .bench.documents import Document

    newest, oldest = Draft.objects.order_by("-updated_at")[77], Draft.objects.order_by("updated_at")[777]
    data = Document(100_000).copy()
    values = {"data": canonical.compress(data), "size": len(data), "sha256": canonical.sha256_hex(data)}
    DraftContent.objects.filter(pk__in=[newest.pk, oldest.pk]).update(**values)
    lines = DraftSummary.objects.get(pk=newest.pk).text.split("\n")
    filters = {
        "list": "",
        "page 50": "p=50",
        "by name": "o=1",
        "in the trash": "state=trashed",
        "pending": "state=pending",
        "all stored": "state=stored",
        "errors": "integrity=errors",
        "missing media": "media=missing",
        "application": "app=CapCut%206.5.0",
        "over 1 GB (none)": "size=xl",
        "errors, application, size": "integrity=errors&app=CapCut%206.5.0&size=m",
    }
    terms = {
        "two rare Chinese characters": "稀有",
        "two that stand nowhere": "龘龘",
        "one letter, in all drafts": "a",
        "words of a caption": lines[3],
        "a whole name": newest.name,
        "file name": lines[-1] if lines[-1].endswith(".mp4") else lines[-2],
        "id": newest.pk,
        "beginning of an id": newest.pk[:14],
        "draft_url": f"https://drafts.example.org/get_draft?draft_id={newest.pk}",
        "SHA-256": str(Blob.objects.order_by("-pk")[3].sha256),
        "request id": DraftVersion.objects.order_by("-pk")[100].request_id,
    }
    return {
        **{f"list: {name}": f"{LIST}?{query}" for name, query in filters.items()},
        **{f"search: {name}": f"{LIST}?q={quote(term)}" for name, term in terms.items()},
        "draft page, edited lately": f"{LIST}{newest.pk}/change/",
        "draft page, an old one": f"{LIST}{oldest.pk}/change/",
        "API: list": "/api/v1/drafts",
        "API: search of a word": f"/api/v1/drafts?search={quote(lines[3][:4])}",
    }


def measure() -> None:
    """Times of the whole request inside one process, in milliseconds."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(User.objects.get_or_create(username="scale", is_staff=True, is_superuser=True)[0])
    print("| page | queries | first | p50 | p95 |\n| --- | ---: | ---: | ---: | ---: |")
    for name, address in pages().items():
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with CaptureQueriesContext(connection) as captured:
                response = client.get(address)
            times.append((time.perf_counter() - began) * 1000)
            assert response.status_code == 200, name
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"| {name} | {len(captured)} | {times[0]:.0f} | {p50:.0f} | {p95:.0f} |", flush=True)


if __name__ == "__main__":
    django.setup()
    from drafts.models import DraftSummary

    if not DraftSummary.objects.exists():
        fill()
    measure()
