"""Taking segments off, and what goes with them."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from drafts.document import canonical
from drafts.document.integrity import check
from drafts.editing.finalise import finalise
from drafts.editing.timeline import Timeline
from tests.document.builders import SAMPLE_NAMES, sample


def orphans(document: dict[str, Any]) -> set[str]:
    """Materials that nothing refers to."""
    places = [finding.place for finding in check(document) if finding.rule == "R17"]
    found: set[str] = set()
    for place in places:
        _, _, name, number = place.split("/")
        found.add(document["materials"][name][int(number)]["id"])
    return found


def stripped(document: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """The document without the segments of these tracks (all without kinds)."""
    timeline = Timeline(copy.deepcopy(document))
    for track in document["tracks"]:
        for segment in track["segments"] if not kinds or track["type"] in kinds else ():
            located = timeline.segment(segment["id"])
            assert located is not None
            timeline.remove_segment(located)
            assert timeline.segment(segment["id"]) is None
    finalise(timeline)
    return timeline.document


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_what_only_a_removed_segment_used_goes_with_it(name: str) -> None:
    before = orjson.loads(sample(name))
    for kinds in (("text",), ("video",), ("audio", "effect", "sticker")):
        after = stripped(before, *kinds)
        assert orphans(after) <= orphans(before)
        assert after["duration"] == canonical.end_of(after)
        kept = [track for track in after["tracks"] if track["type"] not in kinds]
        assert kept == [track for track in before["tracks"] if track["type"] not in kinds]


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_an_emptied_draft_lasts_no_time_and_keeps_only_old_orphans(name: str) -> None:
    before = orjson.loads(sample(name))
    after = stripped(before)
    assert after["duration"] == 0
    left = {item["id"] for items in after["materials"].values() for item in items}
    assert left == orphans(before)
