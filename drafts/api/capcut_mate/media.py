"""How long sounds behind URLs are: fetched, probed and forgotten (contract 7.22, 7.23)."""

from __future__ import annotations

from itertools import accumulate, pairwise

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.media.fetch import fetch_all
from drafts.media.types import Fetch

from ..bodies import json_object, validated
from ..viewsets import ViewSet
from .editing_fields import UrlField
from .fields import ArrayField
from .helper_schema import TimelinesOut, operation
from .schema import Envelope
from .views import success

NO_DURATION = 2034
FETCHING = (422, 501)


class AudioDurationIn(serializers.Serializer[None]):
    """A sound, or a video."""

    mp3_url = UrlField(help_text="http or https; audio of any kind, or a video")


class AudioTimelinesIn(serializers.Serializer[None]):
    """Sounds that shall follow each other."""

    links = ArrayField(child=UrlField(), help_text="http or https; audio of any kind, or videos")


class AudioDurationOut(Envelope):
    """Its length."""

    duration = serializers.IntegerField(help_text="microseconds")


GET_AUDIO_DURATION = operation(
    "get_audio_duration",
    "Tell the length of a sound behind a URL",
    AudioDurationIn,
    AudioDurationOut,
    {"mp3_url": "https://example.com/music.mp3"},
    {"duration": 2_325_333},
    failures=FETCHING,
)
AUDIO_TIMELINES = operation(
    "audio_timelines",
    "Place sounds behind URLs one after the other",
    AudioTimelinesIn,
    TimelinesOut,
    {"links": ["https://example.com/one.mp3", "https://example.com/two.mp3"]},
    {
        "timelines": [{"start": 0, "end": 3_000_000}, {"start": 3_000_000, "end": 5_500_000}],
        "all_timelines": [{"start": 0, "end": 5_500_000}],
    },
    failures=FETCHING,
)


def _durations(urls: list[str], field: str) -> list[int]:
    wanted = [
        Fetch(url, field.format(number=number), kinds=("audio", "video"), code=NO_DURATION, link=True)
        for number, url in enumerate(urls)
    ]
    return [media.duration for media in fetch_all(wanted)]


class MediaRoutes(ViewSet):
    """Media behind URLs; no draft is touched, nothing is stored."""

    scopes = {
        "get_audio_duration": "media:probe",
        "audio_timelines": "media:probe",
    }

    @extend_schema(**GET_AUDIO_DURATION)
    def get_audio_duration(self, request: Request) -> Response:
        """The length in microseconds."""
        values = validated(AudioDurationIn, json_object(request._request))
        return success(request._request, duration=_durations([values["mp3_url"]], "mp3_url")[0])

    @extend_schema(**AUDIO_TIMELINES)
    def audio_timelines(self, request: Request) -> Response:
        """From start to end of each, and of all."""
        values = validated(AudioTimelinesIn, json_object(request._request))
        ends = list(accumulate(_durations(values["links"], "links[{number}]"), initial=0))
        timelines = [{"start": start, "end": end} for start, end in pairwise(ends)]
        return success(request._request, timelines=timelines, all_timelines=[{"start": 0, "end": ends[-1]}])
