"""The catalogue: complete, found by what people write, and built from its sources byte for byte."""

from __future__ import annotations

import json
import sys
import unicodedata
from enum import Enum
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from drafts.editing.catalogue import Kind, Param, closest, entries, find, search
from drafts.editing.catalogue.building import TABLES
from drafts.editing.catalogue.entries import DATA
from drafts.editing.catalogue.matching import fold

# Entries and those for VIP users (contract 7.15 to 7.19 and appendix B).
COUNTS = {
    Kind.SCENE_EFFECTS: (1097, 462),
    Kind.CHARACTER_EFFECTS: (240, 81),
    Kind.FILTERS: (1052, 802),
    Kind.TRANSITIONS: (453, 323),
    Kind.VIDEO_ANIMATIONS_IN: (155, 117),
    Kind.VIDEO_ANIMATIONS_OUT: (124, 103),
    Kind.VIDEO_ANIMATIONS_GROUP: (123, 16),
    Kind.TEXT_ANIMATIONS_IN: (145, 78),
    Kind.TEXT_ANIMATIONS_OUT: (97, 46),
    Kind.TEXT_ANIMATIONS_LOOP: (93, 52),
    Kind.FONTS: (798, 318),
    Kind.MASKS: (6, 0),
    Kind.AUDIO_SCENE_EFFECTS: (85, 73),
    Kind.AUDIO_TONES: (57, 43),
    Kind.SPEECH_TO_SONG: (6, 4),
    Kind.TEXT_EFFECTS: (1673, 1579),
    Kind.BLEND_MODES: (10, 0),
}


def test_every_kind_is_complete() -> None:
    assert {kind: (len(entries(kind)), sum(entry.is_vip for entry in entries(kind))) for kind in Kind} == COUNTS
    effects = {entry.name for kind in (Kind.SCENE_EFFECTS, Kind.CHARACTER_EFFECTS) for entry in entries(kind)}
    assert len(effects) == 1328


@pytest.mark.parametrize("kind", Kind)
def test_every_entry_is_whole_and_found_by_its_names(kind: Kind) -> None:
    for entry in entries(kind):
        assert entry.kind is kind
        assert entry.name
        assert entry.resource_id.isdecimal()
        assert entry.effect_id.isdecimal()
        assert (entry.duration or 0) >= 0
        assert all(param.name and param.least <= param.most for param in entry.params)
        if kind is not Kind.TEXT_EFFECTS:
            assert find(kind, entry.name) is entry
            assert find(kind, entry.identifier) is entry
    ids = [entry.resource_id for entry in entries(kind)]
    assert kind is Kind.TEXT_EFFECTS or all(find(kind, entry.name.upper()) for entry in entries(kind))
    assert len(set(ids)) > len(ids) * 0.9


def test_entries_have_what_the_document_needs() -> None:
    effect = find(Kind.SCENE_EFFECTS, "70s")
    assert effect
    assert (effect.identifier, effect.resource_id, effect.effect_id) == ("_70s", "6706773500792689165", "634717")
    assert effect.params == (Param("effects_adjust_speed", 0.33, 0.0, 1.0),)
    transition = find(Kind.TRANSITIONS, "3D空间")
    assert transition
    assert (transition.duration, transition.is_overlap, transition.is_vip) == (1_500_000, True, False)
    heart = find(Kind.MASKS, "爱心")
    assert heart
    assert (heart.resource_type, heart.resource_id, heart.aspect_ratio) == (
        "geometric_shape",
        "6794051276482023949",
        1.115,
    )
    animation = find(Kind.VIDEO_ANIMATIONS_IN, "Kira游动")
    assert animation
    assert (animation.duration, animation.effect_id) == (2_267_000, "34176967")


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        (Kind.TRANSITIONS, "3d 空间", "3D空间"),
        (Kind.TRANSITIONS, "_3D空间", "3D空间"),
        (Kind.TRANSITIONS, "空间", None),
        (Kind.FILTERS, "高清4k电影", "高清4k电影"),
        (Kind.FILTERS, "高清4K电影", "高清4K电影"),
        (Kind.VIDEO_ANIMATIONS_IN, "报纸拼贴II", "报纸拼贴Ⅱ"),
        (Kind.MASKS, "圆形", "圆形"),
        (Kind.MASKS, "Circle Mask", "圆形"),
        (Kind.MASKS, "linear", "线性"),
        (Kind.MASKS, "LINE", "线性"),
        (Kind.MASKS, "mirror_mask", "镜面"),
        (Kind.MASKS, "Rectangle", "矩形"),
        (Kind.MASKS, "heart", "爱心"),
        (Kind.MASKS, "Star Mask", "星形"),
        (Kind.MASKS, "mask", None),
        (Kind.FONTS, "志向黑", "励字志向黑简 特粗"),
        (Kind.FONTS, "励字志向黑", "励字志向黑简 特粗"),
        (Kind.FONTS, "alice_regular", "Alice-Regular"),
        (Kind.FONTS, "志向", "励字志向黑简 特粗"),
        (Kind.FONTS, "黑", None),
        (Kind.TEXT_EFFECTS, "红黄火焰综艺花字", "红黄火焰综艺花字"),
        (Kind.TEXT_EFFECTS, "7539407429763796249", "红黄火焰综艺花字"),
        (Kind.TEXT_EFFECTS, "123", "123"),
        (Kind.TEXT_EFFECTS, "不存在", None),
        (Kind.SCENE_EFFECTS, "", None),
        (Kind.SCENE_EFFECTS, " _", None),
        (Kind.SCENE_EFFECTS, "特" * 101, None),
    ],
)
def test_names_are_matched(kind: Kind, written: str, meant: str | None) -> None:
    found = find(kind, written)
    assert (found.name if found else None) == meant


