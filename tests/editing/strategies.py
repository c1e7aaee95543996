"""Documents and edits for property tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import orjson
from hypothesis import strategies as st

from drafts.document.integrity.look import PROPERTIES
from drafts.editing.commands import (
    AddAudios,
    AddCaptions,
    AddEffects,
    AddFilters,
    AddImages,
    AddKeyframes,
    AddMasks,
    AddSticker,
    AddVideos,
    Animation,
    AudioItem,
    CaptionItem,
    Clip,
    Command,
    EffectItem,
    FilterItem,
    Keyframe,
    Keywords,
    Shadow,
    Span,
    TextStyle,
    Transition,
    VideoItem,
)
from tests.document.builders import SAMPLE_NAMES, sample

from .support import CLIP, MUSIC, PHOTO, SECOND, empty

# Builds the commands of an edit for the document it is given: some name segments that stand in it.
Plan = Callable[[dict[str, Any]], list[Command]]

_ANIMATIONS = ("渐显", "渐隐", "三分割", "VHS", "冲屏位移", "no such animation")
_WORDS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12).filter(str.strip)
_COLORS = st.sampled_from(["#ff7100", "#000000", "#abc", "red"])

lengths = st.integers(1, 5 * SECOND)
starts = st.integers(0, 20 * SECOND)
clips = st.builds(
    Clip,
    alpha=st.floats(0, 1),
    scale_x=st.floats(0.1, 5),
    scale_y=st.floats(0.1, 5),
    x=st.floats(-3000, 3000),
    y=st.floats(-3000, 3000),
    rotation=st.floats(-360, 360),
)
animations = st.lists(
    st.builds(
        Animation,
        kind=st.sampled_from(["in", "out", "loop"]),
        name=st.sampled_from(_ANIMATIONS),
        duration=st.none() | st.integers(0, 6 * SECOND),
    ),
    max_size=3,
).map(tuple)
transitions = st.none() | st.builds(
    Transition, name=st.sampled_from(["叠化", "3D空间", "?"]), duration=st.none() | st.integers(0, 4 * SECOND)
)
shadows = st.none() | st.builds(Shadow, alpha=st.floats(0, 1), diffuse=st.floats(0, 100), color=_COLORS)
keywords = st.none() | st.builds(
    Keywords,
    words=st.lists(st.sampled_from(["a", "aa", "🎬", "字幕", "b 🎬"]), min_size=1, max_size=3).map(tuple),
    color=_COLORS,
    border_color=st.none() | _COLORS,
    shadow=shadows,
    size=st.none() | st.floats(1, 50),
)
styles = st.builds(
    TextStyle,
    color=_COLORS,
    border_color=st.none() | _COLORS,
    alignment=st.integers(0, 5),
    letter_spacing=st.none() | st.floats(0, 20),
    shadow=shadows,
    font=st.none() | st.sampled_from(["A1明朝", "no such font"]),
    text_effect=st.none() | st.just("7539407429763796249"),
)
texts = _WORDS | st.lists(st.sampled_from(["a", "🎬", "字幕", " b"]), min_size=1, max_size=8).map("".join).filter(
    str.strip
)


@st.composite
def spans(draw: st.DrawFn, *, apart: bool) -> list[tuple[int, int]]:
    """One to four ranges (start, end), in any order, free of overlaps if ``apart``."""
    made: list[tuple[int, int]] = []
    at = draw(starts)
    for _ in range(draw(st.integers(1, 4))):
        length = draw(lengths)
        made.append((at, at + length))
        at = at + length + draw(st.sampled_from([0, 0, 1, SECOND])) if apart else draw(starts)
    return draw(st.permutations(made))


@st.composite
def pictures(draw: st.DrawFn, *, apart: bool) -> tuple[VideoItem, ...]:
    sizes = st.none() | st.integers(1, 4000)
    return tuple(
        VideoItem(
            start=start,
            end=end,
            source=draw(st.sampled_from([CLIP, PHOTO])),
            volume=draw(st.floats(0, 10)),
            transition=draw(transitions),
            animations=draw(animations),
            mask=draw(st.sampled_from([None, "圆形", "heart", "?"])),
            width=draw(sizes),
            height=draw(sizes),
        )
        for start, end in draw(spans(apart=apart))
    )


@st.composite
def videos(draw: st.DrawFn) -> Command:
    scene = st.none() | lengths.map(lambda length: Span(start=0, end=max(length, SECOND // 10)))
    scenes = draw(st.just([]) | st.lists(scene, max_size=4))
    return AddVideos(items=draw(pictures(apart=False)), clip=draw(clips), scenes=tuple(scenes))


@st.composite
def images(draw: st.DrawFn) -> Command:
    return AddImages(items=draw(pictures(apart=True)), clip=draw(clips))


@st.composite
def captions(draw: st.DrawFn) -> Command:
    items = [
        CaptionItem(start=start, end=end, text=draw(texts), keywords=draw(keywords), animations=draw(animations))
        for start, end in draw(spans(apart=True))
    ]
    return AddCaptions(items=tuple(items), style=draw(styles), clip=draw(clips))


@st.composite
def audios(draw: st.DrawFn) -> Command:
    items = [
        AudioItem(
            start=start,
            end=end,
            source=MUSIC,
            volume=draw(st.floats(0, 10)),
            effect=draw(st.sampled_from([None, "8bit", "?"])),
            fade_in=draw(st.integers(0, 3 * SECOND)),
            fade_out=draw(st.integers(0, 3 * SECOND)),
        )
        for start, end in draw(spans(apart=True))
    ]
    return AddAudios(items=tuple(items))


@st.composite
def effects(draw: st.DrawFn) -> Command:
    pairs = draw(spans(apart=False))
    if draw(st.booleans()):
        names = st.sampled_from(["1998", "BOOM！", "录制边框 III"])
        return AddEffects(items=tuple(EffectItem(start=start, end=end, name=draw(names)) for start, end in pairs))
    amounts = st.floats(0, 100)
    return AddFilters(
        items=tuple(FilterItem(start=start, end=end, name="1980", intensity=draw(amounts)) for start, end in pairs)
    )


@st.composite
def stickers(draw: st.DrawFn) -> Command:
    start = draw(starts)
    return AddSticker(start=start, end=start + draw(lengths), sticker_id="7211102020202020202", clip=draw(clips))


@st.composite
def keyframes(draw: st.DrawFn) -> Plan:
    """Keyframes on whatever segments stand there."""
    seed, count = draw(st.integers(0, 2**32)), draw(st.integers(1, 5))
    values = draw(st.lists(st.floats(-2000, 2000), min_size=count, max_size=count))
    offsets = draw(st.lists(st.integers(0, 8 * SECOND), min_size=count, max_size=count))

    def plan(document: dict[str, Any]) -> list[Command]:
        chosen = random.Random(seed)
        names = sorted(PROPERTIES - {"UNIFORM_SCALE"}) if seed % 2 else ["UNIFORM_SCALE", "KFTypeVolume"]
        ids = segment_ids(document, "video", "text", "sticker")
        items = [
            Keyframe(segment_id=chosen.choice(ids), property=chosen.choice(names), offset=offset, value=value)
            for offset, value in zip(offsets, values, strict=True)
            if ids
        ]
        return [AddKeyframes(items=tuple(items))] if items else []

    return plan


@st.composite
def masks(draw: st.DrawFn) -> Plan:
    """A mask on some video segment."""
    pick = draw(st.integers(0, 2**32))
    name = draw(st.sampled_from(["线性", "镜面", "圆形", "矩形", "爱心", "star"]))
    sizes = st.integers(1, 2000)
    width, height, corner = draw(sizes), draw(sizes), draw(st.integers(0, 100))

    def plan(document: dict[str, Any]) -> list[Command]:
        ids = segment_ids(document, "video")
        chosen = (ids[pick % len(ids)],) if ids else ()
        command = AddMasks(segment_ids=chosen, name=name, width=width, height=height, round_corner=corner)
        return [command] if chosen else []

    return plan


def fixed(commands: st.SearchStrategy[Command]) -> st.SearchStrategy[Plan]:
    """A command that suits any document."""
    return commands.map(lambda command: lambda document: [command])


plans: st.SearchStrategy[Plan] = st.one_of(
    *(fixed(made) for made in (videos(), images(), captions(), audios(), effects(), stickers())), keyframes(), masks()
)

sound = st.sampled_from([empty(), *(sample(name) for name in SAMPLE_NAMES)])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample with some values dropped or replaced, still of the shape that is accepted for storing."""
    document = orjson.loads(draw(sound))
    chosen = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 6))):
        owner = _random_object(document, chosen)
        keys = [key for key in owner if key not in _SHAPE]
        if keys:
            key = chosen.choice(keys)
            if chosen.random() < 0.5:
                del owner[key]
            else:
                owner[key] = chosen.choice([None, True, -1, 0.5, "", "x", [], {}, [1], {"x": 1}, 2**63])
    return orjson.dumps(document)


_SHAPE = {"tracks", "materials", "segments", "canvas_config", "width", "height"}


def _random_object(document: dict[str, Any], chosen: random.Random) -> dict[str, Any]:
    """An object below the parts of the document that hold something."""
    found: list[dict[str, Any]] = [document]
    stack: list[Any] = [document]
    while stack:
        node = stack.pop()
        stack += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        if isinstance(node, dict) and node is not document["materials"] and node is not document["canvas_config"]:
            found.append(node)
    return chosen.choice(found)


def segment_ids(document: dict[str, Any], *kinds: str) -> list[str]:
    """Ids of the segments on tracks of these types."""
    segments = [segment for track in document["tracks"] if track.get("type") in kinds for segment in track["segments"]]
    return [segment["id"] for segment in segments if isinstance(segment.get("id"), str)]
