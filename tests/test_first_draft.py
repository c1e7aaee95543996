"""The main job on real input: a draft goes in, is saved, and comes out."""

from __future__ import annotations

import hashlib
from pathlib import Path

from drafts.core import blobs, persist
from drafts.core.models import BlobPayload
from drafts.models import DraftVersion
from tests.support import MATE, Api, body_of, path_of


def test_a_sample_comes_out_file_by_file_as_it_went_in(api: Api, sample: Path) -> None:
    draft = api.imported(sample)
    listed = api.get(f"{MATE}/get_draft?draft_id={draft['id']}").json()["files"]
    delivered = {url.split(f"/{draft['id']}/", 1)[1]: body_of(api.get(path_of(url))) for url in listed}
    assert listed[0].endswith("/draft_content.json")
    assert delivered["draft_content.json"] == delivered["draft_info.json"]
    media = {str(path.relative_to(sample)) for path in (sample / "assets").rglob("*") if path.is_file()}
    assert media <= set(delivered)
    for name in media:
        assert delivered[name] == (sample / name).read_bytes()


def test_a_sample_is_saved_and_persisted_to_the_byte(api: Api, sample: Path) -> None:
    draft = api.imported(sample)
    document = api.content(draft["id"])
    assert api.put_content(draft["id"], {**document, "name": "edited"}).status_code == 200
    assert api.save(draft["draft_url"]).json()["version"] == 2
    assert persist.drain().stored == 2
    assert not BlobPayload.objects.exists()
    for version in DraftVersion.objects.filter(draft=draft["id"]).select_related("content"):
        data = b"".join(blobs.store().stream(version.content.key))
        assert hashlib.sha256(data).hexdigest() == version.content.sha256
        assert api.get(f"/api/v1/drafts/{draft['id']}/versions/{version.number}/content").content == data
    assert api.get(f"/api/v1/drafts/{draft['id']}/versions/1/content").json() == document
