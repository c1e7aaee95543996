"""What an editing request asks for: the media to fetch, then the commands, with the reference's conversions.

Every function here takes the values of its serializer. ``sources`` are the fetched media in the order of
:func:`fetches`; ``notes`` gathers what was accepted but has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from drafts.core.errors import Text
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
    Source,
    Span,
    TextStyle,
    Transition,
    VideoItem,
)
from drafts.editing.style_text import parts_of
from drafts.media.types import Fetch, Kind

Values = dict[str, Any]
Notes = list[Text]
Builder = Callable[[Values, Sequence[Source], Notes], list[Command]]
SECOND = 1_000_000
PICTURE: tuple[Kind, ...] = ("video", "image")
SOUND: tuple[Kind, ...] = ("audio",)
_COLOR = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_KINDS: tuple[Literal["in", "out", "loop"], ...] = ("in", "out", "loop")


def fetches(values: Values, field: str, url: str, kinds: tuple[Kind, ...], code: int) -> list[Fetch]:
    """One fetch for each item of a list."""
    link = linked(values)
    return [
        Fetch(url=item[url], field=f"{field}[{number}].{url}", kinds=kinds, code=code, link=link)
        for number, item in enumerate(values[field])
    ]


def video_fetches(values: Values) -> list[Fetch]:
    """Of ``add_videos``; a still image will do."""
    return fetches(values, "video_infos", "video_url", PICTURE, 2006)


def audio_fetches(values: Values) -> list[Fetch]:
    """Of ``add_audios``."""
    return fetches(values, "audio_infos", "audio_url", SOUND, 2008)


def image_fetches(values: Values) -> list[Fetch]:
    """Of ``add_images``; an animated image or a video will do."""
    return fetches(values, "image_infos", "image_url", PICTURE, 2010)


def easy_fetches(values: Values) -> list[Fetch]:
    """Of ``easy_create_material``: audio, then video and image if there are any."""
    wanted: list[tuple[str, tuple[Kind, ...], int]] = [
        ("audio_url", SOUND, 2008),
        ("video_url", PICTURE, 2006),
        ("img_url", PICTURE, 2010),
    ]
    link = linked(values)
    return [
        Fetch(url=values[field], field=field, kinds=kinds, code=code, link=link)
        for field, kinds, code in wanted
        if values[field] is not None
    ]


def linked(values: Values) -> bool | None:
    """Whether media stay at their URLs; ``None`` is the server's setting."""
    return None if values["media"] is None else values["media"] == "link"


