"""Changes of what exists, made by us or by any other producer."""

from __future__ import annotations

import copy
import random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafts.document.compare import compare
from drafts.document.integrity import check
from drafts.editing import subtitles
from drafts.editing.apply import Edited, apply
from drafts.editing.changes import (
    AdjustPicture,
    ChangeCanvas,
    ChangeClip,
    ChangeSpeed,
    ChangeText,
    ChangeTrack,
    ChangeVolume,
    DeleteSegments,
    ImportSubtitles,
    MoveSegment,
    MoveTrack,
    Operation,
    RemoveUnused,
    ReplaceMedia,
    SplitSegment,
    StyleChange,
    TrimSegment,
)
from drafts.editing.commands import (
    AddAudios,
    AddCaptions,
    AddImages,
    AddKeyframes,
    AddMasks,
    AddVideos,
    Animation,
    AudioItem,
    Keyframe,
    Source,
    Transition,
)
from drafts.editing.errors import EditError
from tests.document.builders import SAMPLE_NAMES, sample

from .support import (
    CLIP,
    MUSIC,
    PHOTO,
    SECOND,
    added,
    caption,
    changed,
    content,
    edit,
    findings,
    found,
    linked,
    picture,
)


def target(edited: Edited, segment_id: str) -> tuple[float, float]:
    """Start and duration in seconds."""
    place = found(edited.document, segment_id)["target_timerange"]
    return place["start"] / SECOND, place["duration"] / SECOND


def source(edited: Edited, segment_id: str) -> tuple[float, float]:
    place = found(edited.document, segment_id)["source_timerange"]
    return place["start"] / SECOND, place["duration"] / SECOND


def ids(edited: Edited, number: int = 0) -> list[str]:
    return [placed.segment_id for placed in added(edited, number).segments]


def refused(*commands: Operation, data: bytes) -> EditError:
    with pytest.raises(EditError) as caught:
        apply(data, commands)
    return caught.value


@pytest.fixture
def film() -> Edited:
    """Two clips that touch, joined by a transition, and a third later on the same track."""
    return edit(
        AddVideos(
            items=(
                picture(0, 3, CLIP, transition=Transition(name="叠化", duration=SECOND)),
                picture(3, 6, CLIP),
                picture(8, 9, CLIP),
            )
        )
    )


def test_moving_to_a_free_place_takes_the_loose_transition_off(film: Edited) -> None:
    first, second, third = ids(film)
    moved = apply(film.data, [MoveSegment(segment_id=second, start=10 * SECOND)])
    assert target(moved, second) == (10, 3)
    assert [segment["id"] for segment in moved.document["tracks"][-1]["segments"]] == [first, third, second]
    assert moved.document["materials"]["transitions"] == []
    assert "transition" in changed(moved).warnings[0].en
    assert moved.document["duration"] == 13 * SECOND
    assert findings(moved.document) == []


def test_a_taken_place_is_refused_and_names_the_segment(film: Edited) -> None:
    _, second, third = ids(film)
    error = refused(MoveSegment(segment_id=third, start=5 * SECOND), data=film.data)
    assert (error.status, error.code, error.place) == (422, 3012, "start")
    assert second in error.detail.en


def test_moving_to_another_track_of_the_same_type() -> None:
    pictures = [AddImages(items=(picture(0, end),)) for end in (2, 1)]
    made = edit(*pictures, AddCaptions(items=(caption(0, 1),)))
    [one], [two] = ids(made, 0), ids(made, 1)
    other = added(made, 1).track_ids[0]
    moved = apply(made.data, [MoveSegment(segment_id=one, start=SECOND, track_id=other)])
    assert found(moved.document, one)["render_index"] == found(moved.document, two)["render_index"]
    assert [item["id"] for item in found(moved.document, other)["segments"]] == [two, one]
    assert findings(moved.document) == []
    text = added(made, 2).track_ids[0]
    assert refused(MoveSegment(segment_id=one, start=0, track_id=text), data=made.data).code == 2016
    assert refused(MoveSegment(segment_id=one, start=0, track_id="?"), data=made.data).code == 1002


