"""From the body of an edit to commands, and from the mistakes of operations to the places in that body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from drafts.core.errors import FieldError, InvalidParameter, Text
from drafts.editing.changes import Operation
from drafts.editing.commands import Source
from drafts.editing.errors import EditError, did_you_mean
from drafts.media.types import Fetch, InDraft

from ..bodies import SHORT, StringField, reader, validated
from . import change_serializers as changes
from . import edit_serializers as adds
from .edit_fields import Choice, MediaPart, Op, Part

PARTS: tuple[type[Part], ...] = (
    *(adds.AddVideosOp, adds.AddImagesOp, adds.AddAudiosOp, adds.AddCaptionsOp, adds.AddStickerOp),
    *(adds.AddEffectsOp, adds.AddFiltersOp, adds.AddKeyframesOp, adds.AddMasksOp),
    *(changes.MoveSegmentOp, changes.TrimSegmentOp, changes.SplitSegmentOp, changes.DeleteSegmentsOp),
    *(changes.ReplaceMediaOp, changes.ChangeTextOp, changes.ChangeClipOp, changes.ChangeVolumeOp),
    *(changes.ChangeSpeedOp, changes.AdjustPictureOp, changes.MoveTrackOp, changes.ChangeTrackOp),
    *(changes.ChangeCanvasOp, changes.RemoveUnusedOp, changes.ImportSubtitlesOp),
)
OPERATIONS: dict[str, type[Part]] = {cast("Op", part().fields["op"]).name: part for part in PARTS}
_SHOWN = 60  # characters of a name that nobody knows
# What operations call the places of their commands, in the words of the capcut-mate calls, and what this API does.
_PLACES = [
    (re.compile(pattern), ours)
    for pattern, ours in (
        (r"\b(?:video_infos|image_infos|audio_infos|captions|effect_infos|filter_infos|keyframes)(?=\[\d|$)", "items"),
        (r"\bscene_timelines(?=\[\d)", "scenes"),
        (r"(?<=\]\.)(?:effect_title|filter_title)\b", "name"),
        (r"(?<=\]\.)audio_effect\b", "effect"),
        (r"(?<=\]\.)keyword_font\b", "keywords.font"),
        (r"(?<=\]\.)transition_duration\b", "transition.duration"),
        (r"(?<=\]\.)(?:in|out|loop)_animation(?:_duration)?\b", "animations"),
    )
]


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="Operation", serializers=cast("Any", OPERATIONS), resource_type_field_name="op"
    )
)
class OperationField(serializers.JSONField):
    """One operation, as it came."""


class OperationsField(serializers.ListField):
    """1 to MAX_OPERATIONS operations; each is read by its own serializer."""

    default_error_messages = {"max_operations": "max_operations"}

    def __init__(self) -> None:
        super().__init__(child=OperationField(), min_length=1, max_length=settings.MAX_OPERATIONS)

    def to_internal_value(self, data: Any) -> list[Any]:
        """The operations as they came."""
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if not data:
            self.fail("empty")
        if len(data) > settings.MAX_OPERATIONS:
            self.fail("max_operations")
        return data


class EditIn(serializers.Serializer[None]):
    """Operations to be applied as one: all of them, as one revision, or none."""

    operations = OperationsField()
    media = Choice(
        choices=["store", "link"],
        required=False,
        help_text="whether media from URLs are copied into the draft or stay there; default: the server's setting",
    )
    author = StringField(default="", help_text="who edits; for the server's log", **SHORT)
    note = StringField(default="", help_text="why; for the server's log", **SHORT)


@dataclass(frozen=True, slots=True)
class Edit:
    """A body that was read: its operations with their values, and what goes with them."""

    parts: tuple[tuple[Part, dict[str, Any]], ...]
    link: bool | None
    author: str
    note: str

    @property
    def names(self) -> list[str]:
        """The names of the operations."""
        return [str(values["op"]) for _, values in self.parts]

    def media(self) -> list[Fetch | InDraft]:
        """What the operations show, in the order in which :meth:`commands` takes it."""
        return [
            wanted
            for number, (part, values) in enumerate(self.parts)
            for wanted in _media(part, values, f"operations[{number}]", self.link)
        ]

    def commands(self, sources: Iterable[Source]) -> list[Operation]:
        """The commands, given what they show."""
        left = iter(sources)
        return [_made(part, values, left) for part, values in self.parts]


def parse_edit(body: dict[str, Any]) -> Edit:
    """Read the body of an edit. Raises ``InvalidParameter`` naming ``operations[3].items[0].start``."""
    _refuse_unknown(reader(EditIn), body, "")
    values = validated(EditIn, body)
    parts = tuple(_read(raw, f"operations[{number}]") for number, raw in enumerate(values["operations"]))
    link = values["media"] == "link" if "media" in values else None
    return Edit(parts, link, values["author"], values["note"])


def placed(error: EditError) -> EditError:
    """The same refusal, with its place in the body."""
    place = f"operations[{error.command}].{in_our_words(error.place)}"
    sentences = [in_our_words(text.replace(error.place, "\0", 1)) for text in (error.detail.en, error.detail.zh)]
    error.detail = Text(*(text.replace("\0", place) for text in sentences))
    error.errors = (FieldError(place, error.rule, error.detail),)
    return error


def in_our_words(text: str) -> str:
    """``captions[3].end`` is ``items[3].end`` here."""
    for pattern, ours in _PLACES:
        text = pattern.sub(ours, text)
    return text


def _read(raw: Any, place: str) -> tuple[Part, dict[str, Any]]:
    if not isinstance(raw, dict):
        text = Text(f"{place} must be an object", f"{place}必须是对象")
        raise InvalidParameter.of(place, "not_an_object", text)
    name = raw.get("op")
    if name is None:
        raise InvalidParameter.of(f"{place}.op", "required", Text(f"{place}.op is required", f"{place}.op是必填项"))
    kind = OPERATIONS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise _unknown(f"{place}.op", str(name), OPERATIONS, Text("is no operation", "不是可用的操作"))
    part = cast("Part", reader(kind))
    _refuse_unknown(part, raw, place)
    return part, validated(kind, raw, place=place)


def _refuse_unknown(field: Any, data: Any, place: str) -> None:
    """Raise ``InvalidParameter`` for the first field that nothing reads."""
    if isinstance(field, serializers.Serializer) and isinstance(data, dict):
        for name, value in data.items():
            here = f"{place}.{name}" if place else name
            if name not in field.fields:
                raise _unknown(here[: len(place) + _SHOWN], name, field.fields, Text("is no field", "不是可用的字段"))
            _refuse_unknown(field.fields[name], value, here)
    elif isinstance(getattr(field, "child", None), Part) and isinstance(data, list):
        for number, value in enumerate(data[: settings.MAX_LIST_ITEMS]):
            _refuse_unknown(field.child, value, f"{place}[{number}]")


def _unknown(place: str, name: str, known: Iterable[str], rule: Text) -> InvalidParameter:
    near = get_close_matches(name[:_SHOWN], list(known), 3, 0.5)
    shown = name[:_SHOWN]
    text = Text(f"{place}: '{shown}' {rule.en}", f"{place}：'{shown}' {rule.zh}")
    names = did_you_mean(near) or Text(f"There are {', '.join(known)}.", f"可用：{'、'.join(known)}。")
    return InvalidParameter.of(place, "unknown", text, hint=names)


def _media(field: Any, value: Any, place: str, link: bool | None) -> Iterator[Fetch | InDraft]:  # noqa: FBT001 - one private caller
    if isinstance(field, Part) and value is not None:
        if isinstance(field, MediaPart) and "url" in value:
            yield Fetch(value["url"], f"{place}.url", kinds=field.kinds, code=field.code, link=link)
        elif isinstance(field, MediaPart):
            yield InDraft(value["file"], f"{place}.file", kinds=field.kinds)
        for name in value:
            yield from _media(field.fields[name], value[name], f"{place}.{name}", link)
    elif isinstance(field, serializers.ListField) and isinstance(field.child, Part):
        for number, each in enumerate(value or ()):
            yield from _media(field.child, each, f"{place}[{number}]", link)


def _made(field: Any, value: Any, sources: Iterator[Source]) -> Any:
    """What a value becomes: parts become their dataclasses, lists become tuples."""
    if value is None:
        return None
    if isinstance(field, Part):
        source = {"source": next(sources)} if isinstance(field, MediaPart) else {}
        names = [name for name in value if name not in {"op", "url", "file"}]
        return field.makes(**source, **{name: _made(field.fields[name], value[name], sources) for name in names})
    if isinstance(field, serializers.ListField):
        return tuple(_made(field.child, each, sources) for each in value)
    return value
