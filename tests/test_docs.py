"""What the documents say is so: variables, links, paths, and the first draft with curl."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import resolve
from pytest_django.live_server_helper import LiveServer

from capcut_site import env
from drafts.api.operators import ROUTES
from drafts.core import errors

READMES = ("README.md", "README.zh.md")
PAGES = (
    "architecture",
    "moving-in",
    "operations",
    "performance",
    "performance-history",
    "reliability",
    "runbook",
    "scale",
    "security",
)
DOCUMENTS = (*READMES, "CHANGELOG.md", *(f"docs/{name}.md" for name in PAGES))
HEADING = re.compile(r"^#+(?= )", re.MULTILINE)
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (?:`([^`]*)`)? ?\|", re.MULTILINE)
PATH = re.compile(r"`(?:(GET|POST|PUT|PATCH|DELETE) )?(?:http://[\w.-]+(?::\d+)?)?(/(?:api|openapi|v1|admin)[^\s`]*)`")
ERROR = re.compile(r"^\| (\d{3}) \| (\d{3,4}) \|", re.MULTILINE)
FILLED = {"{id}": "20261121014101abcdef12", "{n}": "1", "{path}": "assets/images/red.png"}


def text_of(name: str) -> str:
    """A document of this project."""
    return (env.ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str = "") -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(name), re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def without_remarks(code: str) -> str:
    """Code whose remarks may be in another language."""
    return re.sub(r" *# .*", "", code)


@pytest.mark.parametrize("name", READMES)
def test_the_tables_have_every_variable_once_with_its_default(name: str) -> None:
    defaults = {
        variable.name: variable.default.replace(str(settings.STATE_DIR), "var") for variable in env.VARIABLES.values()
    }
    defaults["DATABASE_URL"] = "sqlite:///STATE_DIR/db.sqlite3"
    rows = ROW.findall(text_of(name))
    assert len(rows) == len(dict(rows))
    assert dict(rows) == defaults


def test_the_readmes_are_two_forms_of_one() -> None:
    english, chinese = (text_of(name) for name in READMES)
    for pattern in (HEADING, ROW, ERROR, PATH):
        assert pattern.findall(prose(english)) == pattern.findall(prose(chinese))
    assert without_remarks(blocks("README.md", "bash")[0]) == without_remarks(blocks("README.zh.md", "bash")[0])


@pytest.mark.parametrize("name", READMES)
def test_the_errors_are_those_of_the_code(name: str) -> None:
    rows = {(int(status), int(code)) for status, code in ERROR.findall(text_of(name))}
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DomainError)}
    assert {(kind.status, kind.code) for kind in kinds} <= rows


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    folder = (env.ROOT / name).parent
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text_of(name)) if "://" not in target]
    assert [target for target in targets if not (folder / target).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_every_path_is_one_of_ours_with_its_method(name: str) -> None:
    found = PATH.findall(text_of(name))
    assert len(found) > 20
    for method, path in found:
        for placeholder, value in FILLED.items():
            path = path.replace(placeholder, value)
        if path == "/openapi/capcut-mate/v1":  # the base of them all
            continue
        view = resolve(path).func
        assert not method or method.lower() in getattr(view, "actions", {}), f"{method} {path}"
    assert [path for path in ROUTES if f"`{path}`" not in text_of(name)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_and_folder_named_is_there(name: str) -> None:
    named = re.findall(r"`((?:capcut_site|drafts|tests|docs)/[\w./]*)`", text_of(name))
    assert [path for path in named if not (env.ROOT / path).exists()] == []


@pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "curl", "python3")), reason="needs bash, curl and python3"
)
def test_the_first_draft_with_curl(live_server: LiveServer, tmp_path: Path) -> None:
    block = blocks("README.md", "bash")[0]
    assert block.startswith("BASE=http://127.0.0.1:30000\n")
    script = block.replace("BASE=http://127.0.0.1:30000", f"BASE={live_server.url}", 1)
    script = script.replace("mktemp -d", f"mktemp -d {tmp_path}/draft.XXXXXX")
    done = subprocess.run(["bash"], input=script, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert '{"findings":[]}' in done.stdout
    assert '"version":1,"changed":true' in done.stdout
    (folder,) = (path for path in tmp_path.glob("draft.*/*") if path.is_dir())
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        "draft_content.json",
        "draft_info.json",
        "draft_meta_info.json",
        "draft_agency_config.json",
        "attachment_pc_common.json",
        "assets/images/red.png",
    }
    assert (folder / "assets/images/red.png").read_bytes() == (folder.parent / "red.png").read_bytes()
    assert f"/app/output/draft/{folder.name}/assets/images/red.png" in (folder / "draft_info.json").read_text()
