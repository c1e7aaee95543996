"""The main job on real input: a draft goes in, is saved, and comes out."""

from __future__ import annotations

from pathlib import Path

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
