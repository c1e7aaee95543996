"""Fills a service's database, in a process of its own: specimens by the product's services, then copies of their rows.

``python -m tests.bench.fill --drafts 10000 --aged 40 --versions 1000``
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import secrets
from typing import TYPE_CHECKING, Any

import django
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from .documents import Document

if TYPE_CHECKING:
    from drafts.core.models import Blob

CLIP = "assets/videos/00001.mp4"


def make_table() -> None:
    """The table of the insert floor."""
    from .models import Row

    if Row._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Row)


def crowd(number: int) -> list[str]:
    """So many drafts with one version each: the first is made by the services, the others are copies of its rows."""
    from drafts.core.identifiers import new_draft_id
    from drafts.core.models import Blob
    from drafts.models import Draft, DraftContent, DraftVersion

    if not number:
        return []
    first = _specimen(Document(2_000).data)
    ids = [first, *(new_draft_id() for _ in range(number - 1))]
    with transaction.atomic():
        _copies(Draft.objects.get(pk=first), [{"pk": each, "head": None} for each in ids[1:]])
        _copies(DraftContent.objects.get(pk=first), [{"pk": each} for each in ids[1:]])
        blobs = _copies(Blob.objects.get(versions__draft=first), [_new_blob() for _ in ids[1:]])
        pairs = zip(ids[1:], blobs, strict=True)
        version = DraftVersion.objects.get(draft=first)
        _copies(version, [{"pk": None, "draft_id": each, "content_id": blob.pk} for each, blob in pairs])
        _set_heads()
    return ids


def aged(drafts: int, versions: int) -> list[str]:
    """Drafts with so many versions; in every version another file has taken the place of the one before."""
    from drafts.models import Draft, DraftFile, DraftVersion

    clip, document = _clip(), Document(20_000)
    ids = [_specimen(document.copy(), clip) for _ in range(drafts)]
    with transaction.atomic():
        for each in ids:
            first, file = DraftVersion.objects.get(draft=each), DraftFile.objects.get(draft=each)
            numbers = range(2, versions + 1)
            _copies(first, [{"pk": None, "number": n, "revision": first.revision + n} for n in numbers])
            paths = {n: f"assets/videos/{n:05d}.mp4" for n in numbers}
            ends = {n: n + 1 for n in numbers if n < versions}
            rows = [{"pk": None, "path": paths[n], "added_in": n, "removed_in": ends.get(n)} for n in numbers]
            _copies(file, rows)
            if versions > 1:
                DraftFile.objects.filter(pk=file.pk).update(removed_in=2)
            Draft.objects.filter(pk=each).update(revision=first.revision + (versions if versions > 1 else 0))
        _set_heads()
    return ids


def _specimen(document: bytes, clip: Blob | None = None) -> str:
    """A draft made by the services: a document, a clip perhaps, one version."""
    from drafts.core.large import Unread
    from drafts.selectors.locks import lock_draft
    from drafts.services.content import replace_content, touch_draft
    from drafts.services.drafts import create_draft
    from drafts.services.manifest import Entry, open_entry
    from drafts.services.save import save_draft

    made = create_draft(width=1920, height=1080).pk
    replace_content(draft_id=made, document=Unread.of(document), revisions=None)
    if clip is not None:
        with transaction.atomic():
            draft = lock_draft(draft_id=made)
            open_entry(draft=draft, entry=Entry(CLIP, "video", clip.pk, clip.sha256 or ""), number=1)
            touch_draft(draft)
    save_draft(draft_id=made)
    return made


def _clip() -> Blob:
    from drafts.core import blobs
    from tests.support import MEDIA

    data = (MEDIA / "clip.mp4").read_bytes()
    return blobs.put(io.BytesIO(data), length=len(data))


def _copies(row: Any, changes: list[dict[str, Any]]) -> list[Any]:
    """Copies of a row, each with its changes."""
    made = []
    for change in changes:
        twin = copy.copy(row)
        twin._state = copy.copy(row._state)
        for name, value in change.items():
            setattr(twin, name, value)
        made.append(twin)
    return list(type(row).objects.bulk_create(made, batch_size=500))


def _new_blob() -> dict[str, Any]:
    """A blob of its own, which nobody will read: the worker need not store it."""
    sha256 = secrets.token_hex(32)
    now = timezone.now()
    return {"pk": None, "sha256": sha256, "key": f"blobs/{sha256}", "state": "stored", "stored_at": now}


def _set_heads() -> None:
    """Every draft's head is its newest version."""
    from drafts.models import Draft, DraftVersion

    newest = DraftVersion.objects.filter(draft=OuterRef("pk")).order_by("-number").values("pk")[:1]
    Draft.objects.update(head=Subquery(newest))


def main() -> None:
    """Fill, and print what was made as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=0)
    parser.add_argument("--aged", type=int, default=0)
    parser.add_argument("--versions", type=int, default=1)
    options = parser.parse_args()
    django.setup()
    make_table()
    made = {
        "drafts": crowd(options.drafts),
        "young": aged(options.aged, 1),
        "aged": aged(options.aged, options.versions),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(json.dumps(made))


if __name__ == "__main__":
    main()
