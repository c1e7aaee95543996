"""Taking over a folder that somebody else has written.

Decides which file holds the timeline, which files are kept, and changes the few values that would break or
leak: device ids, media paths, blank links between media and timeline.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from . import canonical, paths
from .canonical import DocumentError
from .companions import COMPANIONS, DOCUMENT_NAMES
from .skeleton import DEVICE_KEYS

PROJECT_NAME: Final = "Timelines/project.json"
MEDIA_LISTS: Final = ("videos", "audios", "images")
_NOT_KEPT: Final = frozenset({*DOCUMENT_NAMES, *COMPANIONS, "template-2.tmp"})
_LITTER: Final = frozenset({".ds_store", "thumbs.db"})
_ROOT_META: Final = re.compile(r"root_meta_info.*\.json")
_REMOTE: Final = re.compile(r"https?://", re.IGNORECASE)
_BARE_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]?")

# Where a value stands: the keys and indexes from the root of the document.
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A material whose local file did not come along: its ``path`` as written and its id ("" if none)."""

    path: str
    material_id: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """A document ready to be stored: ``data`` and ``doc`` agree, ``changed`` says whether they are new."""

    data: bytes
    doc: dict[str, Any]
    missing: tuple[MissingMedia, ...]
    changed: bool


def choose_document(names: Collection[str], read: Callable[[str], bytes]) -> str:
    """The member of a draft folder that holds the timeline in force.

    ``names`` are paths inside the folder, ``read`` gives a member's bytes. An app that has saved the folder
    keeps the truth under Timelines/<main_timeline_id>/; else it is draft_info.json, then draft_content.json.
    Raises DocumentError ("unsupported") when there is none.
    """
    known = set(names)
    main = _main_timeline(read(PROJECT_NAME)) if PROJECT_NAME in known else None
    candidates = ["draft_info.json", "draft_content.json"]
    if main:
        candidates = [f"Timelines/{main}/{name}" for name in candidates] + candidates
    for candidate in candidates:
        if candidate in known:
            return candidate
    raise DocumentError("unsupported", "The folder holds neither draft_content.json nor draft_info.json.")


def kept(path: str) -> bool:
    """Whether a file of an imported folder becomes a draft file; documents and derived files do not."""
    segments = path.replace("\\", "/").lower().split("/")
    name = segments[-1]
    if len(segments) == 1 and (name in _NOT_KEPT or _ROOT_META.fullmatch(name)):
        return False
    if segments[0] == "timelines" or "__macosx" in segments:
        return False
    if name in _LITTER or name.startswith("._") or name.endswith(".bak") or name == "":
        return False
    return not any(segment.startswith(paths.TEMPORARY_PREFIX) for segment in segments)


def normalise(
    data: bytes,
    doc: dict[str, Any],
    *,
    present: Mapping[str, str],
    folder_prefixes: Sequence[str] = (),
) -> Normalised:
    """Prepare an imported document for storing.

    ``doc`` is ``data`` parsed; it is changed in place, for a copy takes several times its bytes. ``present`` maps each
    path of the folder, as it came, to the path under which the file is stored. ``folder_prefixes`` are absolute
    folders known to be this draft's (for instance the meta's draft_fold_path). Device keys become "", paths of present
    files take the token form, a blank ``local_material_id`` of videos and audios becomes the material's id; nothing
    else changes, and when nothing had to, ``data`` is returned as it was. Media that did not come along keep their
    paths and are reported.
    """
    finder = _Finder(present, folder_prefixes)
    edits: dict[Place, str] = {}
    missing: dict[MissingMedia, None] = {}
    edits.update((place, "") for place in _device_values(doc))
    for name, place, item in _materials(doc):
        edits.update(_link_edit(name, place, item))
        edits.update(_path_edits(name, place, item, finder, missing))
    if not edits:
        return Normalised(data, doc, tuple(missing), changed=False)
    for place, value in edits.items():
        _put(doc, place, value)
    return Normalised(canonical.dumps(doc), doc, tuple(missing), changed=True)


