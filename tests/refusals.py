"""What tests of refusals ask: is it a proper problem object, and was nothing written?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from drafts.core import blobs, collect
from drafts.core.models import Blob, BlobPayload
from drafts.core.storage import BlobFileStorage
from drafts.models import Draft, DraftContent, DraftFile, DraftVersion, RetiredPath

MEMBERS = {
    *("type", "title", "status", "detail", "code", "message", "hint", "retryable", "request_id", "errors"),
}
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|/home/|/root/|/tmp/|site-packages|SELECT |INSERT |psycopg|sqlite|[Dd]jango"
    r"|<html|<!DOCTYPE|<!doctype|[A-Z]\w+(Error|Exception)\b|NoneType|object at 0x",
)
ROWS = (Draft, DraftContent, DraftVersion, DraftFile, RetiredPath, Blob, BlobPayload)


def refused(response: Any, status: int, code: int, detail: str | None = None, *, rule: str = "") -> dict[str, Any]:
    """The problem object of ``response``, after checking its status, its members and that it gives nothing away."""
    text = response.content.decode()
    assert response.status_code == status, (response.status_code, text[:500])
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == MEMBERS
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["request_id"] == response["X-Request-ID"]
    assert body["retryable"] == (status in {429, 503})
    assert response["Cache-Control"] == "no-store"
    if detail is not None:
        assert body["detail"] == detail
    if rule:
        assert [error["rule"] for error in body["errors"]] == [rule]
    assert not LEAKS.search(text), text
    return body


def remains() -> dict[str, int]:
    """How many rows of each kind, objects in the store, and temporary files there are."""
    counts = {model.__name__: model._default_manager.count() for model in ROWS}
    return {**counts, "objects": len(objects()), "temporaries": len(temporaries())}


def objects() -> list[str]:
    """Keys of all objects in the store, without those that go with a commit that a test's transaction never makes."""
    for _, callback, *_ in connection.run_on_commit:
        if getattr(callback, "func", None) is collect._delete_at_once:
            callback()
    store = blobs.store()
    if isinstance(store, BlobFileStorage):
        folder = Path(store.base_location)
        return [str(path) for path in folder.rglob("*") if path.is_file() and path.parent != store.temporary]
    return [item.key for item in store.bucket.objects.all()]


def temporaries() -> list[str]:
    """Half-written objects, and uploads on their way."""
    store = blobs.store()
    folders = [store.temporary] if isinstance(store, BlobFileStorage) else []
    if settings.FILE_UPLOAD_TEMP_DIR:
        folders.append(Path(settings.FILE_UPLOAD_TEMP_DIR))
    return [str(path) for folder in folders for path in folder.glob("*")]
