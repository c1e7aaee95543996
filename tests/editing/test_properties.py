"""What holds after any edit of any document."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafts.document import canonical
from drafts.document.integrity import check
from drafts.editing.apply import Edited, apply
from drafts.editing.commands import Added, Changed, Command
from drafts.editing.errors import EditError

from .strategies import Plan, damaged, plans, sound

_EDITS = st.lists(plans, min_size=1, max_size=5)
_TARGETED = ("common_keyframes", "uniform_scale", "extra_material_refs")
_ID = re.compile(rb"\b[0-9a-f]{32}\b")
_RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def commands_of(data: bytes, edits: list[Plan]) -> list[Command]:
    document = orjson.loads(data)
    return [command for plan in edits for command in plan(document)]


def faults(document: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Broken rules without their places, which move when tracks are put in between."""
    return Counter((finding.rule, finding.message) for finding in check(document))


def assert_only_added(before: dict[str, Any], edited: Edited) -> None:
    """Nothing that stood there has changed, but for what keyframes and masks are put into, and the duration."""
    after = orjson.loads(edited.data)
    for document in (before, after):
        document.pop("duration", None)
    old_tracks, new_tracks = before.pop("tracks"), after.pop("tracks")
    made, targets = made_tracks(edited), touched(edited)
    kept = [track for track in new_tracks if track.get("id") not in made]
    for old, new in zip(old_tracks, kept, strict=True):
        assert_segments(old, new, targets)
    old_lists, new_lists = before.pop("materials"), after.pop("materials")
    assert list(new_lists)[: len(old_lists)] == list(old_lists)
    for name, items in old_lists.items():
        assert written(new_lists[name][: len(items)]) == written(items)
    assert written(after) == written(before)


def assert_segments(old: dict[str, Any], new: dict[str, Any], targets: list[str]) -> None:
    for segment, changed in zip(old["segments"], new["segments"], strict=True):
        if segment.get("id") in targets:
            for key in _TARGETED:
                segment.pop(key, None)
                changed.pop(key, None)
    assert written(new) == written(old)


def written(value: Any) -> bytes:
    """As JSON: equal only if the order of keys and the kinds of numbers are."""
    return orjson.dumps(value)


def made_tracks(edited: Edited) -> list[str]:
    return [track_id for result in edited.results if isinstance(result, Added) for track_id in result.track_ids]


def touched(edited: Edited) -> list[str]:
    changes = [result for result in edited.results if isinstance(result, Changed)]
    return [segment_id for change in changes for segment_id in change.segment_ids]


def renumbered(edited: Edited, before: bytes) -> bytes:
    """The document with new ids replaced by numbers in the order of their appearance."""
    known = set(_ID.findall(before))
    numbers: dict[bytes, bytes] = {}

    def number(found: re.Match[bytes]) -> bytes:
        name = found[0]
        return name if name in known else numbers.setdefault(name, b"#%d" % len(numbers))

    return _ID.sub(number, edited.data.replace(b"_track_", b"_track_ "))


def attempt(data: bytes, commands: list[Command]) -> Edited | EditError:
    try:
        return apply(data, commands)
    except EditError as error:
        return error


def assert_sound(data: bytes, edits: list[Plan]) -> None:
    """An edit of a sample: no new fault, nothing else changed, the same again for the same commands."""
    commands = commands_of(data, edits)
    edited, again = attempt(data, commands), attempt(data, commands)
    if isinstance(edited, EditError):
        assert isinstance(again, EditError)
        assert (edited.place, edited.code, edited.command) == (again.place, again.code, again.command)
        return
    assert isinstance(again, Edited)
    before = orjson.loads(data)
    assert edited.data == canonical.dumps(edited.document)
    assert edited.document["duration"] == canonical.end_of(edited.document)
    assert faults(edited.document) - faults(before) == Counter()
    assert renumbered(edited, data) == renumbered(again, data)
    assert_only_added(before, edited)


def assert_tolerant(data: bytes, edits: list[Plan]) -> None:
    """An edit of a damaged document either refuses or adds what it should, and never loses anything."""
    edited = attempt(data, commands_of(data, edits))
    if isinstance(edited, Edited):
        assert canonical.parse_document(edited.data)
        assert_only_added(orjson.loads(data), edited)


@settings(max_examples=40, **_RELAXED)
@given(data=sound, edits=_EDITS)
def test_an_edit_adds_what_it_says_and_nothing_else(data: bytes, edits: list[Plan]) -> None:
    assert_sound(data, edits)


@settings(max_examples=40, **_RELAXED)
@given(data=damaged(), edits=_EDITS)
def test_a_damaged_document_is_edited_or_refused(data: bytes, edits: list[Plan]) -> None:
    assert_tolerant(data, edits)


@pytest.mark.slow
@settings(max_examples=6000, **_RELAXED)
@given(data=sound, edits=st.lists(plans, min_size=1, max_size=20))
def test_long_runs_of_edits(data: bytes, edits: list[Plan]) -> None:
    assert_sound(data, edits)


@pytest.mark.slow
@settings(max_examples=4000, **_RELAXED)
@given(data=damaged(), edits=_EDITS)
def test_many_damaged_documents(data: bytes, edits: list[Plan]) -> None:
    assert_tolerant(data, edits)
