"""The picture of a timeline."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from drafts.document import skeleton
from drafts.document.compare import compare
from drafts.document.integrity import by_place, check
from drafts.document.outline import outline
from drafts.document.picture import anchor, comparison, picture, section
from drafts.document.picture.look import FILLS, SURFACES, style

from .builders import SAMPLE_NAMES, SECOND, clean, sample, segment, text, track

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    """The picture as XML."""
    return ElementTree.fromstring(svg)  # noqa: S314 - our own text


def drawn(svg: str) -> dict[str, ElementTree.Element]:
    """The elements of segments, by id."""
    return {name: item for item in parsed(svg).iter() if (name := item.get("id", "")).startswith("segment-")}


def title(element: ElementTree.Element) -> str:
    """The tooltip."""
    return element.findtext(f"{SVG}title") or ""


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_every_segment_of_a_sample_is_drawn(name: str) -> None:
    document = json.loads(sample(name))
    ids = [segment["id"] for track in document["tracks"] for segment in track["segments"]]
    assert sorted(drawn(picture(outline(document)))) == sorted(map(anchor, ids))


def test_a_segment_tells_where_it_stands() -> None:
    shown = drawn(picture(outline(clean())))
    second = shown["segment-v1"]
    assert title(second) == "clip.mp4\nVideo · 0:03.000 – 0:07.000 (4 s)"
    assert second.findtext(f"{SVG}text") == "clip.mp4"
    first = shown["segment-v0"]
    assert [float(item.get("x", "")) for item in (first, second)] == [0.0, 385.7]
    assert [float(item.get("width", "")) for item in (first, second)] == [384.7, 513.3]  # 900 pixels for 7 seconds


def test_findings_stand_on_their_segments() -> None:
    document = clean()
    document["tracks"][0]["segments"][1]["target_timerange"]["start"] = 2_000_000
    document["materials"]["texts"][0]["content"] = text("Hi", (0, 9))
    found = by_place(document, check(document))
    shown = drawn(picture(outline(document), findings=found))
    marked = [name for name, item in shown.items() if "tl-error" in item.get("class", "").split()]
    assert marked == ["segment-t0", "segment-v0", "segment-v1"]
    assert title(shown["segment-v1"]).splitlines()[2:] == [
        "⚠ R7 error: The segment overlaps another by 1000000 microseconds."
    ]
    assert "R15" in title(shown["segment-t0"])
    chinese = drawn(picture(outline(document), findings=found, language="zh"))
    assert title(chinese["segment-v1"]).splitlines()[2:] == ["⚠ R7 错误: 该片段与另一片段重叠 1000000 微秒。"]


HOSTILE = "</text></title></svg><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x00\x1b\ud800\u202e]]>"


def hostile() -> dict[str, Any]:
    """A document whose every name is an attack."""
    document = clean()
    for lane in document["tracks"]:
        lane["name"] = lane["type"] = HOSTILE
        for item in lane["segments"]:
            item["id"] += HOSTILE
    for items in document["materials"].values():
        for item in items:
            item["name"] = item["material_name"] = item["path"] = item["type"] = HOSTILE
    return document


@pytest.mark.parametrize("draw", [picture, section])
def test_names_cannot_leave_their_place(draw: Any) -> None:
    document = hostile()
    shown = draw(outline(document), findings=by_place(document, check(document)))
    assert not re.search(r"<script|<img|onerror=[^&]*>", shown.replace("&gt;", ""))
    tree = parsed(shown)
    assert {item.tag.rpartition("}")[2] for item in tree.iter()} <= {
        *("svg", "title", "style", "rect", "path", "text", "div", "a"),
    }
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", item.get("id", "x")) for item in tree.iter())


def test_an_empty_document_says_so() -> None:
    assert "Nothing on the timeline yet" in picture(outline({}))
    assert "时间线上还没有内容" in section(outline({}), language="zh")


def lanes(svg: str) -> list[str]:
    """The tooltips of the lanes' names, from top to bottom."""
    head = next(item for item in parsed(svg).iter(f"{SVG}svg") if item.get("class") == "tl-head")
    return [title(item) for item in head.iter(f"{SVG}svg") if item is not head]


def test_lanes_stand_as_in_the_apps() -> None:
    document = clean()
    document["tracks"][1]["attribute"] = 1
    document["tracks"][2]["name"] = ""
    assert lanes(picture(outline(document))) == [
        "filter\nFilter, 1 segment",
        "effect\nEffect, 1 segment",
        "sticker\nSticker, 1 segment",
        "Text, 1 segment",
        "video\nVideo, main, 2 segments",
        "audio\nSound, muted, 1 segment",
    ]
    assert lanes(picture(outline(document), language="zh"))[-2:] == [
        "video\n视频, 主轨道, 2 个片段",
        "audio\n音频, 已静音, 1 个片段",
    ]


