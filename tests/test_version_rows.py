"""A version is only made of a draft that is still as it was read; what came between is never lost or saved by half."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from drafts.core.models import Blob, BlobPayload
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import get_draft_to_save
from drafts.services.drafts import rename_draft
from drafts.services.events import Verb, values
from drafts.services.save import save_draft
from drafts.services.version_rows import insert_version
from tests.support import Api

Between = Callable[[Api, str], object]


def next_values(draft: Draft) -> dict[str, Any]:
    """What a save would insert."""
    canvas = {"width": draft.width, "height": draft.height, "fps": draft.fps, "duration": draft.duration}
    told = dict.fromkeys(("author", "note", "address", "user_agent", "request_id"), "")
    numbers = {"number": draft.next_number, "revision": draft.revision, "file_count": 0}
    now = timezone.now()
    return {"draft_id": draft.pk, "origin": "save", "created_at": now, "held": False, **canvas, **told, **numbers}


BETWEEN: dict[str, Between] = {
    "an edit": lambda api, draft: api.put_content(draft, {**api.content(draft), "duration": 5}),
    "a rename": lambda api, draft: rename_draft(draft_id=draft, name="other"),
    "another save": lambda api, draft: save_draft(draft_id=draft),
    "the trash": lambda api, draft: Draft.objects.filter(pk=draft).update(deleted_at=timezone.now()),
}


@pytest.mark.parametrize("name", sorted(BETWEEN))
def test_nothing_is_inserted_when_something_came_between(live_api: Api, name: str) -> None:
    made = str(live_api.create()["draft_id"])
    draft, working = get_draft_to_save(draft_id=made)
    BETWEEN[name](live_api, made)
    before = (Blob.objects.count(), BlobPayload.objects.count(), DraftVersion.objects.count())
    assert not insert_version(draft, next_values(draft), working=working, event=values(Verb.SAVE, draft_id=made))
    assert before == (Blob.objects.count(), BlobPayload.objects.count(), DraftVersion.objects.count())


def test_a_version_has_all_its_rows(live_api: Api) -> None:
    made = str(live_api.create()["draft_id"])
    draft, working = get_draft_to_save(draft_id=made)
    version = insert_version(draft, next_values(draft), working=working, event=values(Verb.SAVE, draft_id=made))
    assert version is not None
    assert (version.number, version.content.state, version.content.sha256) == (1, "pending", working.sha256)
    stored = DraftVersion.objects.select_related("content").get(pk=version.pk)
    assert stored.created_at == version.created_at
    assert (stored.draft_id, stored.content_id, stored.content.size) == (made, version.content.pk, working.size)
    assert stored.content.created_at == version.content.created_at
    assert Draft.objects.get(pk=made).head_id == version.pk
    assert BlobPayload.objects.get().blob_id == version.content.pk
    assert get_draft_to_save(draft_id=made)[0].head == version


def test_saves_and_edits_at_once_make_every_number_once_and_lose_no_edit(live_api: Api) -> None:
    made = str(live_api.create()["draft_id"])
    document = live_api.content(made)

    def work(number: int) -> None:
        client = Api(Client())
        for step in range(8):
            assert client.put_content(made, {**document, "duration": 100 * number + step}).status_code == 200
            assert client.save(made).status_code == 200
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(1, 5)))
    numbers = list(DraftVersion.objects.order_by("number").values_list("number", "revision"))
    assert [number for number, _ in numbers] == list(range(1, len(numbers) + 1))
    assert [revision for _, revision in numbers] == sorted({revision for _, revision in numbers})
    draft = Draft.objects.select_related("head").get(pk=made)
    assert draft.revision == 33
    assert draft.head is not None
    assert (draft.head.revision, draft.head.duration) == (33, live_api.content(made)["duration"])
