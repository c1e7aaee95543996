"""Videos, images and sound: place, length, speed, size, decorations and refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drafts.editing.commands import (
    AddAudios,
    AddImages,
    AddVideos,
    Animation,
    AudioItem,
    Clip,
    Command,
    Span,
    Transition,
)
from drafts.editing.errors import EditError

from .support import CLIP, MUSIC, PHOTO, SECOND, added, edit, findings, found, linked, picture


def times(edited: Any) -> list[tuple[float, float]]:
    return [(placed.start / SECOND, placed.end / SECOND) for placed in added(edited).segments]


def test_a_video_ends_with_its_file_and_the_answer_says_so() -> None:
    edited = edit(AddVideos(items=(picture(1, 9, CLIP, volume=0.5),)))
    [placed] = added(edited).segments
    segment = found(edited.document, placed.segment_id)
    assert times(edited) == [(1, 5)]
    assert segment["target_timerange"] == {"start": SECOND, "duration": 4 * SECOND}
    assert segment["source_timerange"] == {"start": 0, "duration": 4 * SECOND}
    assert (segment["volume"], edited.document["duration"]) == (0.5, 5 * SECOND)
    material = found(edited.document, placed.material_id)
    assert (material["local_material_id"], material["material_name"]) == (material["id"], "clip.mp4")
    assert findings(edited.document) == []


def test_a_scene_retimes_its_video() -> None:
    edited = edit(AddVideos(items=(picture(0, 2, CLIP),), scenes=(Span(start=0, end=SECOND),)))
    [placed] = added(edited).segments
    segment = found(edited.document, placed.segment_id)
    assert times(edited) == [(0, 1)]
    assert (segment["speed"], segment["source_timerange"]["duration"]) == (2.0, 2 * SECOND)
    assert [item["speed"] for item in linked(edited.document, placed.segment_id, "speeds")] == [2.0]
    assert findings(edited.document) == []


def test_scenes_for_every_video_lay_them_end_to_end() -> None:
    items = (picture(5, 7, CLIP), picture(5, 8, CLIP))
    scenes = (Span(start=0, end=SECOND), Span(start=0, end=SECOND * 6), None)
    edited = edit(AddVideos(items=items, scenes=scenes))
    assert times(edited) == [(5, 6), (6, 12)]
    assert times(edit(AddVideos(items=items, scenes=(None, scenes[1])))) == [(5, 7), (5, 11)]


def test_overlapping_videos_go_to_a_track_above() -> None:
    items = (picture(0, 4, CLIP), picture(1, 3, CLIP), picture(4, 5, CLIP))
    edited = edit(AddVideos(items=items))
    tracks = [found(edited.document, track_id) for track_id in added(edited).track_ids]
    assert [len(track["segments"]) for track in tracks] == [2, 1]
    assert [track["segments"][0]["render_index"] for track in tracks] == [1, 2]
    assert findings(edited.document) == []


def test_width_and_height_fit_the_picture_into_a_box() -> None:
    tall = replace(PHOTO, width=300, height=600)
    items = (picture(0, 1, width=640, height=720), picture(1, 2, tall, height=360), picture(2, 3))
    edited = edit(AddImages(items=items, clip=Clip(scale_x=1.0, scale_y=1.0)))
    scales = [found(edited.document, placed.segment_id)["clip"]["scale"] for placed in added(edited).segments]
    assert scales == [{"x": 0.5, "y": 0.5}, {"x": 0.5, "y": 0.5}, {"x": 1.0, "y": 1.0}]


def test_a_transition_needs_a_touching_successor_and_is_not_longer_than_it() -> None:
    join = Transition(name="叠化", duration=2 * SECOND)
    items = (picture(0, 3, transition=join), picture(3, 4, transition=join), picture(5, 6))
    edited = edit(AddImages(items=items))
    first, second, _ = added(edited).segments
    assert [item["duration"] for item in linked(edited.document, first.segment_id, "transitions")] == [SECOND]
    assert linked(edited.document, second.segment_id, "transitions") == []
    assert [warning.en for warning in added(edited).warnings] == [
        "image_infos[1].transition: left out, nothing on the track starts where this ends"
    ]
    assert findings(edited.document) == []


def test_a_group_animation_stands_alone() -> None:
    loop = Animation(kind="loop", name="三分割")
    items = (picture(0, 3, animations=(loop,)), picture(3, 6, animations=(Animation(kind="in", name="渐显"), loop)))
    edited = edit(AddImages(items=items))
    made = [
        [(item["type"], item["start"], item["duration"]) for item in material["animations"]]
        for placed in added(edited).segments
        for material in linked(edited.document, placed.segment_id, "material_animations")
    ]
    assert made == [[("group", 0, 3 * SECOND)], [("in", 0, 500_000)]]
    [warning] = added(edited).warnings
    assert warning.en.startswith("image_infos[1].loop_animation: cannot be combined")
    assert findings(edited.document) == []


def test_a_mask_of_an_item_is_half_as_high_as_the_picture() -> None:
    edited = edit(AddVideos(items=(picture(0, 1, CLIP, mask="Circle"), picture(1, 2, CLIP, mask="blob"))))
    [mask] = linked(edited.document, added(edited).segments[0].segment_id, "masks")
    assert (mask["name"], mask["config"]["height"], mask["config"]["width"]) == ("圆形", 0.5, 0.28125)
    [warning] = added(edited).warnings
    assert warning.en.startswith("video_infos[1].mask: no mask is called 'blob'")
    assert findings(edited.document) == []


def test_sound_has_fades_and_effects_and_lies_on_layer_ten() -> None:
    items = (
        AudioItem(start=0, end=20 * SECOND, source=MUSIC, volume=0.4, fade_in=SECOND, fade_out=20 * SECOND),
        AudioItem(start=12 * SECOND, end=13 * SECOND, source=MUSIC, effect="8bit"),
    )
    edited = edit(AddAudios(items=items))
    first, second = added(edited).segments
    assert times(edited) == [(0, 12), (12, 13)]
    [fade] = linked(edited.document, first.segment_id, "audio_fades")
    assert (fade["fade_in_duration"], fade["fade_out_duration"]) == (SECOND, 11 * SECOND)
    [effect] = linked(edited.document, second.segment_id, "audio_effects")
    assert [param["value"] for param in effect["audio_adjust_params"]] == [0.5, 1.0, 1.0]
    segment = found(edited.document, first.segment_id)
    assert (segment["clip"], segment["render_index"], segment["volume"]) == (None, 10, 0.4)
    assert findings(edited.document) == []


def sound(start: float, end: float, **more: Any) -> AudioItem:
    item = {"source": MUSIC, **more}
    return AudioItem(start=round(start * SECOND), end=round(end * SECOND), **item)


@pytest.mark.parametrize(
    ("command", "code", "sentence"),
    [
        (AddVideos(items=()), 2003, "video_infos must not be empty"),
        (
            AddVideos(items=(picture(0, 1, CLIP, width=0),)),
            2003,
            "video_infos[0].width must be greater than 0",
        ),
        (AddVideos(items=(picture(0, 1, CLIP, volume=11),)), 2003, "video_infos[0].volume must lie in 0..10"),
        (AddVideos(items=(picture(0, 1, MUSIC),)), 2006, "video_infos[0] has sound but no picture"),
        (AddVideos(items=(picture(0, 1, CLIP),), clip=Clip(alpha=1.5)), 1001, "alpha must lie in 0..1"),
        (AddVideos(items=(picture(0, 1, CLIP),), clip=Clip(scale_x=0)), 1001, "scale_x must not be 0"),
        (
            AddVideos(items=(picture(0, 1, CLIP),), clip=Clip(x=float("nan"))),
            1001,
            "transform_x must be a finite number",
        ),
        (AddImages(items=(picture(0, 2), picture(1, 3))), 2010, "image_infos[1] overlaps image_infos[0]"),
        (AddImages(items=(picture(2, 4), picture(1, 3))), 2010, "image_infos[1] overlaps image_infos[0]"),
        (AddAudios(items=(sound(0, 2), sound(1, 3))), 2008, "audio_infos[1] overlaps audio_infos[0]"),
        (AddAudios(items=(sound(0, 2, source=CLIP),)), 2008, "audio_infos[0] is not an audio file"),
        (AddAudios(items=(sound(0, 2, fade_in=-1),)), 2007, "audio_infos[0].fade_in must not be negative"),
        (AddAudios(items=(sound(0, 2**60),)), 2007, "audio_infos[0].end must be at most 9007199254740992 microseconds"),
    ],
)
def test_refusals_name_the_item(command: Command, code: int, sentence: str) -> None:
    with pytest.raises(EditError) as caught:
        edit(command)
    assert (caught.value.code, caught.value.detail.en) == (code, sentence)