def test_what_is_not_heard_or_seen_is_dimmed() -> None:
    document = clean()
    document["tracks"][1]["attribute"] = 1
    document["tracks"][2]["segments"][0]["visible"] = False
    shown = drawn(picture(outline(document)))
    dimmed = [name for name, item in shown.items() if "tl-dim" in item.get("class", "").split()]
    assert dimmed == ["segment-t0", "segment-a0"]
    assert title(shown["segment-t0"]) == "Hi 🎬!\nText · 0:00.000 – 0:02.000 (2 s)\nhidden"
    assert title(shown["segment-a0"]) == "music.mp3\nSound · 0:00.000 – 0:07.000 (7 s)\nvolume 50%"


def test_segments_that_overlap_stand_below_one_another() -> None:
    document = clean()
    document["tracks"][0]["segments"][1]["target_timerange"]["start"] = 2_000_000
    shown = drawn(picture(outline(document)))
    assert [float(shown[f"segment-{name}"].get("y", "0")) for name in ("v0", "v1")] == [0.0, 35.0]


@pytest.mark.parametrize("place", [None, {}, {"start": -1, "duration": 5}, {"start": 0, "duration": "x"}])
def test_a_place_that_cannot_be_read(place: Any) -> None:
    document = clean()
    document["tracks"][2]["segments"][0]["target_timerange"] = place
    assert title(drawn(picture(outline(document)))["segment-t0"]) == (
        "Hi 🎬!\nText · its place on the timeline cannot be read"
    )


def captions(count: int, *, each: int = SECOND) -> dict[str, Any]:
    """So many captions, one after the other, without a finding."""
    document = skeleton.fresh(width=1280, height=720)
    document["materials"]["texts"] = [
        {"id": f"w{index}", "content": text(f"第{index}句 Where are we going?", (0, 99))} for index in range(count)
    ]
    segments = [segment(f"s{at}", f"w{at}", at * each, each, source_timerange=None) for at in range(count)]
    document["tracks"] = [track("text", *segments)]
    document["duration"] = count * each
    return document


def test_a_policy_that_forbids_inline_style_need_only_know_one() -> None:
    shown = section(outline(captions(300)))
    assert re.findall("<style>(.*?)</style>", shown, re.DOTALL) == [style()]
    assert "style=" not in shown


def test_three_thousand_captions_can_be_read_in_a_page() -> None:
    shown = section(outline(captions(3_000)))
    assert len(set(re.findall(r'id="(segment-s\d+)"', shown))) == 3_000
    assert len(re.findall(r"<text [^>]*>第\d{1,4}[句…]", shown)) == 3_000
    assert len(shown.encode()) < 1_000_000
    links = re.findall(r'href="#(timeline-\d+)"', shown)
    assert 5 < len(links) <= 17
    assert links == re.findall(r'id="(timeline-\d+)"', shown)


@pytest.mark.parametrize(("count", "each"), [(3_000, SECOND), (10_000, 1_080_000), (10_000, 1)])
@pytest.mark.parametrize(("draw", "limit"), [(picture, 200_000), (section, 1_200_000)])
def test_a_long_timeline_has_a_bounded_picture_that_counts_every_segment(
    count: int, each: int, draw: Any, limit: int
) -> None:
    shown = draw(outline(captions(count, each=each)))
    boxes = [item for item in parsed(shown).iter() if "tl-s" in item.get("class", "").split()]
    many = [int(match[1]) for item in boxes if (match := re.match(r"(\d+) segments · ", "".join(item.itertext())))]
    assert sum(many) + len(boxes) - len(many) == count
    assert len(shown.encode()) < limit


def test_a_segment_with_a_finding_is_drawn_however_short_it_is() -> None:
    document = captions(5_000)
    document["tracks"][0]["segments"][1234]["speed"] = 0
    found = check(document)
    assert "R9" in {finding.rule for finding in found}
    shown = picture(outline(document), findings=by_place(document, [item for item in found if item.rule == "R9"]))
    assert list(drawn(shown)) == ["segment-s1234"]


def test_a_finding_that_stands_everywhere_stays_bounded() -> None:
    document = captions(10_000)
    for item in document["tracks"][0]["segments"]:
        item["material_id"] = "w0"
    document["materials"]["texts"] = [{"id": "w0", "content": "damaged"}]
    found = by_place(document, check(document))
    assert sum(len(findings) for findings in found.values()) >= 10_000
    shown = section(outline(document), findings=found)
    assert shown.count("⚠ R15 error") > 2_000
    assert len(shown.encode()) < 4_000_000


