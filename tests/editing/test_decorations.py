"""Keyframes, masks, effects, filters and stickers on what exists, and how tracks are layered."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from drafts.editing.commands import (
    AddAudios,
    AddCaptions,
    AddEffects,
    AddFilters,
    AddImages,
    AddKeyframes,
    AddMasks,
    AddSticker,
    AudioItem,
    Clip,
    Command,
    EffectItem,
    FilterItem,
    Keyframe,
)
from drafts.editing.errors import EditError
from tests.document.builders import sample

from .support import MUSIC, SECOND, Edited, added, caption, changed, edit, findings, found, picture

IMAGES = AddImages(items=(picture(0, 3),))


def keys(segment: dict[str, Any], name: str) -> list[tuple[int, float]]:
    groups = [group for group in segment["common_keyframes"] if group["property_type"] == name]
    return [(key["time_offset"], key["values"][0]) for group in groups for key in group["keyframe_list"]]


def keyed(base: Edited, *items: tuple[str, int, float]) -> Edited:
    segment_id = added(base).segments[0].segment_id
    wanted = tuple(Keyframe(segment_id=segment_id, property=name, offset=at, value=value) for name, at, value in items)
    return edit(AddKeyframes(items=wanted), data=base.data)


def test_keyframes_are_sorted_clamped_and_replaced() -> None:
    base = edit(IMAGES)
    name = "KFTypePositionX"
    edited = keyed(base, (name, 9 * SECOND, 64), (name, 0, -1), (name, 3 * SECOND, 0.5), (name, 5, 640))
    segment = found(edited.document, added(base).segments[0].segment_id)
    assert keys(segment, name) == [(0, -1.0), (5, 0.5), (3 * SECOND, 0.5)]
    assert changed(edited).segment_ids == (segment["id"],)
    assert findings(edited.document) == []


def test_uniform_scale_is_kept_as_scale_x_until_a_side_is_keyed() -> None:
    base = edit(IMAGES)
    edited = keyed(base, ("UNIFORM_SCALE", 0, 1.5))
    segment = found(edited.document, added(base).segments[0].segment_id)
    assert (keys(segment, "KFTypeScaleX"), segment["uniform_scale"]["on"]) == ([(0, 1.5)], True)
    sides = keyed(base, ("KFTypeScaleY", 0, 2))
    assert found(sides.document, segment["id"])["uniform_scale"] == {"on": False, "value": 1.0}
    with pytest.raises(EditError) as caught:
        keyed(base, ("KFTypeScaleY", 0, 2), ("UNIFORM_SCALE", 0, 2))
    assert (caught.value.code, caught.value.place) == (2017, "keyframes[1].property")


def test_a_keyframe_joins_those_that_others_made() -> None:
    data = sample("s02_effects")
    before = orjson.loads(data)
    segment = next(
        segment for track in before["tracks"] for segment in track["segments"] if keys(segment, "KFTypePositionX")
    )
    item = Keyframe(segment_id=segment["id"], property="KFTypePositionX", offset=1, value=0.25)
    edited = edit(AddKeyframes(items=(item,)), data=data)
    after = found(edited.document, segment["id"])
    assert set(keys(after, "KFTypePositionX")) == {*keys(segment, "KFTypePositionX"), (1, 0.25)}
    assert len(after["common_keyframes"]) == len(segment["common_keyframes"])


def test_a_mask_stands_in_both_lists_and_is_put_once() -> None:
    base = edit(IMAGES)
    segment_id = added(base).segments[0].segment_id
    command = AddMasks(
        segment_ids=(segment_id, segment_id), name="Rectangle", x=64, y=-36, width=320, height=90, round_corner=50
    )
    edited = edit(command, data=base.data)
    first, second = changed(edited).made
    assert first == second
    [mask] = edited.document["materials"]["masks"]
    assert mask["config"] == {
        "aspectRatio": 1.0,
        "centerX": 0.2,
        "centerY": -0.2,
        "feather": 0.0,
        "height": 0.25,
        "invert": False,
        "rotation": 0.0,
        "roundCorner": 0.5,
        "width": 0.5,
    }
    assert [item["id"] for item in edited.document["materials"]["common_mask"]] == [first]
    assert findings(edited.document) == []


def test_overlapping_effects_and_filters_get_tracks_of_their_own() -> None:
    effects = AddEffects(
        items=(
            EffectItem(start=0, end=3 * SECOND, name="1998"),
            EffectItem(start=SECOND, end=2 * SECOND, name="BOOM！"),
            EffectItem(start=3 * SECOND, end=4 * SECOND, name="1998"),
        )
    )
    filters = AddFilters(items=(FilterItem(start=0, end=SECOND, name="1980", intensity=70),))
    edited = edit(effects, filters)
    tracks = [found(edited.document, track_id) for track_id in added(edited).track_ids]
    assert [[segment["render_index"] for segment in track["segments"]] for track in tracks] == [[1, 1], [2]]
    kinds = [found(edited.document, placed.material_id)["type"] for placed in added(edited).segments]
    assert kinds == ["video_effect", "face_effect", "video_effect"]
    [placed] = added(edited, 1).segments
    assert found(edited.document, placed.material_id)["value"] == 0.7
    assert findings(edited.document) == []


def test_later_calls_lie_on_top_and_stickers_above_all_before_them() -> None:
    sticker = AddSticker(start=0, end=SECOND, sticker_id="7211102020202020202", clip=Clip(x=128, y=72))
    audio = AddAudios(items=(AudioItem(start=0, end=SECOND, source=MUSIC),))
    captions = AddCaptions(items=(caption(0, 1),))
    edited = edit(IMAGES, IMAGES, audio, captions, sticker, captions, audio)
    layers = [
        (track["type"], track["segments"][0]["render_index"])
        for track in edited.document["tracks"]
        if track["segments"]
    ]
    assert layers == [
        ("video", 1),
        ("video", 2),
        ("audio", 10),
        ("audio", 10),
        ("text", 11),
        ("sticker", 14_000),
        ("text", 14_001),
    ]
    [placed] = added(edited, 4).segments
    assert found(edited.document, placed.segment_id)["clip"]["transform"] == {"x": 0.1, "y": 0.1}
    assert findings(edited.document) == []


def test_unknown_names_are_refused_with_the_closest() -> None:
    filters = AddFilters(items=(FilterItem(start=0, end=1, name="1981"),))
    effects = AddEffects(items=(EffectItem(start=0, end=1, name="1998 "), EffectItem(start=1, end=2, name="啊啊啊")))
    for command, code, place in (
        (filters, 2039, "filter_infos[0].filter_title"),
        (effects, 2022, "effect_infos[1].effect_title"),
        (AddMasks(segment_ids=("x",), name="blob"), 2025, "name"),
    ):
        with pytest.raises(EditError) as caught:
            edit(command)
        assert (caught.value.code, caught.value.status, caught.value.place) == (code, 404, place)
    assert caught.value.hint is not None
    assert "圆形" in caught.value.hint.en


def keyframe(**more: Any) -> AddKeyframes:
    item = {"segment_id": "nobody", "property": "KFTypeAlpha", "offset": 0, "value": 1.0, **more}
    return AddKeyframes(items=(Keyframe(**item),))


@pytest.mark.parametrize(
    ("command", "code", "place"),
    [
        (AddKeyframes(items=()), 2013, "keyframes"),
        (keyframe(property="position.x"), 2013, "keyframes[0].property"),
        (keyframe(offset=-1), 2013, "keyframes[0].offset"),
        (keyframe(value=float("inf")), 2013, "keyframes[0].value"),
        (keyframe(), 2015, "keyframes[0].segment_id"),
        (AddMasks(segment_ids=()), 2023, "segment_ids"),
        (AddMasks(segment_ids=("nobody",)), 2015, "segment_ids[0]"),
        (AddMasks(segment_ids=("nobody",), feather=101), 2023, "feather"),
        (AddMasks(segment_ids=("nobody",), height=0), 2023, "height"),
        (AddEffects(items=()), 2020, "effect_infos"),
        (AddFilters(items=()), 2037, "filter_infos"),
        (
            AddFilters(items=(FilterItem(start=0, end=1, name="1980", intensity=101),)),
            2037,
            "filter_infos[0].intensity",
        ),
        (AddSticker(start=5, end=5, sticker_id="1"), 2011, "end"),
        (AddSticker(start=0, end=5, sticker_id=" "), 2011, "sticker_id"),
    ],
)
def test_refusals_name_the_item(command: Command, code: int, place: str) -> None:
    with pytest.raises(EditError) as caught:
        edit(command)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_masks_and_most_keyframes_go_on_pictures_only() -> None:
    base = edit(AddAudios(items=(AudioItem(start=0, end=SECOND, source=MUSIC),)))
    segment_id = added(base).segments[0].segment_id
    volume = keyframe(segment_id=segment_id, property="KFTypeVolume", value=0.5)
    assert findings(edit(volume, data=base.data).document) == []
    for command in (keyframe(segment_id=segment_id), AddMasks(segment_ids=(segment_id,))):
        with pytest.raises(EditError) as caught:
            edit(command, data=base.data)
        assert caught.value.code == 2016