def add_videos(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_videos`` (contract 7.4)."""
    items = tuple(
        VideoItem(
            start=item["start"],
            end=item["end"],
            source=source,
            volume=volume(item, f"video_infos[{number}]", 10, notes),
            transition=transition(item),
            mask=item["mask"],
            width=item["width"],
            height=item["height"],
        )
        for number, (item, source) in enumerate(zip(values["video_infos"], sources, strict=True))
    )
    scenes = tuple(
        Span(start=scene["start"], end=scene["end"]) if scene["end"] > scene["start"] else None
        for scene in values["scene_timelines"] or ()
    )
    return [AddVideos(items=items, clip=clip(values), scenes=scenes)]


def add_audios(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_audios`` (contract 7.5)."""
    items = tuple(
        AudioItem(
            start=item["start"],
            end=item["end"],
            source=source,
            volume=volume(item, f"audio_infos[{number}]", 2, notes),
            effect=item["audio_effect"],
        )
        for number, (item, source) in enumerate(zip(values["audio_infos"], sources, strict=True))
    )
    return [AddAudios(items=items)]


def add_images(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_images`` (contract 7.6)."""
    items = tuple(
        VideoItem(
            start=item["start"],
            end=item["end"],
            source=source,
            transition=transition(item),
            animations=animations(item),
            width=item["width"],
            height=item["height"],
        )
        for item, source in zip(values["image_infos"], sources, strict=True)
    )
    return [AddImages(items=items, clip=clip(values))]


def add_sticker(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_sticker`` (contract 7.7)."""
    scaled = {**values, "alpha": 1.0, "scale_x": values["scale"], "scale_y": values["scale"]}
    return [
        AddSticker(start=values["start"], end=values["end"], sticker_id=values["sticker_id"], clip=clip(scaled)),
    ]


def add_keyframes(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_keyframes`` (contract 7.8)."""
    return [AddKeyframes(items=tuple(Keyframe(**item) for item in values["keyframes"]), lenient=True)]


def add_captions(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_captions`` (contract 7.9)."""
    style = TextStyle(
        size=float(values["font_size"]),
        color=color(values["text_color"], "text_color", notes) or "#ffffff",
        border_color=color(values["border_color"], "border_color", notes),
        font=values["font"],
        bold=values["bold"],
        italic=values["italic"],
        underline=values["underline"],
        alpha=values["alpha"],
        alignment=values["alignment"],
        letter_spacing=values["letter_spacing"],
        line_spacing=values["line_spacing"],
        shadow=shadow(values["has_shadow"], values["shadow_info"], "shadow_info", notes),
        text_effect=values["text_effect"],
    )
    styled = values["style_text"]
    items = tuple(
        caption(item, f"captions[{number}]", notes, styled=styled) for number, item in enumerate(values["captions"])
    )
    return [AddCaptions(items=items, style=style, clip=clip({**values, "alpha": 1.0}))]


def caption(item: Values, place: str, notes: Notes, *, styled: bool) -> CaptionItem:
    """One caption; ``styled`` says that texts may be what ``add_text_style`` answers."""
    parts = parts_of(item["text"]) if styled else ()
    if item["transition"] is not None:
        notes.append(ignored(f"{place}.transition", "captions have no transitions", "字幕没有转场"))
    return CaptionItem(
        start=item["start"],
        end=item["end"],
        text="".join(part.text for part in parts) or item["text"],
        parts=parts,
        keywords=keywords(item, place, notes),
        size=item["font_size"],
        text_effect=item["text_effect"],
        animations=animations(item),
    )


def keywords(item: Values, place: str, notes: Notes) -> Keywords | None:
    """The words that look different, if there are any."""
    words = tuple(word for word in (item["keyword"] or "").split("|") if word)
    if not words:
        return None
    info = f"{place}.keyword_shadow_info"
    return Keywords(
        words=words,
        color=color(item["keyword_color"], f"{place}.keyword_color", notes) or "#ff7100",
        border_color=color(item["keyword_border_color"], f"{place}.keyword_border_color", notes),
        font=item["keyword_font"],
        size=item["keyword_font_size"],
        shadow=shadow(bool(item["keyword_has_shadow"]), item["keyword_shadow_info"], info, notes),
    )


def add_effects(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_effects`` (contract 7.10)."""
    items = [
        EffectItem(start=item["start"], end=item["end"], name=item["effect_title"]) for item in values["effect_infos"]
    ]
    return [AddEffects(items=tuple(items))]


def add_filters(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_filters`` (contract 7.11)."""
    items = [
        FilterItem(start=item["start"], end=item["end"], name=item["filter_title"], intensity=item["intensity"])
        for item in values["filter_infos"]
    ]
    return [AddFilters(items=tuple(items))]


def add_masks(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``add_masks`` (contract 7.12)."""
    return [
        AddMasks(
            segment_ids=tuple(values["segment_ids"]),
            name=values["name"],
            x=values["X"],
            y=values["Y"],
            width=values["width"],
            height=values["height"],
            feather=percent(values["feather"], "feather", notes),
            rotation=values["rotation"],
            invert=values["invert"],
            round_corner=percent(values["roundCorner"], "roundCorner", notes),
        )
    ]


def easy_create_material(values: Values, sources: Sequence[Source], notes: Notes) -> list[Command]:
    """``easy_create_material`` (contract 7.14): audio, video, image and text, each on a track of its own from 0."""
    left = iter(sources)
    made: list[Command] = [AddAudios(items=(AudioItem(start=0, end=5 * SECOND, source=next(left)),))]
    if values["video_url"] is not None:
        made.append(AddVideos(items=(VideoItem(start=0, end=5 * SECOND, source=next(left)),)))
    if values["img_url"] is not None:
        made.append(AddImages(items=(VideoItem(start=0, end=3 * SECOND, source=next(left)),)))
    if (values["text"] or "").strip():
        style = TextStyle(
            size=float(values["font_size"]), color=color(values["text_color"], "text_color", notes) or "#ffffff"
        )
        title = CaptionItem(start=0, end=5 * SECOND, text=values["text"])
        made.append(AddCaptions(items=(title,), style=style, clip=Clip(y=values["text_transform_y"]), kind="text"))
    return made


def clip(values: Values) -> Clip:
    """How the segments of a call lie on the canvas."""
    return Clip(
        alpha=values["alpha"],
        scale_x=values["scale_x"],
        scale_y=values["scale_y"],
        x=values["transform_x"],
        y=values["transform_y"],
    )


def transition(item: Values) -> Transition | None:
    """Towards the next item."""
    return Transition(name=item["transition"], duration=item["transition_duration"]) if item["transition"] else None


def animations(item: Values) -> tuple[Animation, ...]:
    """In, out, loop: the order in which the reference applies them."""
    return tuple(
        Animation(kind=kind, name=item[f"{kind}_animation"], duration=item[f"{kind}_animation_duration"])
        for kind in _KINDS
        if item[f"{kind}_animation"]
    )


def volume(item: Values, place: str, highest: int, notes: Notes) -> float:
    """The factor; one that is out of range counts as 1, as in the reference."""
    value = item["volume"]
    if value is None:
        return 1.0
    if not 0 <= value <= highest:
        notes.append(ignored(f"{place}.volume", f"not within 0 to {highest}", f"不在 0 到 {highest} 之间"))
        return 1.0
    return float(value)


def percent(value: int, place: str, notes: Notes) -> int:
    """The value within 0 to 100; the reference does not look (contract 7.12)."""
    if not 0 <= value <= 100:
        notes.append(
            Text(
                f"{place}: {value} counts as {min(max(value, 0), 100)}", f"{place}：{value} 超出 0 到 100，按边界值处理"
            )
        )
    return min(max(value, 0), 100)


def color(text: str | None, place: str, notes: Notes) -> str | None:
    """``#rrggbb``, or ``None`` for nothing and for what is no colour."""
    if text is None:
        return None
    match = _COLOR.fullmatch(text.strip())
    if match is None:
        notes.append(ignored(place, "not a colour like #rrggbb", "不是 #rrggbb 形式的颜色"))
        return None
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def shadow(wanted: bool, info: Values | None, place: str, notes: Notes) -> Shadow | None:  # noqa: FBT001 - the reference's own flag beside its values
    """The shadow; without ``shadow_info`` the reference's own, a little more transparent (contract 7.9)."""
    if not wanted:
        return None
    if info is None:
        return Shadow()
    return Shadow(
        alpha=info["shadow_alpha"],
        color=color(info["shadow_color"], f"{place}.shadow_color", notes) or "#000000",
        diffuse=info["shadow_diffuse"],
        distance=info["shadow_distance"],
        angle=info["shadow_angle"],
    )


def ignored(place: str, en: str, zh: str) -> Text:
    """A note: what stands at ``place`` has no effect, and why."""
    return Text(f"{place} was ignored: {en}", f"{place} 已忽略：{zh}")
