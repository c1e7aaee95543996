"""Which of the two languages a reply speaks."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from drafts.core.errors import Text

Language = Literal["en", "zh"]


def language_of(request: HttpRequest) -> Language:
    """The first of zh* and en* that Accept-Language asks for, else ``CAPCUT_MATE_LANGUAGE``."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower().replace("_", "-")  # zh_CN is met in the wild
    for name, quality in parse_accept_lang_header(header):
        if quality and name.startswith("zh"):
            return "zh"
        if quality and name.startswith("en"):
            return "en"
    return "zh" if settings.CAPCUT_MATE_LANGUAGE == "zh" else "en"


def say(text: Text, language: Language) -> str:
    """The sentence in ``language``."""
    return text.zh if language == "zh" else text.en
