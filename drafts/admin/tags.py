"""What the staff's templates say beyond Django: both languages, moments, lengths, values before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from drafts.core import words
from drafts.core.errors import Text
from drafts.document.compare import Change
from drafts.document.integrity.model import span_of
from drafts.document.picture import anchor
from drafts.models import DraftVersion
from drafts.selectors.changes import in_words

from . import base, terms
from .verbs import VERBS, told

register = template.Library()
register.filter("moment", base.shown)
register.filter("clock", base.clock)
register.filter("maker", base.maker)
register.filter("span", base.span)
register.filter("told", told)
register.filter("word", terms.word)

SHOWN = 300  # characters of a value
FIELDS = {
    "start": Text("start", "开始"),
    "duration": Text("duration", "时长"),
    "track_id": Text("track", "轨道"),
    "text": Text("text", "文字"),
    "text style": Text("text style", "文字样式"),
    "path": Text("file", "文件"),
    "material_id": Text("material", "素材"),
    "canvas.width": Text("canvas width", "画布宽"),
    "canvas.height": Text("canvas height", "画布高"),
    "canvas.ratio": Text("canvas ratio", "画布比例"),
    "fps": Text("frames a second", "帧率"),
    "name": Text("name", "名称"),
    "attribute": Text("muted", "静音"),
    "position": Text("position", "位置"),
    "volume": Text("volume", "音量"),
    "speed": Text("speed", "速度"),
    "visible": Text("visible", "可见"),
    "source_timerange": Text("part of the source", "源区间"),
}
TIMES = {"start", "duration"}
SPANS = {"source_timerange", "target_timerange"}


@register.simple_tag
def both(en: str, zh: str) -> str:
    """The words in the reader's language."""
    return str(words.both(en, zh))


@register.simple_tag
def counted(count: int, one: str, zh: str) -> str:
    """How many of something, in the reader's language."""
    return str(words.counted(count, one, zh))


@register.filter
def ago(moment: datetime) -> str:
    """How long ago that was, as people say it."""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    if seconds < 60:
        return both(f"{seconds} s ago", f"{seconds} 秒前")
    since = timesince(moment, depth=1)
    return both(f"{since} ago", f"{since}前")


@register.filter
def verb(value: str) -> str:
    """What was done, in the reader's language."""
    return terms.say(VERBS[value])


@register.filter
def field(name: str) -> str:
    """The name of what changed, in the reader's language where there are words for it."""
    return terms.say(FIELDS[name]) if name in FIELDS else name


@register.filter
def before(change: Change) -> str:
    """A value as it was."""
    return _value(change.field, change.before)


@register.filter
def after(change: Change) -> str:
    """A value as it is."""
    return _value(change.field, change.after)


@register.filter
def brief(value: Any) -> str:
    """A value of a document, cut to some 300 characters."""
    return _value("", value)


@register.filter
def changes(version: DraftVersion) -> str:
    """What changed in a version, in one line; nothing until the worker has looked at it."""
    summary = getattr(version, "summary", None)
    if summary is None:
        return ""
    return str(words.both("not compared", "未能比较")) if summary.error else terms.say(in_words(summary.changes))


@register.filter
def first_of(rows: Sequence[Any], number: int) -> Sequence[Any]:
    """So many of them."""
    return rows[:number]


@register.filter
def target(segment_id: str) -> str:
    """The address of a segment in the picture of this page."""
    return f"#{anchor(segment_id)}"


def _value(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name in TIMES and type(value) is int and value >= 0:
        return base.clock(value)
    if name in SPANS and set(value) == {"start", "duration"} and (span := span_of(value)) is not None:
        return f"{base.clock(span.start)} – {base.clock(span.end)}"
    words = value if isinstance(value, str) else orjson.dumps(value).decode()
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