def test_trimming_the_head_plays_the_source_from_later(film: Edited) -> None:
    first = ids(film)[0]
    keyed = apply(
        film.data,
        [
            AddKeyframes(
                items=tuple(
                    Keyframe(segment_id=first, property="KFTypeAlpha", offset=offset, value=value)
                    for offset, value in ((0, 0.0), (2 * SECOND, 1.0))
                )
            ),
            TrimSegment(segment_id=first, start=SECOND),
        ],
    )
    assert (target(keyed, first), source(keyed, first)) == ((1, 2), (1, 2))
    keys = found(keyed.document, first)["common_keyframes"][0]["keyframe_list"]
    assert [(key["time_offset"], key["values"]) for key in keys] == [(0, [0.5]), (SECOND, [1.0])]
    assert findings(keyed.document) == []


def test_a_clip_cannot_be_longer_than_its_file_and_a_still_can(film: Edited) -> None:
    third = ids(film)[2]
    longest = apply(film.data, [TrimSegment(segment_id=third, end=12 * SECOND)])
    assert source(longest, third) == (0, 4)
    error = refused(TrimSegment(segment_id=third, end=12 * SECOND + 100_000), data=film.data)
    assert (error.place, error.rule) == ("end", "source")
    assert str(12 * SECOND) in error.detail.en
    assert refused(TrimSegment(segment_id=third, start=7 * SECOND), data=film.data).rule == "source"
    still = edit(AddImages(items=(picture(1, 2),)))
    grown = apply(still.data, [TrimSegment(segment_id=ids(still)[0], start=0, end=100 * SECOND)])
    assert (target(grown, ids(still)[0]), findings(grown.document)) == ((0, 100), [])


def test_splitting_shares_the_file_and_nothing_else() -> None:
    animations = (Animation(kind="in", name="渐显"), Animation(kind="out", name="渐隐"))
    made = edit(AddVideos(items=(picture(1, 4, CLIP, animations=animations, mask="圆形"),)))
    [whole] = ids(made)
    split = apply(made.data, [SplitSegment(segment_id=whole, at=2 * SECOND)])
    [second] = changed(split).made
    assert (target(split, whole), target(split, second)) == ((1, 1), (2, 2))
    assert (source(split, whole), source(split, second)) == ((0, 1), (1, 2))
    assert found(split.document, whole)["material_id"] == found(split.document, second)["material_id"]
    refs = [set(found(split.document, each)["extra_material_refs"]) for each in (whole, second)]
    assert not refs[0] & refs[1]
    kinds = [
        [item["type"] for item in linked(split.document, each, "material_animations")[0]["animations"]]
        for each in (whole, second)
    ]
    assert kinds == [["in"], ["out"]]
    assert findings(split.document) == []
    assert refused(SplitSegment(segment_id=whole, at=SECOND), data=made.data).place == "at"


def test_a_split_caption_has_words_of_its_own() -> None:
    made = edit(AddCaptions(items=(caption(0, 4, "你好"),)))
    [whole] = ids(made)
    split = apply(made.data, [SplitSegment(segment_id=whole, at=SECOND), ChangeText(segment_ids=("$0",), text="再见")])
    [second] = changed(split).made
    texts = [content(split.document, found(split.document, each)["material_id"])["text"] for each in (whole, second)]
    assert texts == ["你好", "再见"]
    assert findings(split.document) == []


def test_deleting_takes_what_only_it_used_and_ripples_on_request(film: Edited) -> None:
    first, second, third = ids(film)
    gone = apply(film.data, [DeleteSegments(segment_ids=(second,))])
    assert changed(gone).removed == (second,)
    assert (target(gone, third), gone.document["duration"]) == ((8, 1), 9 * SECOND)
    assert [len(gone.document["materials"][name]) for name in ("videos", "speeds", "transitions")] == [2, 2, 0]
    closed = apply(film.data, [DeleteSegments(segment_ids=(second,), ripple=True)])
    assert target(closed, third) == (5, 1)
    assert findings(gone.document) == findings(closed.document) == []
    empty = apply(film.data, [DeleteSegments(segment_ids=(first, second, third))])
    assert empty.document["duration"] == 0
    assert empty.document["materials"]["videos"] == []


