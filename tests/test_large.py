"""Large documents are worked on one at a time in a process; the small ones of others pass by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drafts.core import large
from tests.bench.documents import Document
from tests.support import MATE, Api, body_of, zip_of

pytestmark = pytest.mark.django_db(transaction=True)
CAPTION = {"start": 0, "end": 1_000_000, "text": "hello"}


def draft(api: Api, size: int) -> str:
    """A draft whose document has at least so many bytes."""
    draft_id = str(api.create()["draft_id"])
    assert api.put_content(draft_id, Document(size).data).status_code == 200
    return draft_id


def put(api: Api, draft_id: str) -> Any:
    return api.put_content(draft_id, body_of(api.get(f"/api/v1/drafts/{draft_id}/content")))


def edit(api: Api, draft_id: str) -> Any:
    return api.post(f"/api/v1/drafts/{draft_id}/edits", {"operations": [{"op": "add_captions", "items": [CAPTION]}]})


def import_zip(api: Api, draft_id: str) -> Any:
    return api.import_zip(zip_of({"draft_content.json": body_of(api.get(f"/api/v1/drafts/{draft_id}/content"))}))


def meta_file(api: Api, draft_id: str) -> Any:
    files = api.get(f"{MATE}/get_draft?draft_id={draft_id}").json()["files"]
    return api.get(next(url for url in files if url.endswith("/draft_meta_info.json")))


def timeline(api: Api, draft_id: str) -> Any:
    return api.get(f"/api/v1/drafts/{draft_id}/timeline")


def picture(api: Api, draft_id: str) -> Any:
    return api.get(f"/api/v1/drafts/{draft_id}/timeline.svg")


def integrity(api: Api, draft_id: str) -> Any:
    return api.get(f"/api/v1/drafts/{draft_id}/integrity")


def subtitles(api: Api, draft_id: str) -> Any:
    return api.get(f"/api/v1/drafts/{draft_id}/subtitles.srt")


@pytest.fixture
def busy(settings: Any) -> Iterator[None]:
    """Somebody else works on a large document."""
    settings.DRAFT_LOCK_SECONDS = 0.1
    taken, done = threading.Event(), threading.Event()

    def work() -> None:
        with large.one_at_a_time(large.LARGE):
            taken.set()
            done.wait(60)

    worker = threading.Thread(target=work)
    worker.start()
    taken.wait(60)
    yield
    done.set()
    worker.join()


@pytest.mark.parametrize("work", [put, edit, import_zip, meta_file, timeline, picture, integrity, subtitles])
def test_a_large_document_waits_for_the_one_in_hand_and_small_ones_do_not(
    api: Api, work: Callable[[Api, str], Any], request: pytest.FixtureRequest
) -> None:
    small, big = draft(api, 10_000), draft(api, large.LARGE)
    assert work(api, big).status_code in {200, 201}
    request.getfixturevalue("busy")
    refused = work(api, big)
    assert (refused.status_code, refused.json()["code"]) == (503, 3007)
    assert refused.headers["Retry-After"]
    assert work(api, small).status_code in {200, 201}
