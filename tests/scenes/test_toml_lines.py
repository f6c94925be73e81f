"""Lines of keys in a TOML text."""

import pytest

from resnet_viz.scenes.toml_lines import line_of

TEXT = '''# title = "a comment"
title = "x"
text = """
title = "inside a text"
[open]
"""
one_line = """x"""

[[answers]]
text = 'a'

[[ answers ]]  # the second
"text" = 'b'
[open]
page = "runs"
[open.query]
"b.net" = "x"
c.net = "y"
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 2),
        (("one_line",), 7),
        (("answers", 0), 9),
        (("answers", 0, "text"), 10),
        (("answers", 1, "text"), 13),
        (("open", "page"), 15),
        (("open", "query"), 16),
        (("open", "query", "c", "net"), 18),
        (("answers", 1, "verdict"), 12),
        (("answers", 2, "text"), 1),
        (("open", "query", "nothing"), 16),
        (("nothing",), 1),
        ((), 1),
    ],
)
def test_a_key_has_its_line_or_that_of_what_holds_it(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line


def test_a_quoted_key_with_a_dot_is_found_as_its_parts() -> None:
    assert line_of(TEXT, ("open", "query", "b", "net")) == 17