def test_another_speed_changes_the_length(film: Edited) -> None:
    first, second, _ = ids(film)
    fast = apply(film.data, [ChangeSpeed(segment_ids=(first,), speed=2, ripple=True)])
    assert (target(fast, first), source(fast, first), target(fast, second)) == ((0, 1.5), (0, 3), (1.5, 3))
    assert linked(fast.document, first, "speeds")[0]["speed"] == 2.0
    assert len(fast.document["materials"]["speeds"]) == 3
    assert findings(fast.document) == []
    error = refused(ChangeSpeed(segment_ids=(first,), speed=0.5), data=film.data)
    assert (error.code, error.place) == (3012, "segment_ids[0]")
    assert refused(ChangeSpeed(segment_ids=(first,), speed=0), data=film.data).place == "speed"


def test_replacing_media_keeps_the_place(film: Edited) -> None:
    first, _, third = ids(film)
    swapped = apply(film.data, [ReplaceMedia(segment_id=first, source=PHOTO)])
    assert (target(swapped, first), source(swapped, first)) == ((0, 3), (0, 3))
    material = found(swapped.document, found(swapped.document, first)["material_id"])
    assert (material["type"], material["path"]) == ("photo", PHOTO.path)
    assert len(swapped.document["materials"]["videos"]) == 3
    assert linked(swapped.document, first, "transitions")
    assert findings(swapped.document) == []
    assert refused(ReplaceMedia(segment_id=third, source=MUSIC), data=film.data).code == 2016
    music = edit(AddAudios(items=(AudioItem(start=0, end=9 * SECOND, source=MUSIC),)))
    blip = Source(path="p/a.mp3", name="a", kind="audio", duration=5)
    short = apply(music.data, [ReplaceMedia(segment_id=ids(music)[0], source=blip)])
    assert target(short, ids(music)[0])[1] * SECOND == pytest.approx(5)


def test_words_and_looks_of_a_text_change_and_the_rest_stays() -> None:
    made = edit(AddCaptions(items=(caption(0, 1, "one"), caption(1, 2, "two"))))
    one, two = ids(made)
    edited = apply(
        made.data,
        [
            ChangeText(segment_ids=(one,), text="🎬 new"),
            ChangeText(
                segment_ids=(one, two), style=StyleChange(size=22, bold=True, color="#ff0000", border_color="#000000")
            ),
        ],
    )
    first, second = (content(edited.document, found(edited.document, each)["material_id"]) for each in (one, two))
    assert (first["text"], first["styles"][0]["range"], second["text"]) == ("🎬 new", [0, 6], "two")
    for text in (first, second):
        style = text["styles"][0]
        assert (style["size"], style["bold"], style["fill"]["content"]["solid"]["color"]) == (22, True, [1.0, 0.0, 0.0])
        assert len(style["strokes"]) == 1
    assert found(edited.document, found(edited.document, one)["material_id"])["check_flag"] == 15
    assert findings(edited.document) == []


def test_clip_volume_and_picture(film: Edited) -> None:
    first = ids(film)[0]
    edited = apply(
        film.data,
        [
            ChangeClip(segment_ids=(first,), alpha=0.5, x=640, scale_x=2, flip_horizontal=True),
            ChangeVolume(segment_ids=(first,), volume=0),
            AdjustPicture(segment_ids=(first,), brightness=0.2, saturation=-1),
            AdjustPicture(segment_ids=(first,), brightness=0.3),
        ],
    )
    segment = found(edited.document, first)
    assert segment["clip"]["transform"] == {"x": 0.5, "y": 0.0}
    assert (segment["clip"]["alpha"], segment["clip"]["scale"]) == (0.5, {"x": 2.0, "y": 1.0})
    assert segment["clip"]["flip"] == {"horizontal": True, "vertical": False}
    assert (segment["uniform_scale"]["on"], segment["volume"], segment["last_nonzero_volume"]) == (False, 0.0, 1.0)
    values = {group["property_type"]: group["keyframe_list"][0]["values"] for group in segment["common_keyframes"]}
    assert values == {"KFTypeSaturation": [-1.0], "KFTypeBrightness": [0.3]}
    assert findings(edited.document) == []


