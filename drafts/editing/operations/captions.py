"""Captions and titles (contract 7.9)."""

from __future__ import annotations

from dataclasses import replace

from drafts.core.errors import Text

from .. import lanes, materials, segments, texts
from ..catalogue import Entry, Kind
from ..commands import AddCaptions, Added, CaptionItem, Placed, TextStyle
from ..decorations import Wardrobe
from ..errors import EMPTY, EditError
from ..errors import Kind as Refused
from ..timeline import Timeline, link
from .registry import operates


@operates(AddCaptions)
def add_captions(timeline: Timeline, command: AddCaptions) -> Added:
    """One new text track, one text material and segment for each item."""
    _check(command)
    wardrobe = Wardrobe()
    track = timeline.add_track("text", "caption" if command.kind == "subtitle" else "text")
    placed: list[Placed] = []
    for number, item in enumerate(command.items):
        place = f"captions[{number}]"
        own = wardrobe.find(Kind.TEXT_EFFECTS, item.text_effect, f"{place}.text_effect")
        effect = own or wardrobe.find(Kind.TEXT_EFFECTS, command.style.text_effect, "text_effect")
        material_id = timeline.add_material("texts", _material(command, item, place, effect, wardrobe))
        duration = item.end - item.start
        segment = segments.visual(
            timeline, track, material_id=material_id, start=item.start, duration=duration, clip=command.clip
        )
        animations = wardrobe.animate(item.animations, duration, place, of_text=True)
        if animations is not None:
            link(segment, timeline.add_material("material_animations", animations), place)
        if effect is not None:
            link(segment, timeline.add_material("effects", materials.text_effect(effect)), place)
        placed.append(Placed(segment_id=segment["id"], material_id=material_id, start=item.start, end=item.end))
    return Added(track_ids=(track["id"],), segments=tuple(placed), warnings=tuple(wardrobe.warnings))


def _check(command: AddCaptions) -> None:
    if not command.items:
        raise EditError(Refused.CAPTION_INFO, "captions", "empty", EMPTY)
    segments.check_clip(command.clip)
    if not 0 <= command.style.alignment <= 5:
        text = Text("{place} must lie in 0..5", "{place} 必须在 0 到 5 之间")
        raise EditError(Refused.PARAMETER, "alignment", "range", text)
    for number, item in enumerate(command.items):
        place = f"captions[{number}]"
        segments.check_span(item, Refused.CAPTION_INFO, place)
        if not item.text.strip():
            raise EditError(Refused.CAPTION_INFO, f"{place}.text", "empty", EMPTY)
        if not item.text.isascii():
            _check_unicode(item.text, f"{place}.text")
    overlap = lanes.first_overlap([(item.start, item.end) for item in command.items])
    if overlap:
        first, second = (f"captions[{number}]" for number in overlap)
        text = Text(f"{{place}} overlaps {first}", f"{{place}} 与 {first} 在时间上重叠")
        raise EditError(Refused.CAPTION, second, "overlap", text)


def _check_unicode(text: str, place: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        message = Text("{place} holds half of a surrogate pair", "{place} 含有不成对的代理字符")
        raise EditError(Refused.CAPTION_INFO, place, "unicode", message) from None


def _material(
    command: AddCaptions, item: CaptionItem, place: str, effect: Entry | None, wardrobe: Wardrobe
) -> dict[str, object]:
    style = command.style
    base = _base_look(style, item, effect, wardrobe)
    keyword = _keyword_look(base, style, item, place, wardrobe)
    words = item.keywords.words if item.keywords else ()
    looks = [(text, keyword if marked else base) for text, marked in texts.partition(item.text, words)]
    if item.parts:
        looks = [
            (part.text, replace(base, color=part.color or base.color, size=part.size or base.size))
            for part in item.parts
        ]
    return texts.material(
        texts.Layout(
            kind=command.kind,
            alpha=style.alpha,
            alignment=style.alignment,
            letter_spacing=style.letter_spacing,
            line_spacing=style.line_spacing,
            looks=looks,
        )
    )


def _base_look(style: TextStyle, item: CaptionItem, effect: Entry | None, wardrobe: Wardrobe) -> texts.Look:
    """A text effect brings its own colours: it is put on plain white text (contract 7.9)."""
    font = wardrobe.find(Kind.FONTS, style.font, "font")
    return texts.Look(
        size=item.size or style.size,
        color="#ffffff" if effect else style.color,
        border_color=None if effect else style.border_color,
        font=font.resource_id if font else None,
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        shadow=None if effect else style.shadow,
        effect=effect.resource_id if effect else None,
    )


def _keyword_look(base: texts.Look, style: TextStyle, item: CaptionItem, place: str, wardrobe: Wardrobe) -> texts.Look:
    keywords = item.keywords
    if keywords is None:
        return base
    font = wardrobe.find(Kind.FONTS, keywords.font, f"{place}.keyword_font")
    return texts.Look(
        size=keywords.size or base.size,
        color=keywords.color,
        border_color=None if base.effect else keywords.border_color or style.border_color,
        font=font.resource_id if font else base.font,
        bold=base.bold,
        italic=base.italic,
        underline=base.underline,
        shadow=None if base.effect else keywords.shadow or base.shadow,
    )
