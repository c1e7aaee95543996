"""The helpers of the reference as pure functions: ranges of time, and what ``add_*`` routes take (contract 7.24)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Range = Mapping[str, int]  # start and end, microseconds
Item = dict[str, Any]

_LARGEST = 2**53
_random = secrets.SystemRandom()


def json_string(value: Any) -> str:
    """JSON as the reference writes it inside strings: ``", "``, ``": "``, nothing escaped (contract 1.2)."""
    return json.dumps(value, ensure_ascii=False)


def equal_parts(*, duration: int, num: int, start: int) -> list[Item]:
    """``num`` ranges of the same length from ``start``; the last one takes the rest (contract 7.21)."""
    if num <= 0:
        return []
    length = duration // num
    return _between([start + length * number for number in range(num)] + [start + duration])


def random_parts(*, duration: int, num: int, start: int) -> list[Item]:
    """``num`` ranges from ``start`` that fill ``duration``, cut at random; none is empty where there is room."""
    if num <= 0:
        return []
    if duration < num:
        return equal_parts(duration=duration, num=num, start=start)
    cuts = sorted(_random.sample(range(1, duration), num - 1))
    return _between([start, *(start + cut for cut in cuts), start + duration])


def _between(points: Sequence[int]) -> list[Item]:
    return [{"start": start, "end": end} for start, end in pairwise(points)]


def _given(**values: Any) -> Item:
    """The values that are not null."""
    return {name: value for name, value in values.items() if value is not None}


def _picked(values: Mapping[str, Any], *names: str) -> Item:
    """``names`` of ``values`` in this order, without nulls."""
    return _given(**{name: values.get(name) for name in names})


def audio_infos(*, timelines: Sequence[Range], mp3_urls: Sequence[str], **options: Any) -> list[Item]:
    """Items of ``add_audios``."""
    shared = _picked(options, "audio_effect", "volume")
    return [{"audio_url": url, **span, **shared} for url, span in zip(mp3_urls, _spans(timelines), strict=False)]


def video_infos(*, timelines: Sequence[Range], video_urls: Sequence[str], **options: Any) -> list[Item]:
    """Items of ``add_videos``."""
    shared = _picked(options, "width", "height", "mask", "transition", "transition_duration", "volume")
    return [
        {"video_url": url, **span, "duration": span["end"] - span["start"], **shared}
        for url, span in zip(video_urls, _spans(timelines), strict=False)
    ]


def imgs_infos(*, timelines: Sequence[Range], imgs: Sequence[str], **options: Any) -> list[Item]:
    """Items of ``add_images``; names of animations and transitions may hold one name an item, separated by ``|``."""
    size = _picked(options, "height", "width")
    named = [
        (key, names.split("|"), options.get(f"{key}_duration"))
        for key in ("in_animation", "out_animation", "loop_animation", "transition")
        if (names := options.get(key)) is not None
    ]
    infos = []
    for number, (url, span) in enumerate(zip(imgs, _spans(timelines), strict=False)):
        item = {"image_url": url, **span, **size}
        for key, names, duration in named:
            item[key] = names[min(number, len(names) - 1)]
            if duration is not None:
                item[f"{key}_duration"] = duration
        infos.append(item)
    return infos


def caption_infos(
    *, timelines: Sequence[Range], texts: Sequence[str], keywords: Sequence[str] | None = None, **options: Any
) -> list[Item]:
    """Items of ``add_captions``; a caption without a keyword of its own gets an empty one."""
    shared = _picked(
        options,
        *("keyword_color", "keyword_border_color", "keyword_font", "keyword_font_size", "keyword_has_shadow"),
        *("keyword_shadow_info", "font_size", "in_animation", "in_animation_duration", "out_animation"),
        *("out_animation_duration", "loop_animation", "loop_animation_duration", "transition", "transition_duration"),
    )
    infos = []
    for number, (text, span) in enumerate(zip(texts, _spans(timelines), strict=False)):
        item = {**span, "text": text}
        if keywords is not None:
            item["keyword"] = keywords[number] if number < len(keywords) else ""
        infos.append({**item, **shared})
    return infos


def effect_infos(*, timelines: Sequence[Range], effects: Sequence[str]) -> list[Item]:
    """Items of ``add_effects``."""
    return [{"effect_title": title, **span} for title, span in zip(effects, _spans(timelines), strict=False)]


def filter_infos(
    *, timelines: Sequence[Range], filters: Sequence[str], intensities: Sequence[float] | None = None
) -> list[Item]:
    """Items of ``add_filters``; intensities (percent) are brought into 0 to 100."""
    given: Iterable[float] = [100.0] * len(filters) if intensities is None else intensities
    return [
        {"filter_title": title, **span, "intensity": max(0.0, min(100.0, intensity))}
        for title, span, intensity in zip(filters, _spans(timelines), given, strict=False)
    ]


def keyframes(
    *,
    ctype: str,
    offsets: Sequence[float],
    values: Sequence[float],
    segment_infos: Sequence[Mapping[str, Any]],
    width: int | None = None,
    height: int | None = None,
) -> list[Item]:
    """Items of ``add_keyframes`` (contract 7.25).

    ``offsets`` are percent of each segment and become microseconds from its start; positions in pixels become
    shares of ``width`` or ``height`` where that is given.
    """
    size = {"KFTypePositionX": width, "KFTypePositionY": height}.get(ctype)
    divisor = size if size and size > 0 else 1
    return [
        {
            "offset": int(offset / 100 * (segment["end"] - segment["start"])),
            "property": ctype,
            "segment_id": segment["id"],
            "value": value / divisor,
        }
        for segment in segment_infos
        for offset, value in zip(offsets, values, strict=True)
    ]


def numbers(text: str) -> list[float] | None:
    """The numbers of a text separated by ``|``; ``None`` when something in it is none, or beyond 2**53."""
    try:
        found = [float(part) for part in text.split("|")]
    except ValueError:
        return None
    return found if all(abs(number) <= _LARGEST for number in found) else None


def _spans(timelines: Sequence[Range]) -> list[Item]:
    return [{"start": span["start"], "end": span["end"]} for span in timelines]