def test_a_name_stands_beside_what_is_too_short_for_it() -> None:
    document = captions(30)
    for at, item in enumerate(document["tracks"][0]["segments"]):
        item["target_timerange"] = {"start": at * 120 * SECOND, "duration": 2 * SECOND}
    shown = picture(outline(document))
    lane = next(item for item in parsed(shown).iter() if item.find(f"{SVG}svg[@id='segment-s7']") is not None)
    assert [item.text for item in lane.findall(f"{SVG}text")][7] == "第7句…"


@pytest.mark.parametrize("time", [2**63 - 1, 3 * 3600 * SECOND, 1])
def test_times_of_any_size(time: int) -> None:
    document = clean()
    document["tracks"][0]["segments"][1]["target_timerange"] = {"start": time, "duration": time}
    for shown in (picture(outline(document)), section(outline(document))):
        assert len(shown) < 30_000
        widths = [int(item.get("width", "")) for item in parsed(shown).iter() if item.get("class") == "tl-body"]
        assert 900 < widths[0] < 2_500


def test_the_ruler_has_sensible_steps() -> None:
    shown = {}
    for seconds in (1, 7, 60, 3_000, 10_800):
        document = captions(1, each=seconds * SECOND)
        body = next(item for item in parsed(picture(outline(document))).iter() if item.get("class") == "tl-body")
        shown[seconds] = [item.text for item in body.findall(f"{SVG}text")]
    assert shown[1][:3] == ["0:00.0", "0:00.1", "0:00.2"]
    assert shown[7] == ["0:00", "0:01", "0:02", "0:03", "0:04", "0:05", "0:06", "0:07"]
    assert shown[60] == ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"]
    assert shown[3_000] == [
        "0:00",
        "5:00",
        "10:00",
        "15:00",
        "20:00",
        "25:00",
        "30:00",
        "35:00",
        "40:00",
        "45:00",
        "50:00",
    ]
    assert shown[10_800] == ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00", "2:30:00", "3:00:00"]


def test_tracks_that_are_too_many_are_counted() -> None:
    document = clean()
    document["tracks"] = [track("text", segment(f"s{at}", "words", 0, SECOND)) for at in range(300)]
    shown = picture(outline(document))
    assert len(drawn(shown)) == 100
    assert "200 more tracks are not drawn" in shown


def test_a_comparison_shows_both_on_one_scale() -> None:
    old, new = clean(), clean()
    new["tracks"][0]["segments"][1]["target_timerange"]["start"] = 4 * SECOND
    new["tracks"][0]["segments"][1]["target_timerange"]["duration"] = 10 * SECOND
    del new["tracks"][1]["segments"][0]
    new["tracks"][2]["segments"].append(segment("t1", "words", 2 * SECOND, SECOND))
    new["materials"]["stickers"][0]["name"] = "Star"
    del new["tracks"][5]
    shown = parsed(comparison(outline(old), outline(new), compare(old, new), names=("Version <1>", "Version 2")))
    strips = [item for item in shown.iter("div") if item.get("class") == "tl-strip"]
    marked: list[list[tuple[str, str]]] = []
    for strip in strips:
        boxes = [item for item in strip.iter("svg") if "tl-s" in item.get("class", "").split()]
        words = [(item.get("class", "").split()[1][3:], (item.findtext("text") or "")) for item in boxes]
        marked.append([pair for pair in words if pair[0] != "calm"])
    assert marked == [
        [("removed", "− Filter"), ("changed", "~ Sticker"), ("moved", "→ clip.mp4"), ("removed", "− music.mp3")],
        [("changed", "~ Star"), ("added", "+ Hi 🎬!"), ("moved", "→ clip.mp4")],
    ]
    ids = [name for item in shown.iter() if (name := item.get("id"))]
    assert len(ids) == len(set(ids))
    ids = [name for name in ids if name.startswith("segment-")]
    assert sorted(ids) == sorted({f"segment-{name}" for name in ("v0", "v1", "t0", "t1", "s0", "e0", "a0", "f0")})
    widths = [item.get("width") for item in shown.iter("svg") if item.get("class") == "tl-body"]
    assert widths[0] == widths[1]
    heads = [item.findtext("text") for item in shown.iter("svg") if item.get("class") == "tl-head"]
    assert heads == ["Version <1> · 7 s", "Version 2 · 7 s"]


def luminance(colour: str) -> float:
    """As WCAG 2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2 has it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_words_can_be_read_in_light_and_dark(theme: int) -> None:
    for name, (fill, edge, word) in FILLS.items():
        assert contrast(fill[theme], word[theme]) >= 4.5, name
        if name != "calm":
            assert contrast(edge[theme], SURFACES["lane"][theme]) >= 3, name
            for severity in ("error", "warning", "info"):
                assert contrast(SURFACES[severity][theme], fill[theme]) >= 3, (name, severity)
    for name in ("ink", "soft"):
        for ground in ("paper", "lane"):
            assert contrast(SURFACES[name][theme], SURFACES[ground][theme]) >= 4.5
