"""Fills a running server through its API with one draft named "Demo": ``demo.py [URL]``, or ``make demo``.

Standard library only, so that it runs wherever a Python does. Pictures and sound are made on the spot; the
draft gets three versions, so that there is a history to look at. Every run makes another draft. A server that asks
for a key (``ACCESS_MODE=keys``) gets the one in ``API_KEY``.
"""

from __future__ import annotations

import io
import json
import math
import os
import struct
import sys
import urllib.error
import urllib.request
import uuid
import wave
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

WIDTH, HEIGHT = 1280, 720
SECOND = 1_000_000  # times in a draft are microseconds
SHOT = 3 * SECOND
STILL = 10_800 * SECOND  # how long the apps let a still picture be
TIMEOUT = 30.0
AUTHOR = "Demo"
SAMPLE_RATE = 22_050
TUNE = ((262, 330, 392), (220, 262, 330), (196, 247, 294))  # one chord for each shot, Hz
# Name, colours of the sky above, of the sky below and of the sun, its height (0 top, 1 bottom), caption.
Colours = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]
SHOTS: tuple[tuple[str, Colours, float, str], ...] = (
    ("morning.png", ((250, 190, 120), (120, 170, 220), (255, 240, 180)), 0.65, "Every save is a version"),
    ("noon.png", ((60, 130, 220), (190, 225, 250), (255, 255, 235)), 0.25, "Media travel with the draft"),
    ("evening.png", ((30, 25, 70), (220, 90, 60), (255, 170, 80)), 0.70, "Nothing is ever lost 🎬"),
)


class Refusal(Exception):
    """What keeps the demo from going on, in one sentence."""


class Server:
    """The API at one URL."""

    def __init__(self, url: str, key: str = "") -> None:
        if not url.startswith(("http://", "https://")):
            raise Refusal("A URL starts with http:// or https://.")
        self.url, self.key = url.rstrip("/"), key

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, str]:
        """The reply's JSON and its ETag. A body of bytes is sent as it is. Raises ``Refusal``."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        request = urllib.request.Request(f"{self.url}{path}", data, method=method)  # noqa: S310 - checked above
        request.add_header("Content-Type", kind)
        if self.key:
            request.add_header("X-API-Key", self.key)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:  # noqa: S310 - the operator's own server
                return json.loads(reply.read()), reply.headers.get("ETag", "")
        except urllib.error.HTTPError as error:
            raise Refusal(f"{method} {self.url}{path} answered {error.code}: {reason(error.read())}") from error
        except ValueError as error:
            raise Refusal(f"{self.url} is not a draft server: {method} {path} is not answered in JSON.") from error
        except OSError as error:  # URLError too
            raise Refusal(f"There is no server at {self.url}: start one with make run, or name its URL.") from error


def reason(body: bytes) -> str:
    """The sentence of a problem reply, and its hint."""
    try:
        problem = json.loads(body)
        return " ".join(f"{problem[name]}".rstrip(".") + "." for name in ("detail", "hint") if problem.get(name))
    except (ValueError, KeyError, AttributeError):
        return "is this the address of a draft server?"


def picture(colours: Colours, height: float) -> bytes:
    """A PNG: a sky from one colour to the other, and a sun."""
    above, below, sun = colours
    middle, radius = int(HEIGHT * height), HEIGHT // 7
    rows = bytearray()
    for y in range(HEIGHT):
        share = y / HEIGHT
        sky = bytes(round(above[part] * (1 - share) + below[part] * share) for part in range(3))
        half = math.isqrt(max(0, radius**2 - (y - middle) ** 2))
        side = WIDTH // 2 - half
        rows += b"\0" + sky * side + bytes(sun) * (2 * half) + sky * side
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(rows))) + _chunk(b"IEND")


def _chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tune() -> bytes:
    """A WAV as long as the pictures: a soft chord for each."""
    samples = SAMPLE_RATE * SHOT // SECOND
    frames = bytearray()
    for chord in TUNE:
        for index in range(samples):
            at = index / SAMPLE_RATE
            loud = 5000 * min(1.0, 20 * at, 4 * (SHOT / SECOND - at))
            frames += struct.pack("<h", round(loud * sum(math.sin(2 * math.pi * tone * at) for tone in chord) / 3))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes(bytes(frames))
    return buffer.getvalue()


def new_id() -> str:
    """A random id as the apps write it."""
    return uuid.uuid4().hex


def segment(document: dict[str, Any], material: str, start: int, length: int, **more: Any) -> dict[str, Any]:
    """A piece of a track, with a speed of its own among the materials."""
    speed = new_id()
    document["materials"]["speeds"].append({"id": speed, "type": "speed", "mode": 0, "speed": 1.0, "curve_speed": None})
    return {
        "id": new_id(),
        "material_id": material,
        "target_timerange": {"start": start, "duration": length},
        "source_timerange": {"start": 0, "duration": length},
        "speed": 1.0,
        "volume": 1.0,
        "visible": True,
        "extra_material_refs": [speed],
        "common_keyframes": [],
        "clip": {"alpha": 1.0, "rotation": 0.0, "flip": {"horizontal": False, "vertical": False}}
        | {"scale": {"x": 1.0, "y": 1.0}, "transform": {"x": 0.0, "y": 0.0}},
        **more,
    }


def track(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The segments of a new track."""
    segments: list[dict[str, Any]] = []
    document["tracks"].append(
        {"id": new_id(), "type": kind, "name": kind, "attribute": 0, "flag": 0, "is_default_name": False}
        | {"segments": segments}
    )
    return segments


