"""The OpenAPI description: committed as it is served, complete, and readable without the Internet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from pytest_django import Settings

from drafts.access.principal import SCOPES
from drafts.api.problems import members_of
from drafts.core import errors
from tests.refusals import MEMBERS
from tests.support import SAMPLES, Api, body_of

SNAPSHOT = Path(__file__).parent.parent / "docs" / "openapi.yaml"
PUBLIC = "https://drafts.example.org"
VERBS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def described(settings: Settings) -> dict[str, Any]:
    """The description as ``make openapi`` writes it."""
    settings.PUBLIC_URL = PUBLIC
    return dict(SchemaGenerator().get_schema(request=None, public=True))


@pytest.fixture
def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation by method and path."""
    return {(verb, path): item for path, items in described["paths"].items() for verb, item in items.items()}


def test_the_snapshot_is_what_the_code_says(described: dict[str, Any]) -> None:
    """After a change that is meant: ``make openapi``."""
    assert SNAPSHOT.read_bytes() == OpenApiYamlRenderer().render(described, renderer_context={})


def test_the_description_is_valid_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.1"
    assert described["servers"] == [{"url": PUBLIC}]
    validate_schema(described)


def routes(patterns: list[Any], prefix: str = "") -> dict[str, set[str]]:
    """Simplified path and methods of every view of ours."""
    found: dict[str, set[str]] = {}
    for item in patterns:
        if isinstance(item, URLResolver):
            found |= routes(item.url_patterns, prefix + str(item.pattern))
        elif isinstance(item, URLPattern) and hasattr(item.callback, "actions"):
            path = re.sub(r"\(\?P<(\w+)>.*?\)(?=[/\\]|\Z)", r"{\1}", str(item.pattern).removeprefix("^"))
            found["/" + path.removesuffix(r"/?\Z").replace("\\", "")] = set(item.callback.actions)
    return found


def test_every_route_is_described_with_its_methods(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    written: dict[str, set[str]] = {}
    for verb, path in operations:
        written.setdefault(path.rstrip("/"), set()).add(verb)
    ours = {path: actions for path, actions in routes(get_resolver().url_patterns).items() if "{verb}" not in path}
    assert len(ours) == 76
    assert written == {path: actions & VERBS for path, actions in ours.items()}


def test_every_operation_has_its_own_id_a_summary_and_its_refusals(
    operations: dict[tuple[str, str], dict[str, Any]],
) -> None:
    ids = [item["operationId"] for item in operations.values()]
    assert len(set(ids)) == len(ids)
    for (verb, path), item in operations.items():
        assert item["summary"]
        assert item["tags"] == (["resources"] if path.startswith("/api/") else ["capcut-mate"])
        assert {"400", "401", "403", "429", "500", "503"} <= set(item["responses"]), path
        of_a_draft = re.search(r"{|(get|save)_draft|/add_(?!text_style)|easy_create_material", path) is not None
        assert ("404" in item["responses"]) == of_a_draft, path
        assert ({} in item["security"]) == ("get_draft" in path or "{token}" in path), path
        scopes = [scheme for each in item["security"] for scheme in each.items()]
        assert [name for name, _ in scopes] == ["bearer", "header"]
        assert all(len(scope) == 1 and scope[0] in SCOPES for _, scope in scopes), path
        if "requestBody" in item:
            assert {"411", "413"} <= set(item["responses"]), (verb, path)


TEXTS = {"search", "key", "q", "cursor", "thumbnails", "thumbnail"}
TYPED = {
    "list_drafts": {
        *("created_after", "created_before", "updated_after", "updated_before", "size_min", "size_max"),
        *("state", "ordering", "page_size"),
    },
    "list_events": {"verb", "since", "until", "page_size"},
    "list_versions": {"landmark", "page_size"},
    "compare_versions": {"from", "to"},
    "search_catalogue": {"vip", "page", "page_size"},
    "edit_draft": {"dry_run", "differences", "changes"},
    "get_draft": {"draft_id", "version"},
    "get_draft_names": {"draft_id", "version"},
}


def test_a_query_parameter_that_is_no_text_is_refused_when_it_is_empty(
    api: Api, operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    draft_id = api.imported(SAMPLES / "s01_basic")["id"]
    found: dict[str, set[str]] = {}
    for (verb, path), item in operations.items():
        given = {"kind": "masks", "token": "x", "path": "x", "form": "srt", "link": "standing", "key": "1"}
        place = path.format(draft_id=draft_id, number=1, **given)
        for name in {each["name"] for each in item["parameters"] if each["in"] == "query"} - TEXTS:
            found.setdefault(item["operationId"], set()).add(name)
            of = f"?draft_id={draft_id}" if name == "version" else "?"
            query = f"{place}{of}&{name}="
            reply = api.get(query) if verb == "get" else api.post(query, {"operations": [{"op": "remove_unused"}]})
            assert reply.status_code == 400, query
            assert [error["field"] for error in reply.json()["errors"]] == [name], query
    assert found == TYPED


def test_json_replies_and_bodies_have_examples(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    for key, item in operations.items():
        for status, response in item["responses"].items():
            for kind, content in response.get("content", {}).items():
                document = content.get("schema", {}).get("additionalProperties") == {}
                assert "examples" in content or document or kind in {"*/*", "application/zip"}, (key, status, kind)


def test_every_refusal_is_described_once_with_an_example(described: dict[str, Any]) -> None:
    shared = described["components"]["responses"]
    statuses = (400, 401, 403, 404, 409, 411, 412, 413, 415, 416, 422, 428, 429, 500, 501, 503)
    assert set(shared) == {f"Problem{status}" for status in statuses}
    for name, response in shared.items():
        [kind] = response["content"]
        assert kind == "application/problem+json"
        [example] = response["content"][kind]["examples"].values()
        assert set(example["value"]) == MEMBERS
        assert f"Problem{example['value']['status']}" == name
        assert {"X-Request-ID", "traceparent"} <= set(response["headers"])
    assert "Retry-After" in shared["Problem503"]["headers"]
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(shared["Problem429"]["headers"])
    assert set(described["components"]["schemas"]["Problem"]["required"]) == MEMBERS


def test_titles_do_not_depend_on_the_version_of_python() -> None:
    titles = {
        members_of(error, "en", "")["status"]: members_of(error, "en", "")["title"]
        for error in (errors.TooLarge(), errors.Encrypted(), errors.Stale(), errors.PreconditionRequired())
    }
    assert titles == {
        413: "Content Too Large",
        422: "Unprocessable Content",
        412: "Precondition Failed",
        428: "Precondition Required",
    }


def test_the_description_is_served_as_yaml(api: Api, settings: Settings) -> None:
    settings.PUBLIC_URL = PUBLIC
    response = api.get("/api/openapi.yaml")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/vnd.oai.openapi")
    assert yaml.safe_load(response.content) == yaml.safe_load(SNAPSHOT.read_bytes())


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_the_documentation_page_needs_nothing_from_elsewhere(api: Api, path: str) -> None:
    response = api.get(path)
    page = body_of(response).decode()
    assert response.status_code == 200
    assert "text/html" in response["Content-Type"]
    links = re.findall(r"""(?:src|href)=["']([^"']+)["']|url: *["']([^"']+)["']""", page)
    assert links
    for link in filter(None, (part for pair in links for part in pair)):
        assert link.startswith(("/", "data:")), link
    assert not re.search(r"https?://(?!127\.0\.0\.1|localhost|testserver)", page)