class _Finder:
    """Finds the stored name for a path as another machine wrote it."""

    def __init__(self, present: Mapping[str, str], folder_prefixes: Sequence[str]) -> None:
        self._exact = {_slashes(name): stored for name, stored in present.items()}
        self._folded = {_folded(name): stored for name, stored in self._exact.items()}
        self._prefixes = tuple(_folded(prefix).rstrip("/") + "/" for prefix in folder_prefixes if prefix.strip("/\\"))

    def inside(self, path: str) -> str | None:
        """By the path's place in the draft folder, where the path itself says that it lies there."""
        for relative in self._relatives(path):
            stored = self._exact.get(relative) or self._folded.get(_folded(relative))
            if stored is not None:
                return stored
        return None

    def by_suffix(self, path: str, *, at_least: int = 1) -> str | None:
        """By the longest end of the path, of ``at_least`` segments, that names a file of the folder."""
        segments = [part for part in _slashes(path).split("/") if part not in ("", ".")]
        tails = ["/".join(segments[start:]) for start in range(len(segments) - at_least + 1)]
        for tail in tails:
            if tail in self._exact:
                return self._exact[tail]
        for tail in tails:
            if _folded(tail) in self._folded:
                return self._folded[_folded(tail)]
        return None

    def _relatives(self, path: str) -> Iterator[str]:
        inside = paths.relative(path)
        if inside is not None:
            yield _slashes(inside)
        folded = _folded(path)
        for prefix in self._prefixes:
            if folded.startswith(prefix):
                yield "/".join(_slashes(path).split("/")[prefix.count("/") :])


def _slashes(path: str) -> str:
    return path.replace("\\", "/")


def _folded(path: str) -> str:
    """Equal for names that macOS and Windows take for the same file."""
    return unicodedata.normalize("NFC", _slashes(path)).casefold()


def _main_timeline(data: bytes) -> str | None:
    try:
        project = canonical.loads(data)
    except DocumentError:
        return None
    main = project.get("main_timeline_id") if isinstance(project, dict) else None
    return main if isinstance(main, str) and main and "/" not in main else None


def _device_values(doc: Mapping[str, Any]) -> Iterator[Place]:
    for root in ("platform", "last_modified_platform"):
        for place, holder in _objects(doc.get(root), (root,)):
            yield from ((*place, key) for key in DEVICE_KEYS if holder.get(key, "") != "")


def _objects(value: object, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every object at or below ``value``, with its place."""
    stack: list[tuple[Place, object]] = [(place, value)]
    while stack:
        here, node = stack.pop()
        if isinstance(node, dict):
            yield here, node
            stack += [((*here, key), member) for key, member in node.items()]
        elif isinstance(node, list):
            stack += [((*here, index), member) for index, member in enumerate(node)]


def _materials(doc: Mapping[str, Any]) -> Iterator[tuple[str, Place, dict[str, Any]]]:
    materials = doc.get("materials")
    for name, items in materials.items() if isinstance(materials, dict) else ():
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                yield name, ("materials", name, index), item


def _link_edit(name: str, place: Place, item: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    material_id = item.get("id")
    blank = item.get("local_material_id") in (None, "")
    if name in ("videos", "audios") and blank and _text(item.get("path")) and _text(material_id):
        yield (*place, "local_material_id"), str(material_id)


def _path_edits(
    name: str, place: Place, item: dict[str, Any], finder: _Finder, missing: dict[MissingMedia, None]
) -> Iterator[tuple[Place, str]]:
    """Paths anywhere in a material may name our files, but only its own path in a media list can be missing.

    Other lists point into the app's effect cache, which it fills again by itself.
    """
    for here, holder in _objects(item, place):
        path = holder.get("path")
        if not isinstance(path, str) or not is_local(path):
            continue
        is_media = name in MEDIA_LISTS and here == place
        stored = finder.inside(path) or finder.by_suffix(path, at_least=1 if is_media else 2)
        if stored is not None:
            if path != paths.token_form(stored):
                yield (*here, "path"), paths.token_form(stored)
        elif is_media:
            missing[MissingMedia(path, _text(item.get("id")))] = None


def is_local(path: str) -> bool:
    """Whether a material's path names a file, not a link, an empty drive or nothing."""
    return bool(path) and not _REMOTE.match(path) and not _BARE_DRIVE.fullmatch(path)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _put(doc: dict[str, Any], place: Place, value: str) -> None:
    holder: Any = doc
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