def add_shot(document: dict[str, Any], number: int, folder: str) -> None:
    """One picture behind the others on the main track."""
    name, material = SHOTS[number][0], new_id()
    document["materials"]["videos"].append(
        {"id": material, "material_id": material, "local_material_id": material, "type": "photo", "material_name": name}
        | {"path": f"{folder}/assets/images/{name}", "width": WIDTH, "height": HEIGHT, "duration": STILL}
        | {"category_name": "local", "check_flag": 63487}
    )
    document["tracks"][0]["segments"].append(segment(document, material, number * SHOT, SHOT))
    document["duration"] = (number + 1) * SHOT


def add_tune(document: dict[str, Any], folder: str) -> None:
    """The sound under all of it."""
    material, length = new_id(), document["duration"]
    document["materials"]["audios"].append(
        {"id": material, "music_id": material, "local_material_id": material, "type": "extract_music"}
        | {"name": "tune.wav", "path": f"{folder}/assets/audios/tune.wav", "duration": length}
        | {"category_name": "local", "check_flag": 3}
    )
    track(document, "audio").append(segment(document, material, 0, length, clip=None, volume=0.8, render_index=10))


def add_captions(document: dict[str, Any]) -> None:
    """One line of text over each picture; ranges count UTF-16 units."""
    segments = track(document, "text")
    white = {"alpha": 1.0, "content": {"render_type": "solid", "solid": {"alpha": 1.0, "color": [1.0, 1.0, 1.0]}}}
    for number, shot in enumerate(SHOTS):
        material, words = new_id(), shot[-1]
        style = {"fill": white, "range": [0, len(words.encode("utf-16-le")) // 2], "size": 12, "strokes": []}
        document["materials"]["texts"].append(
            {"id": material, "type": "subtitle", "content": json.dumps({"text": words, "styles": [style]})}
            | {"alignment": 1, "typesetting": 0, "line_max_width": 0.82, "global_alpha": 1.0, "check_flag": 7}
        )
        text = segment(document, material, number * SHOT, SHOT, source_timerange=None, render_index=14000)
        text["clip"]["transform"]["y"] = -0.75
        segments.append(text)


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def fill(server: Server) -> None:
    """Make the draft and its three versions. Raises ``Refusal``."""
    draft, _ = server.call("POST", "/api/v1/drafts", {"name": "Demo", "width": WIDTH, "height": HEIGHT})
    path, folder = f"/api/v1/drafts/{draft['id']}", f"/app/output/draft/{draft['id']}"

    def paint(*numbers: int) -> None:
        for number in numbers:
            name, colours, height, _ = SHOTS[number]
            server.call("PUT", f"{path}/files/assets/images/{name}", picture(colours, height))

    def save(note: str, *edits: Callable[[dict[str, Any]], None]) -> None:
        document, etag = server.call("GET", f"{path}/content")
        for edit in edits:
            edit(document)
        server.call("PUT", f"{path}/content", document, If_Match=etag)
        version, _ = server.call("POST", f"{path}/save", {"note": note, "author": AUTHOR})
        say(f"Version {version['number']}: {note}")

    paint(0, 1)
    save("Two pictures, three seconds each", *(partial(add_shot, number=number, folder=folder) for number in (0, 1)))
    paint(2)
    server.call("PUT", f"{path}/files/assets/audios/tune.wav", tune())
    third = partial(add_shot, number=2, folder=folder)
    save("A third picture, and music under them", third, partial(add_tune, folder=folder))
    save("Captions", add_captions)
    for finding in server.call("GET", f"{path}/integrity")[0]["findings"]:
        raise Refusal(f"The server finds fault with the draft: {finding['message']}")
    explain(server, draft, path)


def explain(server: Server, draft: dict[str, Any], path: str) -> None:
    """Where the draft is, and what to try."""
    curl = 'curl -H "X-API-Key: $API_KEY"' if server.key else "curl"
    say(f"""
draft_url  {draft["draft_url"]}
admin      {server.url}/admin/drafts/draft/{draft["id"]}/change/

Next:
  Paste the draft_url into the capcut-mate desktop client to open the draft; with &version=1 added, the first version.
  {curl} -o demo.zip {server.url}{path}/archive.zip
  {curl} {server.url}{path}/versions
  {curl} -X POST {server.url}{path}/versions/1/restore     # version 1 again, as version 4
  Everything else: {server.url}/api/docs/""")


def main(arguments: list[str]) -> int:
    """Exit status 0 when the draft is there, else 1 and one sentence."""
    try:
        fill(Server(arguments[0] if arguments else "http://127.0.0.1:30000", os.environ.get("API_KEY", "")))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
