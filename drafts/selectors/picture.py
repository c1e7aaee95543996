"""The picture of a draft's timeline, with what the integrity rules find."""

from __future__ import annotations

from drafts.document.integrity import by_place
from drafts.document.outline import outline
from drafts.document.picture import Language, picture

from .integrity import findings
from .timeline import State


def picture_of(state: State, *, language: Language) -> str:
    """One state of a draft as an SVG file."""
    return picture(outline(state.document), findings=by_place(state.document, findings(state)), language=language)
