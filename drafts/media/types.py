"""What a caller asks for, and what it gets: plain values, so that editing needs no database to use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["video", "audio", "image"]
KINDS: tuple[Kind, ...] = ("video", "audio", "image")


@dataclass(frozen=True, slots=True)
class Fetch:
    """One URL to fetch.

    ``field`` names it in errors ("video_infos[2].video_url"). ``kinds`` are accepted; anything else is refused
    under the number ``code`` (contract 1.7: 2006 video, 2008 audio, 2010 image). ``link`` keeps the URL in the
    document and stores nothing; ``None`` leaves that to ``MEDIA_MODE``.
    """

    url: str
    field: str
    kinds: tuple[Kind, ...] = KINDS
    code: int = 2005
    link: bool | None = None


@dataclass(frozen=True, slots=True)
class InDraft:
    """One file that the draft has, by its path; ``field`` names it in errors, ``kinds`` are accepted."""

    path: str
    field: str
    kinds: tuple[Kind, ...] = KINDS


@dataclass(frozen=True, slots=True)
class Media:
    """Bytes that were fetched or uploaded, and probed.

    ``duration`` is in microseconds, 0 for a still image; an animated image has kind video and its own length.
    ``width`` and ``height`` are pixels as shown, that is after ``rotation`` (0, 90, 180 or 270 degrees clockwise);
    0 for audio. ``blob_id`` is ``None`` when only the URL is kept.
    """

    blob_id: int | None
    sha256: str
    size: int
    kind: Kind
    extension: str
    duration: int
    width: int
    height: int
    rotation: int
    has_audio: bool
    url: str

    @property
    def linked(self) -> bool:
        """Whether the document shall keep the URL, and the client fetch it."""
        return self.blob_id is None


def material_name(media: Media, path: str) -> str:
    """The ``material_name`` for media under ``path``: the file's name.

    Linked media are named by their hash: clients save them under this name, and two URLs that end alike must not
    collide there (contract 3.8).
    """
    return f"{media.sha256[:22]}{media.extension}" if media.linked else path.rpartition("/")[2]
