"""Fills a service's database through the product's own functions, in a process of its own; prints the ids.

``python -m tests.bench.fill --drafts 10000 --aged 40 --versions 1000``
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import django
from django.db import connection, transaction

if TYPE_CHECKING:
    from drafts.core.models import Blob
    from drafts.models import Draft, DraftVersion

CHUNK = 500


def make_table() -> None:
    """The table of the insert floor."""
    from .models import Row

    if Row._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Row)


def drafts(number: int) -> Iterator[str]:
    """So many drafts with one version each."""
    from drafts.services.drafts import create_draft

    while number > 0:
        with transaction.atomic():
            for _ in range(min(CHUNK, number)):
                draft = create_draft(width=1920, height=1080)
                _save(draft.pk)
                yield draft.pk
            _as_stored()
        number -= CHUNK


def aged(drafts: int, versions: int, document: bytes) -> list[str]:
    """Drafts with so many versions; in every version another file has taken the place of the one before.

    The first is made by services, the others are copies of its rows.
    """
    from drafts.services.content import replace_content
    from drafts.services.drafts import create_draft

    if not drafts:
        return []
    ids = [create_draft(width=1920, height=1080).pk for _ in range(drafts)]
    clip = _clip()
    with transaction.atomic():
        for each in ids:
            replace_content(draft_id=each, data=document, revisions=None)
        for number in range(1, versions + 1):
            _another_file(ids[0], number, clip)
            _save(ids[0])
        for each in ids[1:]:
            _copy_history(ids[0], each)
        _as_stored()
    return ids


def _clip() -> Blob:
    from drafts.core import blobs
    from tests.support import MEDIA

    data = (MEDIA / "clip.mp4").read_bytes()
    return blobs.put(io.BytesIO(data), length=len(data))


def _save(draft_id: str) -> DraftVersion:
    from drafts.access.caller import Caller
    from drafts.services.save import save_draft

    caller = Caller(address="127.0.0.1", user_agent="bench", request_id="0" * 32)
    return save_draft(draft_id=draft_id, caller=caller).version


def _another_file(draft_id: str, number: int, clip: Blob) -> None:
    from drafts.selectors.locks import lock_draft
    from drafts.services.content import touch_draft
    from drafts.services.manifest import Entry, set_manifest

    draft = lock_draft(draft_id=draft_id)
    entry = Entry(f"assets/videos/{number:05d}.mp4", "video", clip.pk, clip.sha256 or "")
    set_manifest(draft=draft, entries={entry.path: entry}, number=draft.next_number)
    touch_draft(draft)


def _copy_history(source: str, target: str) -> None:
    from drafts.models import Draft, DraftFile, DraftVersion

    for model in (DraftFile, DraftVersion):
        rows: list[Any] = list(model.objects.filter(draft_id=source).order_by("pk"))
        for row in rows:
            row.pk, row.draft_id = None, target
        model.objects.bulk_create(rows, batch_size=CHUNK)
    head: Draft = Draft.objects.get(pk=source)
    newest = DraftVersion.objects.filter(draft_id=target).order_by("-number").first()
    Draft.objects.filter(pk=target).update(head=newest, revision=head.revision)


def _as_stored() -> None:
    """Nobody will read these blobs: spare the worker their storing, so that it is at rest when measuring begins."""
    from django.utils import timezone

    from drafts.core.models import Blob, BlobPayload

    now = timezone.now()
    waiting = Blob.objects.filter(state=Blob.State.PENDING)
    BlobPayload.objects.filter(blob__in=waiting.values("pk")).delete()
    waiting.update(state=Blob.State.STORED, stored_at=now)


def main() -> None:
    """Fill, and print what was made as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=0)
    parser.add_argument("--aged", type=int, default=0)
    parser.add_argument("--versions", type=int, default=1)
    options = parser.parse_args()
    django.setup()
    from .documents import Document

    make_table()
    document = Document(20_000).data
    made = {
        "drafts": list(drafts(options.drafts)),
        "young": aged(options.aged, 1, document),
        "aged": aged(options.aged, options.versions, document),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(json.dumps(made))


if __name__ == "__main__":
    main()