def test_of_several_text_effects_with_one_title_the_last_counts() -> None:
    same = [entry for entry in entries(Kind.TEXT_EFFECTS) if entry.name == "花字"]
    assert len(same) > 1
    assert find(Kind.TEXT_EFFECTS, "花字") is same[-1]


@pytest.mark.parametrize(
    ("kind", "written", "suggested"),
    [
        (Kind.TRANSITIONS, "叠华", ["叠加", "叠化"]),
        (Kind.TRANSITIONS, "3d空问", ["3D空间"]),
        (Kind.SCENE_EFFECTS, "爱心气抱", ["爱心气泡", "爱心气球", "彩虹爱心"]),
        (Kind.MASKS, "hexagon", []),
        (Kind.MASKS, "", []),
    ],
)
def test_the_closest_names_are_suggested(kind: Kind, written: str, suggested: list[str]) -> None:
    assert closest(kind, written) == suggested


def test_search_finds_by_part_of_the_name_and_by_id() -> None:
    assert [entry.name for entry in search(Kind.SCENE_EFFECTS, "90S")] == ["90s画质"]
    assert [entry.name for entry in search(Kind.MASKS, "6791700663249146381")] == ["圆形"]
    assert search(Kind.MASKS, " ") == list(entries(Kind.MASKS))
    assert search(Kind.MASKS, "%") == []


@given(st.sampled_from(Kind), st.text(max_size=120))
def test_any_text_is_answered(kind: Kind, text: str) -> None:
    found = find(kind, text)
    assert found is None or found.kind is kind
    suggested = closest(kind, text)
    assert len(suggested) == len(set(suggested)) <= 3
    assert set(suggested) <= {entry.name for entry in entries(kind)}
    assert set(search(kind, text)) <= set(entries(kind))


@given(st.sampled_from(Kind), st.data())
def test_case_and_blanks_do_not_matter(kind: Kind, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(entries(kind)))
    blanks = data.draw(st.sampled_from(["", " ", "_", "  "]))
    whole = unicodedata.normalize("NFKC", entry.name).upper()
    found = find(kind, blanks + blanks.join(whole) + blanks)
    assert found
    assert fold(found.name) == fold(entry.name)


def library() -> ModuleType:
    """A stand-in for pyJianYingDraft.metadata: the same shape, one entry a table."""
    common = {"resource_id": "1", "md5": "x", "is_vip": True}
    param = SimpleNamespace(name="speed", default_value=0.33, min_value=0.0, max_value=1.0)
    shapes: dict[str, Any] = {
        "TransitionType": {"name": "叠 化", "effect_id": "2", "default_duration": 500_000, "is_overlap": False},
        "VideoSceneEffectType": {"name": "70s", "effect_id": "1", "params": [param]},
    }
    module = ModuleType("pyJianYingDraft.metadata")
    for table in TABLES.values():
        shape = {**common, "name": "叠 化", "effect_id": "2", "params": [], **shapes.get(table, {})}
        setattr(module, table, Enum(table, {"叠_化": SimpleNamespace(**shape)}))
    return module


def test_sync_catalogue_writes_one_row_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "effects.json"
    source.write_text(json.dumps([{"id": 7, "title": "花字", "is_vip": True}]))
    monkeypatch.setitem(sys.modules, "pyJianYingDraft", ModuleType("pyJianYingDraft"))
    monkeypatch.setitem(sys.modules, "pyJianYingDraft.metadata", library())
    call_command("sync_catalogue", str(source), to=tmp_path / "data")
    assert {path.stem for path in (tmp_path / "data").iterdir()} == set(Kind)
    written = {kind: (tmp_path / "data" / f"{kind}.json").read_text().splitlines() for kind in Kind}
    assert written[Kind.TRANSITIONS] == [
        '{"columns":["name","identifier","resource_id","effect_id","is_vip","duration","is_overlap"],"rows":[',
        '["叠 化","叠_化","1","2",1,500000,0]',
        "]}",
    ]
    assert written[Kind.SCENE_EFFECTS][1] == '["70s","叠_化","1","",1,[["speed",0.33,0,1]]]'
    assert written[Kind.TEXT_EFFECTS][1] == '["花字","7",1]'
    assert "transitions: 1 entries" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["{", "[1]", '[{"id": 7}]'])
def test_sync_catalogue_refuses_another_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    source = tmp_path / "effects.json"
    source.write_text(content)
    monkeypatch.setitem(sys.modules, "pyJianYingDraft", ModuleType("pyJianYingDraft"))
    monkeypatch.setitem(sys.modules, "pyJianYingDraft.metadata", library())
    with pytest.raises(CommandError, match=r"effects.json is not a JSON array of \{id, title, is_vip\}"):
        call_command("sync_catalogue", str(source), to=tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_sync_catalogue_says_which_library_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyJianYingDraft.metadata", None)
    with pytest.raises(CommandError, match=r"pyjianyingdraft 0.3.1 is missing: pip install -r tests/requirements-lo"):
        call_command("sync_catalogue", str(tmp_path / "none.json"), to=tmp_path)


@pytest.mark.services
def test_the_committed_catalogue_is_what_the_library_says(tmp_path: Path) -> None:
    committed = json.loads((DATA / "text_effects.json").read_bytes())["rows"]
    source = tmp_path / "effects.json"
    source.write_text(json.dumps([{"title": title, "id": id_, "is_vip": vip} for title, id_, vip in committed]))
    call_command("sync_catalogue", str(source), to=tmp_path / "data")
    for path in (tmp_path / "data").iterdir():
        assert path.read_bytes() == (DATA / path.name).read_bytes(), path.name
