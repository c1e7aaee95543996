"""Which media a document names that its draft does not have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from . import paths
from .importing import MEDIA_LISTS, MissingMedia, is_local
from .integrity.model import dict_of, list_of, text_of


def missing_media(doc: Mapping[str, Any], stored: Collection[str]) -> list[MissingMedia]:
    """Videos, sounds and pictures whose local file is not among the paths ``stored``, each path once.

    Links are not missing, the desktop client fetches them; nor are materials without a path, which the apps make.
    """
    found: dict[str, MissingMedia] = {}
    materials = dict_of(doc.get("materials"))
    for name in MEDIA_LISTS:
        for item in map(dict_of, list_of(materials.get(name))):
            path = text_of(item.get("path"))
            if is_local(path) and paths.relative(path) not in stored:
                found.setdefault(path, MissingMedia(path, text_of(item.get("id"))))
    return list(found.values())
