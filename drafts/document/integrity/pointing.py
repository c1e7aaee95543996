"""Which segment or track a finding is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .model import Finding, View

_SEGMENT: Final = re.compile(r"/tracks/\d+/segments/\d+(?=/|\Z)")
_TRACK: Final = re.compile(r"/tracks/\d+(?=/|\Z)")
_MATERIAL: Final = re.compile(r"/materials/[^/]*/\d+(?=/|\Z)")


def by_place(doc: Mapping[str, Any], findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by the place (JSON pointer) of their segment, else of their track, else "".

    One about a material stands with every segment that uses it.
    """
    found: dict[str, list[Finding]] = {}
    users: dict[str, list[str]] | None = None
    for finding in findings:
        places = [match[0] for pattern in (_SEGMENT, _TRACK) if (match := pattern.match(finding.place))][:1]
        material = _MATERIAL.match(finding.place)
        if material:
            users = _users(doc) if users is None else users
            places = users.get(material[0], [])
        for place in places or [""]:
            found.setdefault(place, []).append(finding)
    return found


def _users(doc: Mapping[str, Any]) -> dict[str, list[str]]:
    """Places of segments by the place of a material that they use."""
    view = View.of(dict(doc))
    users: dict[str, list[str]] = {}
    for segment in view.segments:
        for name in dict.fromkeys((segment.material_id, *segment.refs)):
            for material in view.by_id.get(name, ()):
                users.setdefault(material.place, []).append(segment.place)
    return users
