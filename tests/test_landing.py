"""The landing page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.support import Api


def page(client: Client, path: str = "/", **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    return response.content.decode()


def test_it_speaks_the_readers_language(client: Client) -> None:
    english, chinese = page(client), page(client, **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert '<html lang="en">' in english
    assert "<h1>CapCut draft server</h1>" in english
    assert '<html lang="zh-Hans">' in chinese
    assert "<h1>剪映草稿服务器</h1>" in chinese
    assert client.get("/")["Vary"] == "Accept-Language"


def test_the_language_can_be_switched(client: Client) -> None:
    chinese = page(client, "/?lang=zh")
    assert "剪映草稿服务器" in chinese
    assert 'href="?lang=en"' in chinese
    english = page(client, "/?lang=en", **{"Accept-Language": "zh-CN"})
    assert "CapCut draft server" in english
    assert 'href="?lang=zh"' in english
    assert page(client, "/?lang=%3Cscript%3E") == page(client)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_needs_nothing_from_elsewhere(client: Client, lang: str) -> None:
    text = page(client, f"/?lang={lang}")
    for tag in re.findall(r"<(?:a|link|script|img|iframe)\b[^>]*>", text):
        assert not re.search(r'(?:href|src)="(?!/|\?|data:)', tag), tag
    assert "<script" not in text
    assert "<style" not in text
    assert len(text) < 12_000


def test_the_commands_name_this_server(client: Client, settings: Any) -> None:
    assert "SERVER=http://testserver\n" in page(client)
    settings.PUBLIC_URL = "https://drafts.example.org"
    assert "SERVER=https://drafts.example.org\n" in page(client)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading_is_possible(method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)("/")
    assert (response.status_code, response.json()["code"], response["Allow"]) == (405, 405, "GET, HEAD")


def test_head_has_no_body(client: Client) -> None:
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")


def test_its_links_lead_somewhere(api: Api) -> None:
    links = re.findall(r'<a href="(/[^"]*)"', page(api.client))
    assert links == ["/api/docs/", "/api/openapi.yaml", "/admin/", "/readyz", "/metrics"]
    assert [api.get(link).status_code for link in links] == [200, 200, 302, 200, 200]
