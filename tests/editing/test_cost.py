"""What an edit costs, counted in function calls: these do not depend on the machine."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from typing import Any

import pytest

from drafts.editing.apply import apply
from drafts.editing.changes import ChangeClip, ChangeSpeed, ChangeText, DeleteSegments, ImportSubtitles
from drafts.editing.commands import (
    AddCaptions,
    AddEffects,
    AddImages,
    AddKeyframes,
    AddMasks,
    AddVideos,
    Command,
    EffectItem,
    Keyframe,
    Keywords,
)

from .support import CLIP, added, caption, edit, empty, picture


def calls(data: bytes, command: Command) -> int:
    """How many functions one edit calls."""
    profile = cProfile.Profile()
    profile.runcall(apply, data, [command])
    return int(getattr(pstats.Stats(profile), "total_calls"))  # noqa: B009 - not in the stubs


def captions(count: int) -> Command:
    return AddCaptions(items=tuple(caption(at, at + 1, "words 字幕") for at in reversed(range(count))))


def images(count: int) -> Command:
    return AddImages(items=tuple(picture(at, at + 1) for at in range(count)))


def videos_in_pairs(count: int) -> Command:
    return AddVideos(items=tuple(picture(at, at + 1.5, CLIP) for at in range(count)))


def videos_side_by_side(count: int) -> Command:
    return AddVideos(items=tuple(picture(at, at + 1, CLIP) for at in range(count)))


def key(segment_id: str, at: int) -> Keyframe:
    return Keyframe(segment_id=segment_id, property="KFTypeAlpha", offset=1000 - at, value=0.5)


def effects(count: int) -> Command:
    return AddEffects(items=tuple(EffectItem(start=at, end=at + 1, name="1998") for at in range(count)))


def cues(count: int) -> Command:
    return ImportSubtitles(text="".join(f"00:00:{at % 60:02},000 --> 09:00:00,000\nx\n\n" for at in range(count)))


def words_in_words(count: int) -> Command:
    """Keywords that lie within each other."""
    return AddCaptions(items=(caption(0, 1, "a" * 10 * count, keywords=keywords(count)),))


def keywords(count: int) -> Keywords:
    return Keywords(words=tuple("a" * length for length in range(1, count)))


def on_all(command: Any, item: Callable[[int], Any]) -> Callable[[int], int]:
    """What one operation costs on all of so many segments."""

    def costs(count: int) -> int:
        base = edit(item(count))
        return calls(base.data, command(tuple(placed.segment_id for placed in added(base).segments)))

    return costs


@pytest.mark.parametrize(
    "costs",
    [
        on_all(lambda ids: ChangeText(segment_ids=ids, text="new"), captions),
        on_all(lambda ids: ChangeClip(segment_ids=ids, alpha=0.5), captions),
        on_all(lambda ids: DeleteSegments(segment_ids=ids[::2], ripple=True), captions),
        on_all(lambda ids: ChangeSpeed(segment_ids=ids, speed=2, ripple=True), videos_side_by_side),
        on_all(lambda ids: ChangeSpeed(segment_ids=ids, speed=2), videos_side_by_side),
        on_all(lambda ids: AddKeyframes(items=tuple(key(ids[0], at) for at in range(len(ids)))), images),
        lambda count: calls(empty(), cues(count)),
        lambda count: calls(empty(), words_in_words(count)),
    ],
)
def test_a_change_costs_as_much_for_each_segment(costs: Callable[[int], int]) -> None:
    costs(1)
    assert costs(400) < 6 * costs(100)  # the square would be 16 times


@pytest.mark.parametrize("made", [captions, images, videos_in_pairs, effects])
def test_a_call_costs_as_much_for_each_item(made: Callable[[int], Command]) -> None:
    apply(empty(), [made(1)])
    few, many = calls(empty(), made(100)), calls(empty(), made(400))
    assert many < 4.4 * few


def test_one_item_more_costs_as_much_for_each_segment_of_the_draft() -> None:
    costs: list[list[int]] = []
    for count in (250, 1000):
        base = edit(images(count))
        segment_id = added(base).segments[-1].segment_id
        keyframe = Keyframe(segment_id=segment_id, property="KFTypeAlpha", offset=0, value=1.0)
        commands = [captions(1), AddKeyframes(items=(keyframe,)), AddMasks(segment_ids=(segment_id,))]
        costs.append([calls(base.data, command) for command in commands])
    for short, long in zip(*costs, strict=True):
        assert long < 4.4 * short
