"""What changed between two documents, as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from drafts.document.compare import Change, Comparison
from drafts.document.strict import MAX_INTEGER

KINDS = ["added", "removed", "changed"]
ASPECTS = ["moved", "trimmed", "retimed", "restyled", "text", "media", "decorated", "other"]


class ChangeOut(serializers.Serializer[None]):
    """One value, before and after; null for one that was or is not there."""

    field = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class TrackChangeOut(serializers.Serializer[None]):
    """One track that came, went or changed."""

    change = serializers.ChoiceField(choices=KINDS)
    id = serializers.CharField(allow_blank=True)
    type = serializers.CharField(allow_blank=True)
    values = ChangeOut(many=True)


class SegmentChangeOut(serializers.Serializer[None]):
    """One segment that came, went or changed; times are those of the newer document, of the older if it went."""

    change = serializers.ChoiceField(choices=KINDS)
    id = serializers.CharField(allow_blank=True)
    track_id = serializers.CharField(allow_blank=True)
    track_type = serializers.CharField(allow_blank=True)
    label = serializers.CharField(  # type: ignore[assignment]  # the wire's name, not the field's property
        allow_blank=True, help_text="its text, or the name of its media"
    )
    start = serializers.IntegerField(help_text="microseconds")
    end = serializers.IntegerField(help_text="microseconds")
    aspects = serializers.ListField(child=serializers.ChoiceField(choices=ASPECTS))
    values = ChangeOut(many=True)


class MaterialChangeOut(serializers.Serializer[None]):
    """One material that came, went or changed; ``fields`` are the names of what changed in it."""

    change = serializers.ChoiceField(choices=KINDS)
    id = serializers.CharField(allow_blank=True)
    list = serializers.CharField(help_text="the document's list that it stands in")
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the wire's name


class DifferenceOut(serializers.Serializer[None]):
    """One raw difference; ``place`` is a JSON pointer into the newer document, into the older for a removed value."""

    change = serializers.ChoiceField(choices=KINDS)
    place = serializers.CharField(allow_blank=True)
    before = serializers.JSONField()
    after = serializers.JSONField()


class ComparisonOut(serializers.Serializer[None]):
    """All that changed. ``more`` says that there are more raw differences than these."""

    summary = serializers.DictField(
        child=serializers.IntegerField(), help_text="how many came, went and changed: `segments_added`, ..."
    )
    general = ChangeOut(many=True)
    tracks = TrackChangeOut(many=True)
    segments = SegmentChangeOut(many=True)
    materials = MaterialChangeOut(many=True)
    differences = DifferenceOut(many=True, required=False)
    more = serializers.BooleanField(required=False)


def comparison_out(found: Comparison, *, raw: bool) -> dict[str, Any]:
    """A comparison in the shape of :class:`ComparisonOut`; ``raw`` includes the raw differences."""
    reply: dict[str, Any] = {
        "summary": found.summary(),
        "general": _values(found.general),
        "tracks": [
            {"change": item.kind, "id": item.id, "type": item.type, "values": _values(item.changes)}
            for item in found.tracks
        ],
        "segments": [
            {
                "change": item.kind,
                "id": item.id,
                "track_id": item.track_id,
                "track_type": item.track_type,
                "label": item.label,
                "start": item.start,
                "end": min(item.start + item.duration, MAX_INTEGER),
                "aspects": list(item.aspects),
                "values": _values(item.changes),
            }
            for item in found.segments
        ],
        "materials": [
            {"change": item.kind, "id": item.id, "list": item.list_name, "fields": list(item.fields)}
            for item in found.materials
        ],
    }
    if raw:
        reply["differences"] = [
            {"change": item.kind, "place": item.place, "before": item.before, "after": item.after}
            for item in found.differences
        ]
        reply["more"] = found.more
    return reply


def _values(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    return [{"field": item.field, "before": item.before, "after": item.after} for item in changes]
