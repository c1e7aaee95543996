"""Every rule finds its fault and nothing else; no JSON makes the check raise."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafts.document import canonical, outline
from drafts.document.integrity import RULES, FileFacts, check
from drafts.document.integrity.model import LIMIT

from .builders import FILES, SAMPLE_NAMES, SECOND, clean, meta_of, sample, segment, text, track

Doc = dict[str, Any]


def test_the_clean_document_is_clean() -> None:
    doc = clean()
    assert check(doc, files=FILES, meta=meta_of(doc), twin_equal=True) == []


def test_every_rule_is_described() -> None:
    assert list(RULES) == [f"R{number}" for number in range(1, 22)]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("s01_basic", {"R3": 4, "R15": 1, "R18": 3}),
        ("s02_effects", {"R3": 3, "R15": 1, "R18": 5}),
        ("s03_capcut_basic", {"R3": 1, "R18": 2}),
        ("s04_capcutcli", {"R1": 3, "R11": 1}),
        ("s05_reference", {"R3": 3, "R5": 1, "R15": 2, "R16": 1, "R18": 3}),
    ],
)
def test_the_samples_are_tolerated_on_import(name: str, counts: dict[str, int]) -> None:
    findings = check(json.loads(sample(name)), imported=True)
    assert Counter(found.rule for found in findings) == counts
    assert {found.severity for found in findings} <= {"info", "warning"}
    assert {found.severity for found in check(json.loads(sample(name)))} == {"error"}


def seg(doc: Doc, kind: str, index: int = 0) -> Doc:
    tracks = [track for track in doc["tracks"] if track["type"] == kind]
    found: Doc = tracks[0]["segments"][index]
    return found


def put(*steps: str | int, value: Any) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        holder: Any = doc
        for step in steps[:-1]:
            holder = holder[step]
        holder[steps[-1]] = value

    return change


def drop(*steps: str | int) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        holder: Any = doc
        for step in steps[:-1]:
            holder = holder[step]
        del holder[steps[-1]]

    return change


def also(name: str, item: Doc, place: str = "video") -> Callable[[Doc], None]:
    """A further companion, properly linked, so that only what it is can be wrong."""

    def change(doc: Doc) -> None:
        doc["materials"][name].append(item)
        index = 1 if place == "video" else 0
        seg(doc, place, index)["extra_material_refs"].append(item["id"])

    return change


def add_segment(doc: Doc) -> None:
    doc["tracks"][0]["segments"].append(segment("v2", "clip", 6 * SECOND, SECOND))


def swap(doc: Doc) -> None:
    doc["tracks"][0]["segments"].reverse()


def gap(doc: Doc) -> None:
    first = seg(doc, "video")
    first["extra_material_refs"].remove("cut")
    doc["materials"]["transitions"] = []
    for key in ("target_timerange", "source_timerange"):
        first[key]["duration"] = 2 * SECOND


def keys(*offsets: int) -> list[Doc]:
    made = [{"id": f"k{n}", "time_offset": offset, "values": [1]} for n, offset in enumerate(offsets)]
    return [{"id": "k", "property_type": "KFTypeAlpha", "keyframe_list": made}]


def lose_material(doc: Doc) -> None:
    """A segment without material; the material itself stays in use, so it is no orphan."""
    lost = seg(doc, "video", 1)
    lost["extra_material_refs"].append(lost["material_id"])
    lost["material_id"] = "nowhere"


V0, V1 = ("tracks", 0, "segments", 0), ("tracks", 0, "segments", 1)
A0, T0 = ("tracks", 1, "segments", 0), ("tracks", 2, "segments", 0)
P_V0, P_V1, P_A0, P_T0 = ("/" + "/".join(map(str, steps)) for steps in (V0, V1, A0, T0))
WORDS = ("materials", "texts", 0, "content")
KEYS = f"{P_V1}/common_keyframes/0"

FAULTS: list[tuple[str, str, Callable[[Doc], None]]] = [
    ("R1", "/canvas_config/width", put("canvas_config", "width", value=0)),
    ("R1", "/canvas_config/height", put("canvas_config", "height", value=720.0)),
    ("R1", "/fps", put("fps", value=0)),
    ("R1", "/fps", drop("fps")),
    ("R1", "/version", drop("version")),
    ("R1", "/new_version", put("new_version", value=110)),
    ("R1", "/platform", drop("platform")),
    ("R1", "/materials/beats", put("materials", "beats", value={})),
    ("R1", "/materials/beats/0", put("materials", "beats", value=[1])),
    ("R1", "/tracks/6", lambda doc: doc["tracks"].append(3)),
    ("R1", "/tracks/6", lambda doc: doc["tracks"].append(track("unknown"))),
    ("R1", "/tracks/0/segments/2", lambda doc: doc["tracks"][0]["segments"].append(None)),
    ("R2", P_V1, lose_material),
    ("R2", P_T0, lambda doc: seg(doc, "text").update(material_id="sticker", extra_material_refs=["words"])),
    ("R2", "/tracks/5/segments/0", put("materials", "effects", 0, "type", value="mix")),
    ("R3", P_V1, lambda doc: seg(doc, "video", 1)["extra_material_refs"].append("nowhere")),
    ("R3", P_V1, lambda doc: seg(doc, "video", 1)["extra_material_refs"].append("mask")),
    ("R3", P_A0, put(*A0, "extra_material_refs", value=None)),
    ("R4", "/tracks/1", put("tracks", 1, "id", value="track-video")),
    ("R4", P_V1, put(*V1, "id", value="v0")),
    ("R4", P_V1, drop(*V1, "id")),
    ("R4", "/materials/stickers/1", lambda doc: doc["materials"]["stickers"].append({"id": "sticker"})),
    ("R4", "/materials/vocal_separations/0", put("materials", "vocal_separations", value=[{"id": "clip"}])),
    ("R4", "/materials/masks/1", lambda doc: doc["materials"]["masks"].append(doc["materials"]["masks"][0])),
    ("R4", f"{KEYS}/keyframe_list/1", put(*V1, "common_keyframes", 0, "keyframe_list", 1, "id", value="k0")),
    ("R5", "/tracks/1", put("tracks", 1, "name", value="video")),
    ("R6", P_A0, put(*A0, "source_timerange", value=None)),
    ("R6", P_T0, put(*T0, "target_timerange", "start", value=-1)),
    ("R6", P_T0, put(*T0, "target_timerange", "duration", value=0)),
    ("R6", P_T0, put(*T0, "target_timerange", "duration", value=1.5)),
    ("R6", P_T0, drop(*T0, "target_timerange")),
    ("R6", P_T0, drop(*T0, "target_timerange", "start")),
    ("R7", "/tracks/0/segments/2", add_segment),
    ("R7", P_V1, swap),
    ("R8", "/duration", put("duration", value=7 * SECOND + 1)),
    ("R8", "/duration", put("duration", value="7")),
    ("R9", P_T0, put(*T0, "speed", value=0)),
    ("R9", P_A0, put(*A0, "speed", value=1.5)),
    ("R9", P_A0, put(*A0, "source_timerange", "duration", value=7 * SECOND + 40_000)),
    ("R9", P_V1, put("materials", "speeds", 1, "speed", value=2.0)),
    ("R10", P_V1, put(*V1, "source_timerange", "start", value=33_400)),
    ("R11", P_A0, put(*A0, "clip", value={})),
    ("R11", P_V1, put(*V1, "clip", value=None)),
    ("R11", P_V1, put(*V1, "clip", value=[])),
    ("R11", P_V1, put(*V1, "clip", "alpha", value=1.1)),
    ("R11", P_V1, put(*V1, "clip", "rotation", value="0")),
    ("R11", P_V1, put(*V1, "clip", "scale", "x", value=0)),
    ("R11", P_V1, put(*V1, "clip", "transform", value=[0, 0])),
    ("R11", P_V1, put(*V1, "volume", value=10.5)),
    ("R12", KEYS, put(*V1, "common_keyframes", 0, "property_type", value="KFTypeUniformScale")),
    ("R12", f"{KEYS}/keyframe_list/0", put(*V1, "common_keyframes", value=keys(4 * SECOND + 1))),
    ("R12", f"{KEYS}/keyframe_list/0", put(*V1, "common_keyframes", value=keys(-1))),
    ("R12", f"{KEYS}/keyframe_list/1", put(*V1, "common_keyframes", value=keys(5, 5))),
    ("R12", f"{KEYS}/keyframe_list/1", put(*V1, "common_keyframes", value=keys(5, 4))),
    (
        "R12",
        f"{KEYS}/keyframe_list/0",
        put(*V1, "common_keyframes", 0, "keyframe_list", 0, "values", value=[None]),
    ),
    ("R12", P_V1, put(*V1, "common_keyframes", value={})),
    ("R13", P_V1, also("transitions", {"id": "cut-2", "duration": 1})),
    ("R13", P_T0, also("transitions", {"id": "cut-2", "duration": 1}, "text")),
    ("R13", P_V0, put("materials", "transitions", 0, "duration", value=3 * SECOND + 1)),
    ("R14", P_V0, lambda doc: _twice(doc, "transitions", {"id": "cut-2", "duration": 1}, 0)),
    ("R14", P_V1, lambda doc: _twice(doc, "chromas", {"id": "c"}, 1)),
    ("R14", P_V1, lambda doc: _twice(doc, "canvases", {"id": "c"}, 1)),
    ("R14", P_V1, lambda doc: _twice(doc, "audio_fades", {"id": "c"}, 1)),
    ("R14", P_V1, also("effects", {"id": "blend-2", "type": "mix_mode"})),
    ("R14", P_V1, lambda doc: _second_mask(doc)),
    (
        "R14",
        P_V0,
        put("materials", "material_animations", 0, "animations", 0, "duration", value=2 * SECOND + 1),
    ),
    ("R14", P_V0, put("materials", "material_animations", 0, "animations", 0, "type", value="group")),
    ("R14", P_V0, put("materials", "material_animations", 0, "animations", 0, "type", value="out")),
    ("R15", "/materials/texts/0", put(*WORDS, value="<size=5>Hi")),
    ("R15", "/materials/texts/0", put(*WORDS, value='{"text":7}')),
    ("R15", "/materials/texts/0", put(*WORDS, value=text("Hi"))),
    ("R15", "/materials/texts/0", put(*WORDS, value=text("Hi", (0, 4)))),
    ("R15", "/materials/texts/0", put(*WORDS, value=text("Hi", (0, 1)))),
    ("R15", "/materials/texts/0", put(*WORDS, value=text("Hi 🎬!", (0, 5)))),
    ("R15", "/materials/texts/0", put(*WORDS, value=text("Hi", (1, 2), (0, 1)))),
    ("R16", "/materials/masks/0", put("materials", "common_mask", value=[])),
    ("R16", "/materials/common_mask/0", put("materials", "masks", value=[])),
    ("R16", "/materials/masks/0", put("materials", "masks", 0, "config", "width", value=0.6)),
    ("R17", "/materials/beats/0", put("materials", "beats", value=[{"id": "lonely"}])),
    ("R18", "/materials/videos/0", put("materials", "videos", 0, "path", value="C:/x.mp4")),
    ("R18", "/materials/videos/0", put("materials", "videos", 0, "path", value="")),
    ("R18", "/materials/videos/0", put("materials", "videos", 0, "local_material_id", value="")),
    ("R18", "/materials/videos/0", put("materials", "videos", 0, "width", value=641)),
    ("R18", "/materials/audios/0", put("materials", "audios", 0, "duration", value=13 * SECOND)),
    ("R19", P_V1, gap),
    ("R20", "/extra_info/1", put("extra_info", value=[1, float("nan")])),
    ("R20", "/extra_info", put("extra_info", value=float("-inf"))),
    ("R20", "/extra_info/a~1b", put("extra_info", value={"a/b": 2**64})),
]


def _twice(doc: Doc, name: str, item: Doc, index: int) -> None:
    """Two of a kind on one segment, counting those that are there already."""
    items = doc["materials"][name]
    wanted = [item] if items else [item, {**item, "id": f"{item['id']}-2"}]
    items += wanted
    seg(doc, "video", index)["extra_material_refs"] += [made["id"] for made in wanted]


def _second_mask(doc: Doc) -> None:
    for name in ("masks", "common_mask"):
        doc["materials"][name].append({"id": "mask-2", "config": {}})
    seg(doc, "video", 1)["extra_material_refs"].append("mask-2")


@pytest.mark.parametrize(("rule", "place", "plant"), FAULTS, ids=[f"{n}-{f[0]}" for n, f in enumerate(FAULTS)])
def test_one_fault_gives_one_finding(rule: str, place: str, plant: Callable[[Doc], None]) -> None:
    doc = clean()
    plant(doc)
    findings = check(doc, files=FILES, meta=meta_of(doc), twin_equal=True)
    assert [(found.rule, found.place, found.severity) for found in findings] == [(rule, place, "error")]
    [found] = findings
    assert re.search("[\u4e00-\u9fff].*。$", found.chinese)
    assert re.findall(r"\d+", found.chinese.replace("UTF-16", "")) == re.findall(
        r"\d+", found.message.replace("UTF-16", "")
    )


def test_all_document_rules_have_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} == set(RULES) - {"R21"}


def test_rules_that_look_beyond_the_document() -> None:
    doc = clean()
    meta = meta_of(doc)
    assert [found.rule for found in check(doc, twin_equal=False)] == ["R21"]
    late = check(doc, meta={**meta, "tm_duration": 0})
    assert [(found.rule, found.place) for found in late] == [("R8", "")]
    bare = check(doc, meta={**meta, "draft_materials": []})
    assert Counter(found.rule for found in bare) == {"R18": 3}
    assert Counter(found.rule for found in check(doc, files={})) == {"R18": 3}
    longer = {**FILES, "assets/videos/clip.mp4": FileFacts(width=640, height=360, duration=5 * SECOND)}
    assert [found.place for found in check(doc, files=longer)] == ["/materials/videos/0"]


def test_a_mask_does_not_share_its_id_with_other_materials() -> None:
    doc = clean()
    doc["materials"]["beats"] = [{"id": "mask"}]
    assert [(found.rule, found.place) for found in check(doc)] == [
        ("R4", "/materials/masks/0"),
        ("R4", "/materials/common_mask/0"),
    ]


def test_remote_media_need_no_file() -> None:
    doc = clean()
    doc["materials"]["videos"][0].update(path="https://example.com/a.mp4", local_material_id="")
    assert check(doc, files=FILES) == []


def test_a_frame_of_difference_is_allowed() -> None:
    doc = clean()
    seg(doc, "video", 1)["source_timerange"]["duration"] += 33_333
    assert check(doc) == []
    seg(doc, "video", 1)["source_timerange"]["duration"] += 1
    assert {found.rule for found in check(doc)} == {"R9", "R10"}


def test_a_speed_curve_is_not_compared_with_the_lengths() -> None:
    doc = clean()
    doc["materials"]["speeds"][1].update(mode=1, curve_speed={"points": []}, speed=3)
    seg(doc, "video", 1)["source_timerange"]["duration"] = SECOND
    assert check(doc) == []


def test_gaps_are_free_without_the_magnet() -> None:
    doc = clean()
    gap(doc)
    doc["config"]["maintrack_adsorb"] = False
    assert check(doc) == []


@pytest.mark.parametrize(
    ("rule", "severity", "plant"),
    [
        ("R1", "info", drop("fps")),
        ("R1", "error", put("fps", value=-1)),
        ("R3", "info", lambda doc: seg(doc, "text")["extra_material_refs"].append("nowhere")),
        ("R5", "info", put("tracks", 1, "name", value="video")),
        ("R6", "info", drop(*T0, "target_timerange", "start")),
        ("R6", "error", put(*T0, "target_timerange", "duration", value=0)),
        ("R7", "info", swap),
        ("R7", "error", add_segment),
        ("R10", "warning", put(*V1, "source_timerange", "start", value=33_400)),
        ("R15", "info", put(*WORDS, value=text("Hi", (0, 4)))),
        ("R15", "error", put(*WORDS, value="{")),
        ("R16", "info", put("materials", "common_mask", value=[])),
        ("R17", "info", put("materials", "beats", value=[{"id": "lonely"}])),
        ("R18", "info", put("materials", "videos", 0, "local_material_id", value="")),
        ("R18", "warning", put("materials", "videos", 0, "path", value="C:/x.mp4")),
        ("R19", "warning", gap),
        ("R2", "error", lose_material),
    ],
)
def test_tolerance_on_import(rule: str, severity: str, plant: Callable[[Doc], None]) -> None:
    doc = clean()
    plant(doc)
    assert [(found.rule, found.severity) for found in check(doc, imported=True)] == [(rule, severity)]


def test_compound_clips_are_tolerated() -> None:
    doc = clean()
    doc["materials"]["drafts"] = [{"id": "compound"}]
    doc["tracks"][0]["segments"][1]["material_id"] = "compound"
    doc["materials"]["videos"].pop(0)
    assert [(found.rule, found.severity) for found in check(doc, imported=True)] == [("R2", "info")]
    assert [(found.rule, found.severity) for found in check(doc)] == [("R2", "error")]


def test_findings_are_capped() -> None:
    doc = clean()
    doc["tracks"][0]["segments"] += [{} for _ in range(2000)]
    assert len(check(doc)) == LIMIT == 1000


def test_equal_ids_cost_no_square() -> None:
    doc = clean()
    doc["materials"]["masks"] = [{"id": "x", "type": "mask"}] * 20_000
    doc["materials"]["speeds"] = [{"id": "x"}] * 20_000
    doc["tracks"][0]["segments"] = [{"extra_material_refs": ["x"], "material_id": "x"}] * 5_000
    assert len(check(doc)) == LIMIT


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["mask", "clip", "speed-0", "video", "\ud800", '{"text":"a","styles":[{"range":[0,9]}]}']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "x", "start", "duration", "a/b"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        node = stack.pop()
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, member in members:
            found.append((node, key))
            stack.append(member)
    return found


BASES = {"clean": clean(), **{name: json.loads(sample(name)) for name in SAMPLE_NAMES}}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(BASES)), st.lists(st.tuples(st.floats(0, 1, exclude_max=True), JUNK), max_size=4))
def test_no_json_makes_the_check_raise(base: str, changes: list[tuple[float, Any]]) -> None:
    doc = copy.deepcopy(BASES[base])
    for where, junk in changes:
        spots = places(doc)
        if spots:
            holder, key = spots[int(where * len(spots))]
            holder[key] = junk
    for imported in (True, False):
        findings = check(doc, files=FILES, meta=doc, imported=imported, twin_equal=True)
        assert all(found.rule in RULES and found.message and found.chinese for found in findings)
    outline.outline(doc)
    canonical.facts(doc)


@given(JUNK)
def test_no_value_at_all_makes_the_check_raise(value: Any) -> None:
    assert check(value)