def test_tracks_change_places_and_layers_names_and_mute() -> None:
    made = edit(AddImages(items=(picture(0, 1),)), AddCaptions(items=(caption(0, 1),)))
    low, high = added(made, 0).track_ids[0], added(made, 1).track_ids[0]
    order = [track["id"] for track in made.document["tracks"]]
    edited = apply(
        made.data,
        [
            MoveTrack(track_id=high, position=order.index(low)),
            ChangeTrack(track_id=high, name="Titles", muted=True),
        ],
    )
    tracks = edited.document["tracks"]
    assert [track["id"] for track in tracks[-2:]] == [high, low]
    layers = [track["segments"][0]["render_index"] for track in tracks[-2:]]
    assert layers[0] < layers[1]
    assert (tracks[-2]["name"], tracks[-2]["attribute"]) == ("Titles", 1)
    back = apply(edited.data, [ChangeTrack(track_id=high, muted=False)])
    assert found(back.document, high)["attribute"] == 0
    name = tracks[-1]["name"]
    assert refused(ChangeTrack(track_id=high, name=name), data=edited.data).rule == "unique"
    assert refused(MoveTrack(track_id=high, position=9), data=edited.data).place == "position"


def test_canvas_and_unused_materials() -> None:
    document = orjson.loads(edit().data)
    document["materials"]["texts"].append({"id": "lost", "content": "{}", "uses": "also-lost"})
    document["materials"]["effects"].append({"id": "also-lost"})
    edited = apply(orjson.dumps(document), [ChangeCanvas(width=1080, height=1920), RemoveUnused()])
    assert edited.document["canvas_config"] == {"height": 1920, "ratio": "original", "width": 1080}
    assert set(changed(edited, 1).removed) == {"lost", "also-lost"}
    assert refused(ChangeCanvas(width=0, height=1), data=edited.data).place == "width"


SRT = """\ufeff1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> <font color=red>you</font>

2
00:00:02,000 --> 00:00:04,000
第二行
next line

3
00:00:05,000 --> 00:00:05,000
empty
""".replace("\n", "\r\n")


def test_srt_with_mark_crlf_tags_and_overlap() -> None:
    made = edit(ImportSubtitles(text=SRT, offset=SECOND))
    result = added(made)
    assert len(result.track_ids) == 2
    assert [(one.start / SECOND, one.end / SECOND) for one in result.segments] == [(2, 3.5), (3, 5)]
    words = [content(made.document, one.material_id)["text"] for one in result.segments]
    assert words == ["Hello you", "第二行\nnext line"]
    assert findings(made.document) == []
    again = subtitles.read(subtitles.write(made.document))
    assert [(cue.start, cue.end, cue.text) for cue in again] == [
        (2 * SECOND, 3_500_000, "Hello you"),
        (3 * SECOND, 5 * SECOND, "第二行\nnext line"),
    ]


def test_vtt_is_known_by_its_first_line() -> None:
    made = edit(ImportSubtitles(text="WEBVTT\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi</v>\n"))
    assert [(one.start, one.end) for one in added(made).segments] == [(SECOND, 2 * SECOND)]
    assert content(made.document, added(made).segments[0].material_id)["text"] == "Hi"


@pytest.mark.parametrize("text", ["", "hello", "1\n2\n3", "\x00", "WEBVTT"])
def test_what_is_no_subtitle_file_is_refused(text: str) -> None:
    error = refused(ImportSubtitles(text=text), data=edit().data)
    assert (error.code, error.place) == (2018, "text")


def test_a_later_command_names_what_an_earlier_one_made() -> None:
    made = edit(
        AddImages(items=(picture(0, 1), picture(1, 2))),
        AddKeyframes(items=(Keyframe(segment_id="$0.1", property="KFTypeAlpha", offset=0, value=0.5),)),
        AddMasks(segment_ids=("$0", "$0.1"), name="圆形"),
        ChangeTrack(track_id="$0.track", name="Pictures"),
    )
    assert changed(made, 1).segment_ids == (ids(made)[1],)
    assert changed(made, 2).segment_ids == tuple(ids(made))
    assert found(made.document, added(made).track_ids[0])["name"] == "Pictures"
    with pytest.raises(EditError) as caught:
        edit(AddImages(items=(picture(0, 1),)), DeleteSegments(segment_ids=("$0.1",)))
    assert (caught.value.command, caught.value.place) == (1, "segment_ids[0]")


