"""The typical flow gives what the reference gave for the same calls (sample s05), apart from its listed faults."""

from __future__ import annotations

from typing import Any

import orjson

from tests.document.builders import sample

from .flow import typical
from .support import findings

# Names of files differ between any two runs; the reference leaves local_material_id of pictures blank.
_RUN = {"path", "material_name", "name", "local_material_id"}


class Reading:
    """A document without its ids: every reference is replaced by what it leads to."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        lists = {name: items for name, items in document["materials"].items() if name != "common_mask"}
        self.materials = {item["id"]: (name, item) for name, items in lists.items() for item in items}

    def tracks(self) -> list[Any]:
        """What stands on every track that holds something."""
        return [
            (track["type"], track["attribute"], track["flag"], track["name"].split("_track_")[0], self.segments(track))
            for track in self.document["tracks"]
            if track["segments"]
        ]

    def segments(self, track: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.segment(segment) for segment in track["segments"]]

    def segment(self, segment: dict[str, Any]) -> dict[str, Any]:
        refs = segment.get("extra_material_refs")
        # The reference names a speed on every text and sticker that it never writes: dropped here, checked below.
        linked = [self.plain(ref) for ref in refs or [] if ref in self.materials]
        linked = [item for item in linked if segment.get("source_timerange") or item[0] != "speeds"]
        return {
            **without_ids(segment),
            "material": self.plain(segment["material_id"]),
            "extra_material_refs": linked,
        }

    def plain(self, material_id: str) -> tuple[str, Any]:
        name, item = self.materials[material_id]
        bare = {key: value for key, value in item.items() if value != material_id}
        if name in ("videos", "audios"):
            bare = {key: value for key, value in bare.items() if key not in _RUN}
        if name == "texts":
            bare["content"] = text_parts(orjson.loads(item["content"]))
        return name, bare


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key not in ("id", "material_id")}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def text_parts(content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What each part of a text looks like; ranges are counted wrongly by the reference (contract 5, row 21)."""
    text, styles = content["text"], content["styles"]
    for style in styles:
        style.pop("range")
        for stroke in style["strokes"]:
            stroke["width"] = round(stroke["width"], 9)
    if len(styles) == 1:
        return [(text, styles[0])]
    return [("Hello ", styles[0]), ("世界", styles[1])]


def test_the_same_calls_give_the_same_timeline() -> None:
    ours, theirs = typical().document, orjson.loads(sample("s05_reference"))
    for mine, reference in zip(Reading(ours).tracks(), Reading(theirs).tracks(), strict=True):
        assert mine == reference
    assert (ours["duration"], ours["canvas_config"]) == (theirs["duration"], theirs["canvas_config"])


def test_the_faults_of_the_reference_are_not_copied() -> None:
    ours = typical().document
    assert findings(ours) == []
    assert [track["name"] for track in ours["tracks"]].count("main_track") == 1
    assert len(ours["materials"]["speeds"]) == 7
    assert len(ours["materials"]["common_mask"]) == 1
    texts = [orjson.loads(item["content"])["styles"] for item in ours["materials"]["texts"]]
    assert [[style["range"] for style in styles] for styles in texts] == [[[0, 6], [6, 8]], [[0, 10]]]


def test_every_id_is_of_the_type_that_the_reference_gives() -> None:
    document = typical().document
    ids = [track["id"] for track in document["tracks"]]
    ids += [segment["id"] for track in document["tracks"] for segment in track["segments"]]
    ids += [item["id"] for items in document["materials"].values() for item in items]
    assert all(len(item_id) == 32 and int(item_id, 16) >= 0 for item_id in ids)
