"""The description that Coze and n8n import: the capcut-mate routes alone, in OpenAPI 3.0 with one type a field.

It is made from the whole description, so the two cannot disagree. What importers choke on is left out: references,
a second form of a value, headers, refusals.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import MethodNotAllowed

from drafts.core.links import base_url

from ..problems import as_domain_error, problem

PREFIX = "/openapi/capcut-mate/v1"
LEFT_OUT = ("/files/",)
AS_TEXT = {"video_infos", "audio_infos", "image_infos", "captions", "keyframes", "effect_infos", "filter_infos"}
_REFERENCE = "#/components/schemas/"
_DROPPED = {"contentMediaType", "pattern", "format", "readOnly"}
_DESCRIPTION = "Create, edit and save JianYing / CapCut drafts. Times are in microseconds, positions in pixels."


@csrf_exempt  # so that a POST is told 405
def portable(request: HttpRequest) -> HttpResponse:
    """The description as YAML, with this server's address and links."""
    if request.method not in {"GET", "HEAD"}:
        refused = problem(request, as_domain_error(MethodNotAllowed(request.method or "")))
        refused["Allow"] = "GET, HEAD"
        return refused
    server = base_url(request)
    response = HttpResponse(_text().replace("http://localhost:30000", server), content_type="application/yaml")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _text() -> str:
    whole = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the library is not typed
    schemas = whole["components"]["schemas"]
    paths: dict[str, Any] = {}
    for path, operations in whole["paths"].items():
        if path.startswith(f"{PREFIX}/") and not any(part in path for part in LEFT_OUT):
            paths[path.removeprefix(PREFIX)] = {
                verb: _operation(operation, schemas) for verb, operation in operations.items()
            }
    described = {
        "openapi": "3.0.1",
        "info": {"title": "CapCut draft server", "description": _DESCRIPTION, "version": whole["info"]["version"]},
        "servers": [{"url": f"http://localhost:30000{PREFIX}"}],
        "paths": paths,
    }
    text: str = yaml.safe_dump(described, allow_unicode=True, sort_keys=False, width=1000)
    return text


def _operation(operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    content = _content(operation["responses"]["200"]["content"], schemas)
    made: dict[str, Any] = {
        "operationId": operation["operationId"],
        "summary": operation["summary"],
        "description": operation.get("description", ""),
    }
    queries = [item for item in operation.get("parameters", ()) if item["in"] == "query"]
    if queries:
        made["parameters"] = [{**item, "schema": simple(item["schema"], schemas)} for item in queries]
    if "requestBody" in operation:
        made["requestBody"] = {"required": True, "content": _content(operation["requestBody"]["content"], schemas)}
    made["responses"] = {"200": {"description": "Success", "content": content}}
    return made


def _content(content: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    media = content["application/json"]
    made = {"schema": simple(media["schema"], schemas)}
    examples = [item["value"] for item in media.get("examples", {}).values()]
    if examples:
        made["example"] = copy.deepcopy(examples[0])
    return {"application/json": made}


def simple(schema: Any, schemas: dict[str, Any]) -> Any:
    """A JSON schema of OpenAPI 3.1 in the words of 3.0, without references, one type for each value.

    Of two forms of a value the plain one stays, but lists that the reference takes as JSON text become text.
    """
    if "$ref" in schema:
        return simple(schemas[schema["$ref"].removeprefix(_REFERENCE)], schemas)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            chosen = _chosen(schema[word])
            rest = {key: value for key, value in schema.items() if key != word}
            return simple({**chosen, **rest} if "$ref" not in chosen else _inlined(chosen, rest, schemas), schemas)
    made = {key: value for key, value in schema.items() if key not in _DROPPED}
    if isinstance(made.get("type"), list):
        made["type"] = next(kind for kind in made["type"] if kind != "null")
        made["nullable"] = True
    if made.get("enum"):
        made["enum"] = [value for value in made["enum"] if value is not None]
    if "items" in made:
        made["items"] = simple(made["items"], schemas)
    if "properties" in made:
        made["properties"] = {
            name: _as_text(each, schemas) if name in AS_TEXT and "anyOf" in each else simple(each, schemas)
            for name, each in made["properties"].items()
        }
    return made


def _as_text(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A list that goes as JSON text, with the keys of its items."""
    item = simple(_chosen(schema["anyOf"])["items"], schemas)
    needed = set(item.get("required", ()))
    keys = ", ".join(f"{name} (required)" if name in needed else name for name in item["properties"])
    return {"type": "string", "description": f"JSON text of an array of objects: {keys}"}


def _chosen(forms: list[dict[str, Any]]) -> dict[str, Any]:
    return next(form for form in forms if form.get("type") != "null")


def _inlined(reference: dict[str, Any], rest: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return {**schemas[reference["$ref"].removeprefix(_REFERENCE)], **rest}