def any_change(document: dict[str, Any], dice: random.Random) -> Operation:
    """Some change that may fit the document."""
    tracks = document["tracks"]
    segments = [(track, segment) for track in tracks for segment in track["segments"]]
    track, segment = dice.choice(segments)
    one, place = segment["id"], segment["target_timerange"]
    start, end = place.get("start", 0), place.get("start", 0) + place["duration"]
    inside = start + dice.randrange(1, max(place["duration"], 2))
    some = tuple(dice.choice(segments)[1]["id"] for _ in range(dice.randint(1, 3)))
    return dice.choice(
        [
            MoveSegment(segment_id=one, start=dice.randrange(0, 30 * SECOND)),
            MoveSegment(segment_id=one, start=end, track_id=dice.choice(tracks)["id"]),
            TrimSegment(segment_id=one, start=inside),
            TrimSegment(segment_id=one, end=inside),
            TrimSegment(segment_id=one, start=max(0, start - SECOND), end=end + SECOND),
            SplitSegment(segment_id=one, at=inside),
            SplitSegment(segment_id=one, at=inside),
            DeleteSegments(segment_ids=some, ripple=dice.random() < 0.5),
            ReplaceMedia(segment_id=one, source=dice.choice([CLIP, PHOTO, MUSIC])),
            ChangeText(segment_ids=(one,), text=dice.choice(["x", "🎬字幕", "a\nb"])),
            ChangeText(
                segment_ids=(one,), style=StyleChange(size=dice.uniform(5, 30), italic=True, border_color="#123456")
            ),
            ChangeClip(
                segment_ids=(one,), alpha=dice.random(), y=dice.uniform(-900, 900), scale_y=dice.uniform(0.1, 3)
            ),
            ChangeVolume(segment_ids=(one,), volume=dice.uniform(0, 10)),
            ChangeSpeed(segment_ids=(one,), speed=dice.choice([0.5, 1.0, 1.37, 3.0]), ripple=dice.random() < 0.7),
            AdjustPicture(segment_ids=(one,), contrast=dice.uniform(-1, 1)),
            MoveTrack(track_id=track["id"], position=dice.randrange(len(tracks))),
            ChangeTrack(track_id=track["id"], muted=dice.random() < 0.5),
            AddKeyframes(
                items=tuple(
                    Keyframe(segment_id=one, property="KFTypePositionX", offset=dice.randrange(5 * SECOND), value=0.3)
                    for _ in range(3)
                )
            ),
            AddVideos(items=(picture(0, 2, CLIP, transition=Transition(name="叠化")), picture(2, 4, PHOTO))),
        ]
    )


def faults(document: dict[str, Any]) -> set[str]:
    """The rules that are broken; R19 is about gaps, which the commands ask for and a warning tells."""
    return {finding.rule for finding in check(document)} - {"R19"}


def walk(name: str, seed: int, steps: int) -> None:
    """Random changes of a sample: no rule is broken that held before, and unnamed segments stay."""
    dice = random.Random(seed)
    data = sample(name)
    allowed = faults(orjson.loads(data))
    for _ in range(steps):
        document = orjson.loads(data)
        if not any(track["segments"] for track in document["tracks"]):
            return
        command = any_change(document, dice)
        try:
            edited = apply(data, [command])
        except EditError:
            continue
        fresh = faults(edited.document) - allowed
        assert not fresh, (command, [item for item in check(edited.document) if item.rule in fresh])
        result = edited.results[0]
        named = set(getattr(result, "segment_ids", ())) | set(getattr(result, "removed", ()))
        named |= set(getattr(result, "made", ())) | {placed.segment_id for placed in getattr(result, "segments", ())}
        seen = compare(document, edited.document)
        assert {item.id for item in seen.segments} <= named | loosened(seen, result), command
        data = edited.data


def loosened(seen: Any, result: Any) -> set[str]:
    """Segments that lost a transition or have a shorter one, which a warning tells."""
    if not getattr(result, "warnings", ()):
        return set()
    return {item.id for item in seen.segments if item.aspects == ("decorated",)}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SAMPLE_NAMES), st.integers(0, 2**32))
def test_random_changes_of_all_producers_break_no_rule(name: str, seed: int) -> None:
    walk(name, seed, 12)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SAMPLE_NAMES), st.integers(0, 2**32))
def test_many_random_changes_of_all_producers_break_no_rule(name: str, seed: int) -> None:
    walk(name, seed, 30)


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_the_document_that_is_edited_stays_as_it_was(name: str) -> None:
    data = sample(name)
    before = copy.copy(data)
    document = orjson.loads(data)
    one = next(segment["id"] for track in document["tracks"] for segment in track["segments"])
    apply(data, [DeleteSegments(segment_ids=(one,))])
    assert data == before
