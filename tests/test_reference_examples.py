"""Every request example of the reference's own OpenAPI description, replayed against our server; and our description.

The examples name hosts outside: a host on the loopback stands in for them. Ids of drafts and segments are real ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.validation import validate_schema
from pytest_django import Settings

from tests.edits import SECOND, Editor, media_host, text
from tests.remote import Remote
from tests.support import MATE, Api

EXAMPLES = json.loads((Path(__file__).parent / "data" / "capcut_mate_examples.json").read_text())["examples"]
NOT_YET = {"gen_video", "gen_video_status"}
TOLD = {"add_images", "add_videos"}  # a transition that nobody knows; samples shorter than the example's files
MAY_BE_EMPTY = {"search_sticker"}  # stickers come from a file of the operator's
SAMPLES = {"mp4": "/clip.mp4", "mp3": "/music.mp3", "png": "/tall.png", "jpg": "/wide.jpg"}
MEDIA_URL = re.compile(r"https?://[^\s\"\\|]+\.(mp4|mp3|png|jpg)")
DOCUMENTED = {"code": 0, "message": ""}
PORTABLE = "/openapi/capcut-mate/openapi.yaml"


@pytest.fixture
def host(settings: Settings) -> Iterator[Remote]:
    """Where the media come from."""
    with media_host() as found:
        settings.OUTBOUND_ALLOWED_HOSTS = [found.host]
        yield found


def replayed(api: Api, host: Remote, verb: str, request: dict[str, Any]) -> Any:
    """The response to an example, on a draft with one image; only routes of drafts get the other host's media."""
    editor = Editor(api, width=1920, height=1080)
    body = json.dumps(request, ensure_ascii=False)
    if "draft_url" in request or verb in {"audio_timelines", "get_audio_duration"}:
        body = MEDIA_URL.sub(lambda match: host.url(SAMPLES[match[1]]), body)
    if "segment_id" in body:
        item = {"image_url": host.url("/wide.jpg"), "start": 0, "end": SECOND}
        [segment] = editor.call("add_images", image_infos=text(item))["segment_ids"]
        body = re.sub(r"[0-9a-f]{32}", segment, body)
    sent = json.loads(body)
    if "draft_url" in sent:
        sent["draft_url"] = editor.url
    return api.post(f"{MATE}/{verb}", sent)


def same_shape(found: Any, documented: Any, place: str) -> None:
    """Every documented field is there, with a value of the same kind; a list has items if the documented one has."""
    if isinstance(documented, dict):
        assert isinstance(found, dict), place
        for name, value in documented.items():
            assert name in found, f"{place}.{name}"
            same_shape(found[name], value, f"{place}.{name}")
    elif isinstance(documented, list):
        assert isinstance(found, list), place
        assert bool(found) == bool(documented) or place.split(".")[0] in MAY_BE_EMPTY, place
        for item in found[:2] if documented else []:
            same_shape(item, documented[0], f"{place}[]")
    else:
        kinds = (
            (int, float)
            if isinstance(documented, int | float) and not isinstance(documented, bool)
            else type(documented)
        )
        assert isinstance(found, kinds), (place, found, documented)


def test_there_are_34() -> None:
    assert len(EXAMPLES) == 34


@pytest.mark.parametrize("verb", sorted(set(EXAMPLES) - NOT_YET))
def test_an_example_of_the_reference_is_answered_in_the_documented_shape(api: Api, host: Remote, verb: str) -> None:
    response = replayed(api, host, verb, EXAMPLES[verb]["request"])
    assert response.status_code == 200, response.content.decode()
    reply = response.json()
    assert reply["code"] == 0
    assert "warnings" not in reply or verb in TOLD, reply
    same_shape(reply, {**DOCUMENTED, **EXAMPLES[verb]["response"]}, verb)


@pytest.mark.parametrize("verb", sorted(NOT_YET))
def test_what_is_not_here_yet_says_so(api: Api, host: Remote, verb: str) -> None:
    assert replayed(api, host, verb, EXAMPLES[verb]["request"]).status_code == 501


@pytest.fixture
def described(api: Api) -> dict[str, Any]:
    """What Coze imports."""
    response = api.get(PORTABLE)
    assert (response.status_code, response["Content-Type"]) == (200, "application/yaml")
    return dict(yaml.safe_load(response.content))


def test_the_description_for_importers_is_valid_and_plain(described: dict[str, Any]) -> None:
    validate_schema(described)
    assert described["openapi"] == "3.0.1"
    assert described["servers"] == [{"url": "http://testserver/openapi/capcut-mate/v1"}]
    assert not set(re.findall(r'"(\$ref|anyOf|oneOf|allOf)"', json.dumps(described)))


def test_the_description_for_importers_has_every_route_of_the_reference(described: dict[str, Any]) -> None:
    assert set(EXAMPLES) - NOT_YET <= {path.strip("/") for path in described["paths"]}
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation["operationId"] == path.strip("/")
            assert operation["responses"]["200"]["content"]["application/json"]["example"]["code"] == 0


def test_the_description_for_importers_names_the_public_address(api: Api, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://drafts.example.org"
    text_of = api.get(PORTABLE).content.decode()
    assert "url: https://drafts.example.org/openapi/capcut-mate/v1" in text_of
    assert "localhost" not in text_of
    assert api.post(PORTABLE).status_code == 405


def test_every_example_of_ours_works(api: Api, host: Remote, described: dict[str, Any]) -> None:
    """Request examples give replies in the shape of the reply examples."""
    for path, operations in described["paths"].items():
        operation = operations.get("post", {})
        if "requestBody" not in operation or path.strip("/") in NOT_YET:
            continue
        example = operation["requestBody"]["content"]["application/json"]["example"]
        response = replayed(api, host, path.strip("/"), example)
        assert response.status_code == 200, (path, response.content.decode())
        same_shape(
            response.json(), operation["responses"]["200"]["content"]["application/json"]["example"], path.strip("/")
        )
        assert "warnings" not in response.json(), (path, response.json())
