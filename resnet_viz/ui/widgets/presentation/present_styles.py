"""Styles of the presentation, by Streamlit's own names of its parts (`data-testid`) and the keys of widgets."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

OF_WIDTH: Final = 0.0195  # size of type over the width of the window, 20 px of 1024
OF_HEIGHT: Final = 0.026
ENTRY_KEY: Final = "present_on"
EXIT_KEY: Final = "present_off"
CHROME: Final = ("stHeader", "stSidebar", "stSkipToContent")
CONTROLS: Final = (
    "stButton",
    "stButtonGroup",
    "stCheckbox",
    "stDownloadButton",
    "stFileUploader",
    "stLinkButton",
    "stMultiSelect",
    "stNumberInput",
    "stPageLink",
    "stPagination",
    "stRadio",
    "stSelectbox",
    "stSlider",
    "stSpace",
    "stTextArea",
    "stTextInput",
)
HINTS: Final = ("stElementToolbar", "stHeaderActionElements", "stTooltipIcon")  # they come with a pointer
DRAWERS: Final = ("stExpander", "stPopover")
SHOWN: Final = (
    "stAlert",
    "stBidiComponentIsolated",
    "stCaptionContainer",
    "stDataFrame",
    "stEChartsChart",
    "stHeading",
    "stHtml",
    "stImage",
    "stMarkdown",
    "stMetric",
    "stPlotlyChart",
    "stProgress",
    "stSkeleton",
    "stTable",
)
PARTS: Final = (
    "stColumn",
    "stElementContainer",
    "stHorizontalBlock",
    "stLayoutWrapper",
    "stMainBlockContainer",
    "stVerticalBlock",
)
DESK: Final = "desk"  # a container whose key begins so holds what is for the desk alone


def _part(name: str) -> str:
    return f"[data-testid={name}]"


_MAIN: Final = _part("stMainBlockContainer")
_BLOCK: Final = _part("stVerticalBlock")
# What a page shows first, whatever lies before it; of the second kind only outside of columns, which have headings.
_FIGURES: Final = ".st-key-race, .st-key-graph, .st-key-columns, .st-key-compared-loss"
_WHOLE: Final = (
    ".st-key-counts, .st-key-survival, .st-key-field, .st-key-exits-a, .st-key-surface-a, [class*='-delete-']"
)
_WALK_STEP: Final = "step"  # control of the walk through a block
_FOUR: Final = f"{_part('stHorizontalBlock')}:has(> {_part('stColumn')}:nth-child(4))"
_BESIDE: Final = f"{_part('stHorizontalBlock')}:has(> {_part('stColumn')} .st-key-often_said)"
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+", flags=re.ASCII)

ENTRY: Final = f"""<style>
.st-key-{ENTRY_KEY} {{ position: fixed; top: 0.6rem; right: 3.5rem; z-index: 999991; width: auto; opacity: 0.75; }}
.st-key-{ENTRY_KEY}:is(:hover, :focus-within) {{ opacity: 1; }}
@media (max-width: 1200px) {{
  .st-key-{ENTRY_KEY} p {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
}}
@media (max-width: 640px) {{ .st-key-{ENTRY_KEY} {{ display: none; }} }}
</style>"""

_LARGE: Final = f"""
:root {{ --resnet-viz-presented: 1; }}
:is({", ".join(f"[data-testid={name}]" for name in CHROME)}) {{ display: none !important; }}
:is({", ".join(f"[data-testid={name}]" for name in HINTS)}, .modebar-container) {{ display: none !important; }}
[data-testid=stMainBlockContainer] {{ padding: 0.35rem 1.5rem 1rem !important; max-width: none !important; }}
.st-key-{EXIT_KEY} {{ position: fixed; top: 0.25rem; right: 0.5rem; z-index: 999991; width: auto; opacity: 0.45; }}
.st-key-{EXIT_KEY}:is(:hover, :focus-within) {{ opacity: 1; }}
.st-key-{EXIT_KEY} p {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
[data-testid=stColumn]:has([class*=" st-key-card-"]) {{ display: none !important; }}
{_BESIDE} {{ flex-direction: column; }}
{_BESIDE} > * {{ width: 100% !important; flex: 0 0 auto; }}
{_FOUR} {{ flex-wrap: wrap; }}
{_FOUR} > * {{ flex: 1 1 40% !important; min-width: 40%; }}
{_BLOCK} > :is({_FIGURES}, :has({_FIGURES})) {{ order: -20; }}
{_BLOCK}:not({_part("stColumn")} *) > :is({_WHOLE}, :has({_WHOLE})) {{ order: -20; }}
{_BLOCK} > :has(h1) + :has(> {_part("stMarkdown")}) {{ order: -40; }}
{_BLOCK} > :has(h1), {_BLOCK} > :has(~ {_part("stElementContainer")} h1) {{ order: -50; }}
@media (min-width: 641px) {{
  html {{ font-size: clamp(16px, min({100 * OF_WIDTH}vw, {100 * OF_HEIGHT}vh), 40px) !important; }}
  {_MAIN} h1 {{ font-size: 1.4rem; padding: 0 2.5rem 0.75rem 0; }}
  {_MAIN} h2 {{ font-size: 1.2rem; padding: 0 0 0.75rem; }}
  {_MAIN} :is(h3, h4, h5, h6) {{ font-size: 1.1rem; padding: 0.3rem 0 0.9rem; }}
  {_MAIN} {_BLOCK} {{ gap: 0.4rem; }}
  {_MAIN} .katex-display > .katex {{ font-size: 1em; }}
}}
"""

_UNTITLED: Final = f"""
{_BLOCK} > :is(:has(h1), :has(h1) + :has(> {_part("stMarkdown")})) {{ display: none !important; }}
"""


def presented(controls: Iterable[str], *, hides_controls: bool, has_title: bool = True) -> str:
    """Returns the styles of the presentation.

    Args:
        controls: names in the address, or keys, of widgets that stay.
        hides_controls: whether all others are hidden.
        has_title: whether the page's title and question are shown.
    """
    hidden = _hidden([name for name in controls if _NAME.fullmatch(name)]) if hides_controls else ""
    title = "" if has_title else _UNTITLED
    return f"<style>{_LARGE}{hidden}{title}</style>"


def _hidden(controls: Sequence[str]) -> str:
    """Returns the styles that hide all controls but these, and containers with nothing else in them."""
    keys = [key for name in controls for key in (name, f"widget:{name}")]
    named = ", ".join(f".st-key-{_as_class(key)}" for key in keys)
    stays = f":is({', '.join(filter(None, [f'.st-key-{EXIT_KEY}', named]))})"
    shown = ", ".join([*map(_part, SHOWN), stays])
    control = _any(CONTROLS)
    selectors = (
        f"{_part('stElementContainer')}:has(> {control}, > :not([data-testid]) > {control}):not({stays})",
        f"{_part('stLayoutWrapper')}:has(> {_any(DRAWERS)}):not(:has({stays}))",
        f":is({_part('stLayoutWrapper')}, {_part('stColumn')}):not(:has({shown}))",
        f"{_part('stLayoutWrapper')}:has(> :is([class*=' st-key-{DESK}'], .st-key-asked)):not(:has({stays}))",
    )
    rules = [f"{_MAIN} {selector} {{ display: none !important; }}" for selector in selectors]
    if _WALK_STEP in controls:  # else the block itself is first
        rules.append(f"{_BLOCK} > :is(.st-key-walk, :has(.st-key-walk)) {{ order: -30; }}")
    if named:
        rules.append(f"{_BLOCK} > :is({named}, :has({named})) {{ order: -30; }}")
    return "\n".join(rules)


def _as_class(key: str) -> str:
    """Returns a key as Streamlit writes it into a class name."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())


def _any(names: Iterable[str]) -> str:
    return f":is({', '.join(map(_part, names))})"
