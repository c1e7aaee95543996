"""Colours and icons, light and dark. Words stand on every fill with a contrast of at least 4.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Pair = tuple[str, str]  # light, dark

SURFACES: Final[Mapping[str, Pair]] = {
    "paper": ("#ffffff", "#14181d"),
    "lane": ("#f3f5f8", "#1d232a"),
    "grid": ("#dbe1e8", "#313a44"),
    "ink": ("#1c2430", "#e7ecf2"),
    "soft": ("#4f5d6c", "#a9b5c2"),
    "error": ("#c42525", "#ff8078"),
    "warning": ("#9a5a00", "#f0b040"),
    "info": ("#1763b6", "#7ab8ff"),
}
# What fills a segment, its edge, the words on it.
FILLS: Final[Mapping[str, tuple[Pair, Pair, Pair]]] = {
    "video": (("#cfe0fd", "#1f3f73"), ("#3f74c6", "#6f9fe6"), ("#0c2a58", "#e4eeff")),
    "photo": (("#c8ebf0", "#134b57"), ("#1f8093", "#4fb3c6"), ("#06353e", "#dcf6fb")),
    "audio": (("#cdecd2", "#1b4a28"), ("#2f8745", "#5bb873"), ("#0c3919", "#ddf6e2")),
    "text": (("#ffe4bb", "#573906"), ("#ad6800", "#d99a35"), ("#472a00", "#fff0d6")),
    "sticker": (("#ffd8e6", "#611f3d"), ("#bf437b", "#e07ba8"), ("#571031", "#ffe4ee")),
    "effect": (("#e5dafd", "#3f2b73"), ("#7a54c6", "#a284e8"), ("#33156c", "#efe7ff")),
    "filter": (("#d9ddfb", "#2d3276"), ("#5a62c6", "#8c93ea"), ("#1d236c", "#e8eaff")),
    "adjust": (("#dde6cf", "#3a4a20"), ("#63802f", "#a3bf6c"), ("#2a380f", "#eef6df")),
    "other": (("#dfe4ea", "#39434e"), ("#6a7684", "#93a0ae"), ("#252f3a", "#eef2f6")),
    "calm": (("#eceff3", "#262d35"), ("#a5afba", "#55606c"), ("#46525f", "#b4bfca")),
    "added": (("#c5f0cf", "#124d25"), ("#1a7f37", "#57d37a"), ("#083515", "#dcfbe4")),
    "removed": (("#ffd5d1", "#64201c"), ("#c42525", "#ff8078"), ("#560f0b", "#ffe5e2")),
    "changed": (("#ffecb0", "#574000"), ("#976300", "#e3b341"), ("#402a00", "#fff3cf")),
    "moved": (("#cfe6ff", "#10406f"), ("#0a63bd", "#6cb6ff"), ("#052c57", "#e2f1ff")),
}
_PARTS: Final = ("fill", "edge", "word")

# 16 x 16, drawn with a line.
ICONS: Final[Mapping[str, str]] = {
    "video": "M2 4.5h8v7H2zM10 7.5l4-2v5l-4-2",
    "photo": "M2 3h12v10H2zM2 11l3.5-3.5 3 3 2-2L14 12M10.5 6h.01",
    "audio": "M6 12V3.5L13 2v8.5M6 12a2 2 0 1 1-4 0a2 2 0 0 1 4 0zM13 10.5a2 2 0 1 1-4 0a2 2 0 0 1 4 0z",
    "text": "M3 4.5V3h10v1.5M8 3v10M6 13h4",
    "sticker": "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM6 6.5v.5M10 6.5v.5M5.5 9.5q2.5 2.5 5 0",
    "effect": "M8 2l1.5 4.5L14 8 9.5 9.5 8 14 6.5 9.5 2 8l4.5-1.5z",
    "filter": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M8 5.5h5.4M8 8h6M8 10.5h5.4",
    "adjust": "M2 4h12M2 8h12M2 12h12M5 2.5v3M11 6.5v3M6 10.5v3",
    "other": "M3 3h10v10H3z",
    "muted": "M2 6h2.5L8 3v10L4.5 10H2zM10.5 6l4 4M14.5 6l-4 4",
}
_TRIANGLE: Final = "M6 0l6 11.5H0zM5.4 4h1.2v4H5.4zM5.4 8.8h1.2V10H5.4z"
FLAGS: Final[Mapping[str, str]] = {  # 12 x 12, filled by the rule of even and odd
    "error": _TRIANGLE,
    "warning": _TRIANGLE,
    "info": "M6 0a6 6 0 1 1 0 12A6 6 0 1 1 6 0zM5.4 2.5h1.2v1.2H5.4zM5.4 5h1.2v4.5H5.4z",
}

_SHAPES: Final = """
.timeline-picture{color:var(--tl-ink);background:var(--tl-paper);
font:12px system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.timeline-picture text{fill:var(--tl-ink);font-size:12px}
.timeline-picture .tl-soft{fill:var(--tl-soft);font-size:11px}
.timeline-picture .tl-name{font-weight:600}
.tl-paper{fill:var(--tl-paper)}
.tl-lane{fill:var(--tl-lane)}
.tl-marked{fill:var(--fill)}
.tl-grid{stroke:var(--tl-grid);fill:none}
.tl-rule{stroke:var(--tl-soft);fill:none}
.tl-end{stroke:var(--tl-ink);stroke-dasharray:3 3}
.tl-icon{stroke:var(--tl-ink);fill:none;stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round}
.tl-flag{fill-rule:evenodd}
.tl-flag-error{fill:var(--tl-error)}
.tl-flag-warning{fill:var(--tl-warning)}
.tl-flag-info{fill:var(--tl-info)}
.tl-s>rect{fill:var(--fill);stroke:var(--edge)}
.tl-thin>rect{fill:var(--edge)}
.tl-dim>rect{stroke-dasharray:4 3}
.tl-run>rect{stroke-dasharray:2 2}
.tl-error>rect{stroke:var(--tl-error);stroke-width:2}
.tl-warning>rect{stroke:var(--tl-warning);stroke-width:2}
.tl-error.tl-thin>rect{fill:var(--tl-error)}
.tl-warning.tl-thin>rect{fill:var(--tl-warning)}
.tl-s{scroll-margin:220px 400px}
.tl-s:target>rect{stroke:var(--tl-ink);stroke-width:4}
.timeline-picture .tl-s text{fill:var(--word)}
.timeline-picture .tl-s .tl-sub{font-size:10.5px}
.tl-box{overflow-x:auto;position:relative;container-type:inline-size}
.tl-strip{display:flex;width:max-content}
.tl-strip>svg{flex:none;display:block}
.tl-head{position:sticky;left:0;z-index:1}
@media (max-width:600px){.tl-head{width:96px}.tl-overview a:not(:nth-of-type(4n+1))>text{display:none}}
.tl-targets{position:absolute;top:0;left:0;fill:none}
.tl-targets>rect{width:100cqi;scroll-margin-top:220px}
.tl-overview{margin-bottom:8px}
.tl-overview svg{display:block}
@media (min-width:1000px){.tl-short{display:none}}
.tl-bars{fill:var(--edge)}
.tl-overview .tl-flag-error{fill:var(--tl-error)}
.tl-overview .tl-flag-warning{fill:var(--tl-warning)}
.tl-overview a>rect{fill:var(--tl-ink);fill-opacity:0}
.tl-overview a:hover>rect{fill-opacity:.12}
.tl-overview a:focus{outline:none}
.tl-overview a:focus>rect{fill-opacity:.12;stroke:var(--tl-ink);stroke-width:2}
.timeline-picture .tl-legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 8px;padding:0;list-style:none}
.timeline-picture .tl-legend li{list-style:none;margin:0}
.tl-legend svg{display:inline-block;vertical-align:-2px;margin-inline-end:5px}
"""


def _colours(theme: int) -> str:
    return "".join(f"--tl-{name}:{pair[theme]};" for name, pair in SURFACES.items())


def _fills(theme: int, where: str) -> str:
    rules = (
        f"{where} .tl-{name}{{" + "".join(f"--{part}:{pair[theme]};" for part, pair in zip(_PARTS, pairs, strict=True))
        for name, pairs in FILLS.items()
    )
    return "}".join(rules) + "}"


def _theme(theme: int, root: str) -> str:
    return f"{root}{{{_colours(theme)}}}{_fills(theme, root)}"


def style() -> str:
    """The style sheet. Django's admin names its theme on ``html``; else the system's decides."""
    root = ".timeline-picture"
    return (
        _theme(0, root)
        + f"@media (prefers-color-scheme:dark){{{_theme(1, root)}}}"
        + _theme(0, f"html[data-theme=light] {root}")
        + _theme(1, f"html[data-theme=dark] {root}")
        + _SHAPES
    )
