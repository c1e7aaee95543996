"""``add_videos`` to ``easy_create_material``: the routes that change a draft's timeline (contract 7.4 to 7.14)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import InvalidParameter
from drafts.core.identifiers import DraftRef, parse_draft_url, refuse_version
from drafts.editing.errors import EditError, Kind
from drafts.editing.services import Applied, edit_with_media
from drafts.media.types import Fetch
from drafts.selectors.drafts import get_draft

from ..bodies import json_object, validated
from ..context import context_of
from ..etags import revisions
from ..languages import say
from ..viewsets import ViewSet
from . import editing_commands as commands
from . import editing_replies as replies
from . import editing_schema as schema
from . import editing_serializers as inputs
from .editing_commands import Builder, Notes, Values
from .views import host_hint, success

Serializer = type[serializers.Serializer[None]]


def no_media(values: Values) -> list[Fetch]:
    """For routes that fetch nothing."""
    return []


@dataclass(frozen=True, slots=True)
class Route:
    """One editing route: what it takes, what it does, what it answers.

    Mistakes in the fields ``items`` have the number of ``refusal``, of ``rules`` only those if there are any;
    ``strict`` says that JSON and URLs count as the request's shape, and so as 1001 (contract 7.4 to 7.6).
    """

    serializer: Serializer
    build: Builder
    reply: Callable[[Values, Applied], dict[str, Any]]
    items: tuple[str, ...] = ()
    refusal: Kind = Kind.PARAMETER
    rules: frozenset[str] = frozenset()
    strict: bool = False
    fetches: Callable[[Values], list[Fetch]] = no_media


VIDEOS = Route(
    inputs.AddVideosIn,
    commands.add_videos,
    replies.videos,
    items=("video_infos",),
    refusal=Kind.VIDEO_INFO,
    strict=True,
    fetches=commands.video_fetches,
)
AUDIOS = Route(
    inputs.AddAudiosIn,
    commands.add_audios,
    replies.audios,
    items=("audio_infos",),
    refusal=Kind.AUDIO_INFO,
    strict=True,
    fetches=commands.audio_fetches,
)
IMAGES = Route(
    inputs.AddImagesIn,
    commands.add_images,
    replies.images,
    items=("image_infos",),
    refusal=Kind.IMAGE_INFO,
    strict=True,
    fetches=commands.image_fetches,
)
STICKER = Route(
    inputs.AddStickerIn,
    commands.add_sticker,
    replies.sticker,
    items=("start", "end"),
    refusal=Kind.STICKER_INFO,
    rules=frozenset({"negative", "after_start"}),
)
KEYFRAMES = Route(
    inputs.AddKeyframesIn,
    commands.add_keyframes,
    replies.keyframes,
    items=("keyframes",),
    refusal=Kind.KEYFRAME_INFO,
)
CAPTIONS = Route(
    inputs.AddCaptionsIn, commands.add_captions, replies.captions, items=("captions",), refusal=Kind.CAPTION_INFO
)
EFFECTS = Route(
    inputs.AddEffectsIn, commands.add_effects, replies.effects, items=("effect_infos",), refusal=Kind.EFFECT_INFO
)
FILTERS = Route(
    inputs.AddFiltersIn, commands.add_filters, replies.filters, items=("filter_infos",), refusal=Kind.FILTER_INFO
)
MASKS = Route(
    inputs.AddMasksIn,
    commands.add_masks,
    replies.masks,
    items=("segment_ids",),
    refusal=Kind.MASK_INFO,
    rules=frozenset({"required", "empty"}),
)
EASY = Route(inputs.EasyCreateMaterialIn, commands.easy_create_material, replies.nothing, fetches=commands.easy_fetches)


class EditingRoutes(ViewSet):
    """Every route here is one edit: one revision, or nothing."""

    scopes = {
        "add_videos": "drafts:write",
        "add_audios": "drafts:write",
        "add_images": "drafts:write",
        "add_sticker": "drafts:write",
        "add_keyframes": "drafts:write",
        "add_captions": "drafts:write",
        "add_effects": "drafts:write",
        "add_filters": "drafts:write",
        "add_masks": "drafts:write",
        "easy_create_material": "drafts:write",
    }

    @extend_schema(**schema.ADD_VIDEOS)
    def add_videos(self, request: Request) -> Response:
        """Put videos on a new track."""
        return edit(request._request, VIDEOS)

    @extend_schema(**schema.ADD_AUDIOS)
    def add_audios(self, request: Request) -> Response:
        """Put audio on a new track."""
        return edit(request._request, AUDIOS)

    @extend_schema(**schema.ADD_IMAGES)
    def add_images(self, request: Request) -> Response:
        """Put images on a new track."""
        return edit(request._request, IMAGES)

    @extend_schema(**schema.ADD_STICKER)
    def add_sticker(self, request: Request) -> Response:
        """Put a sticker on a new track."""
        return edit(request._request, STICKER)

    @extend_schema(**schema.ADD_KEYFRAMES)
    def add_keyframes(self, request: Request) -> Response:
        """Add keyframes to segments."""
        return edit(request._request, KEYFRAMES)

    @extend_schema(**schema.ADD_CAPTIONS)
    def add_captions(self, request: Request) -> Response:
        """Put captions on a new track."""
        return edit(request._request, CAPTIONS)

    @extend_schema(**schema.ADD_EFFECTS)
    def add_effects(self, request: Request) -> Response:
        """Put effects on a new track."""
        return edit(request._request, EFFECTS)

    @extend_schema(**schema.ADD_FILTERS)
    def add_filters(self, request: Request) -> Response:
        """Put filters on a new track."""
        return edit(request._request, FILTERS)

    @extend_schema(**schema.ADD_MASKS)
    def add_masks(self, request: Request) -> Response:
        """Mask segments."""
        return edit(request._request, MASKS)

    @extend_schema(**schema.EASY_CREATE_MATERIAL)
    def easy_create_material(self, request: Request) -> Response:
        """Add audio, and a video, an image and a text if they are given; all of them or none."""
        return edit(request._request, EASY)


def edit(request: HttpRequest, route: Route) -> Response:
    """Read, edit, answer."""
    body = json_object(request)
    ref, values = read(request, route, body)
    notes: Notes = []

    def build(sources: Any) -> Any:
        return route.build(values, sources, notes)

    with host_hint(request, ref):
        applied = edit_with_media(
            draft_id=ref.id,
            fetches=route.fetches(values),
            commands=build,
            revisions=revisions(request),
        )
    fields = {"draft_url": body["draft_url"], **route.reply(values, applied)}
    warnings = [*notes, *(warning for result in applied.results for warning in result.warnings)]
    if warnings:
        fields["warnings"] = [say(warning, context_of(request).language) for warning in warnings]
    return success(request, **fields)


def read(request: HttpRequest, route: Route, body: dict[str, Any]) -> tuple[DraftRef, Values]:
    """The draft and the values of a request.

    Checked in the reference's order (contract 7): the shape, then the draft_url, then that there is such a draft,
    then the items.
    """
    try:
        values = validated(route.serializer, {**body, "draft_url": ""})
    except InvalidParameter as error:
        refusal = _refusal(route, error)
        if refusal is None:
            raise
        ref = refuse_version(parse_draft_url(body.get("draft_url")))
        if route is not STICKER:
            with host_hint(request, ref):
                get_draft(draft_id=ref.id)
        raise refusal from error
    return refuse_version(parse_draft_url(body.get("draft_url"))), values


def _refusal(route: Route, error: InvalidParameter) -> EditError | None:
    """The refusal with the route's own number, unless the shape of the request is wrong too."""
    wrong = next((each for each in error.errors if not _is_of_items(route, each.field, each.rule)), None)
    if wrong is not None:
        error.detail = wrong.text
        return None
    first = error.errors[0]
    refusal = EditError(route.refusal, first.field, first.rule, first.text)
    refusal.errors = error.errors
    return refusal


def _is_of_items(route: Route, field: str, rule: str) -> bool:
    """Whether a mistake has the route's own number."""
    if re.split(r"[.\[]", field, maxsplit=1)[0] not in route.items:
        return False
    if route.rules:
        return rule in route.rules
    return not route.strict or not (rule == "scheme" or _is_shape(field, rule))


def _is_shape(field: str, rule: str) -> bool:
    """Whether the field is the list or an item itself, and is not what it should be."""
    return "." not in field and rule not in {"required", "empty", "max_items"}
