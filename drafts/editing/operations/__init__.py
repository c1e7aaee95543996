"""The operations: one function for each command, found by the command's type (see ``registry``)."""

from . import audios, captions, effects, keyframes, looks, masks, moving, stickers, subtitles, videos, whole
from .registry import perform as perform

__all__ = [
    "audios",
    "captions",
    "effects",
    "keyframes",
    "looks",
    "masks",
    "moving",
    "perform",
    "stickers",
    "subtitles",
    "videos",
    "whole",
]
