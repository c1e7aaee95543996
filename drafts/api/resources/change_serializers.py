"""Operations on what exists: one serializer for each dataclass of ``drafts.editing.changes``, with its field names."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from drafts.editing import changes

from ..bodies import StringField
from ..capcut_mate.editing_fields import NameField, TextField
from .edit_fields import (
    NULLABLE,
    OPTIONAL,
    Choice,
    Color,
    Flag,
    Items,
    MediaPart,
    Op,
    Part,
    Real,
    SubtitleField,
    Time,
    Whole,
)
from .edit_serializers import ID, NAME, SHARE, SIDE, VOLUME, ClipPart, StylePart

ADJUSTMENT: dict[str, Any] = {"min_value": -1, "max_value": 1, **NULLABLE}


class OneSegment(Part):
    """What names one segment."""

    segment_id = StringField(**ID)


class SomeSegments(Part):
    """What names segments."""

    segment_ids = Items(child=StringField(**ID))


class MoveSegmentOp(OneSegment):
    """Start it elsewhere, and on another track of the same type if one is named."""

    makes = changes.MoveSegment
    op = Op("move_segment")
    start = Time()
    track_id = StringField(**ID, **NULLABLE)


class TrimSegmentOp(OneSegment):
    """New edges on the timeline; what is left of the source plays where it played before."""

    makes = changes.TrimSegment
    op = Op("trim_segment")
    start = Time(**NULLABLE)
    end = Time(**NULLABLE)


class SplitSegmentOp(OneSegment):
    """Two segments that meet at ``at``; the first keeps the id, ``made`` has that of the second."""

    makes = changes.SplitSegment
    op = Op("split_segment")
    at = Time()


class DeleteSegmentsOp(SomeSegments):
    """``ripple`` closes the gaps: later segments of the same tracks move up."""

    makes = changes.DeleteSegments
    op = Op("delete_segments")
    ripple = Flag(**OPTIONAL)


class ReplaceMediaOp(MediaPart, OneSegment):
    """Another file in the same place; a shorter one shortens the segment."""

    makes = changes.ReplaceMedia
    op = Op("replace_media")


class StyleChangePart(Part):
    """How text is to look from now on; what is not given stays. ``border_color`` "" takes the border away."""

    makes = changes.StyleChange
    size = Real(min_value=0.1, max_value=1000, **NULLABLE)
    color = Color(**NULLABLE)
    border_color = Color(allow_blank=True, **NULLABLE)
    font = NameField(**NAME)
    bold = Flag(**NULLABLE)
    italic = Flag(**NULLABLE)
    underline = Flag(**NULLABLE)
    alpha = Real(**SHARE, **NULLABLE)
    alignment = Whole(min_value=0, max_value=5, **NULLABLE)
    letter_spacing = Real(**NULLABLE)
    line_spacing = Real(**NULLABLE)


class ChangeTextOp(SomeSegments):
    """New words, a new look, or both; new words take the look of the first part of the old ones."""

    makes = changes.ChangeText
    op = Op("change_text")
    text = TextField(**NULLABLE)
    style = StyleChangePart(**NULLABLE)  # type: ignore[assignment]  # the wire's name, not the field's property


class ChangeClipOp(SomeSegments):
    """How segments lie on the canvas; positions in canvas pixels from the centre, y up, rotation in degrees."""

    makes = changes.ChangeClip
    op = Op("change_clip")
    alpha = Real(**SHARE, **NULLABLE)
    scale_x = Real(**NULLABLE)
    scale_y = Real(**NULLABLE)
    x = Real(**NULLABLE)
    y = Real(**NULLABLE)
    rotation = Real(**NULLABLE)
    flip_horizontal = Flag(**NULLABLE)
    flip_vertical = Flag(**NULLABLE)


class ChangeVolumeOp(SomeSegments):
    """0 to 10; 1 is the level of the source."""

    makes = changes.ChangeVolume
    op = Op("change_volume")
    volume = Real(**VOLUME)


class ChangeSpeedOp(SomeSegments):
    """Play the same part of the source faster or slower; ``ripple`` moves later segments of the track along."""

    makes = changes.ChangeSpeed
    op = Op("change_speed")
    speed = Real(min_value=0.05, max_value=100)
    ripple = Flag(**OPTIONAL)


class AdjustPictureOp(SomeSegments):
    """Brightness, contrast and saturation, each -1 to 1 with 0 for unchanged."""

    makes = changes.AdjustPicture
    op = Op("adjust_picture")
    brightness = Real(**ADJUSTMENT)
    contrast = Real(**ADJUSTMENT)
    saturation = Real(**ADJUSTMENT)


class MoveTrackOp(Part):
    """Give the track another place among all tracks, 0 the lowest."""

    makes = changes.MoveTrack
    op = Op("move_track")
    track_id = StringField(**ID)
    position = Whole(min_value=0)


class ChangeTrackOp(Part):
    """Rename it, mute it, or let it sound again."""

    makes = changes.ChangeTrack
    op = Op("change_track")
    track_id = StringField(**ID)
    name = StringField(max_length=settings.MAX_NAME_LENGTH, **NULLABLE)
    muted = Flag(**NULLABLE)


class ChangeCanvasOp(Part):
    """Pixels; segments keep their place in proportion."""

    makes = changes.ChangeCanvas
    op = Op("change_canvas")
    width = Whole(**SIDE)
    height = Whole(**SIDE)


class RemoveUnusedOp(Part):
    """Drop all materials that nothing refers to, whoever wrote them."""

    makes = changes.RemoveUnused
    op = Op("remove_unused")


class ImportSubtitlesOp(Part):
    """Captions from SRT or WebVTT, later by ``offset`` microseconds; overlapping cues go to further tracks."""

    makes = changes.ImportSubtitles
    op = Op("import_subtitles")
    text = SubtitleField(help_text="the whole file")
    format = Choice(choices=["srt", "vtt"], **NULLABLE)
    offset = Whole(**OPTIONAL)
    style = StylePart(**OPTIONAL)  # type: ignore[assignment]  # the wire's name, not the field's property
    clip = ClipPart(**OPTIONAL)
