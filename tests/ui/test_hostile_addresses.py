"""An address comes from anyone. Whatever it says, the page stays, and its text is shown as text."""

import re

import pytest

from tests.fakes.visiting import graph, is_plain, is_whole, read, visit, warnings

HOSTILE = (
    "<script>window.__pwned=1</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>parent.x=1</script>'></iframe>",
    "![tracked](https://example.org/t.png)",
    "[click](javascript:alert(1))",
    "https://example.org/look",
    "<https://example.org>",
    ":red[**bold**] $x^2$ :material/delete: `code`",
    "{name} {0} {text!r} %s %(x)s",
    "'; DROP TABLE run; --",
    "../../etc/passwd",
    "9" * 4_000,
    "1e309",
    "-1e99",
    "nan",
    "\x00\x1b[31m\u202e",
    "\uff11\uff12",
    "\\",
    "\\<b>\\",
    "a\n\n# heading\n\n| x |\n|---|\n",
)
FIELDS = {
    "architecture": (
        *("net", "order", "shortcut", "dim_match", "block", "stride_on", "stem", "norm"),
        *("shortcut_scale", "residual_scale", "gate_bias", "dropout"),
        *("blocks", "widths", "conv_bias", "zero_init_residual", "in_channels", "image_size", "num_classes"),
        *("level", "part", "fold", "color"),
    ),
    "blocks": ("block", "convs", "shape", "width", "size", "norm", "details", "input", "zero"),
    "parameters": ("basic_width", "bottleneck_width", "norm", "bias", "projection", "which"),
    "training": ("depth", "nets", "order", "width", "steps", "data", "size", "lr", "batch", "seed", "device", "run"),
    "gradients": ("depth", "width", "norm", "init", "nets", "lambda", "seeds", "view", "at"),
    "attribution": (
        *("net", "b.net", "picture", "pick", "view", "method", "target", "baseline"),
        *("p.window", "seed", "one_scale"),
    ),
    "runs": ("q", "state", "pinned", "page", "runs"),
    "vote": ("room",),
}
CASES = [(page, text) for page in FIELDS for text in HOSTILE]


def without_formulas(markdown: str) -> str:
    """A text without its KaTeX, which is made of backslashes and never of the address."""
    return re.sub(r"\$[^$]+\$", "", markdown) if "textcolor" in markdown else markdown


@pytest.mark.parametrize(
    ("page", "text"), CASES, ids=[f"{page}-{n % len(HOSTILE)}" for n, (page, _) in enumerate(CASES)]
)
def test_every_parameter_at_once(page: str, text: str) -> None:
    at = visit(page, **dict.fromkeys(FIELDS[page], text))
    assert is_whole(at)
    assert len(warnings(at)) >= len(FIELDS[page]) - 1  # a sentence each
    assert all(is_plain(warning.value) for warning in at.warning), [warning.value for warning in at.warning]
    shown = [*at.markdown, *at.title, *at.header, *at.subheader, *at.info, *at.caption]
    assert not any(text in read(without_formulas(str(element.value))) for element in shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_open_and_selected_may_be_anything(text: str) -> None:
    at = visit("architecture", node=text, open=f"{text},stage2")
    assert is_whole(at)
    assert warnings(at) == []
    usual = visit("architecture", open="stage2")  # what the address names is open all the same
    assert {**graph(at), "selected": ""} == graph(usual)


@pytest.mark.parametrize("page", ["start", *FIELDS])
def test_names_of_parameters_are_no_markdown_either(page: str) -> None:
    at = visit(page, **dict.fromkeys(HOSTILE, "1"))
    assert is_whole(at)
    assert warnings(at) == []


def test_a_long_wrong_value_is_not_repeated_at_length() -> None:
    for page, fields in FIELDS.items():
        at = visit(page, **dict.fromkeys(fields, "9" * 4_000))
        assert max(map(len, warnings(at))) < 400, page
