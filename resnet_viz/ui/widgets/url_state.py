"""Widgets bound to the address: it holds their values, so that a copied address restores them.

The address holds ids and never translated labels, which is why Streamlit's own binding is not used: that writes what
`format_func` returns. A value equal to the default is left out. A wrong value is refused in a message, and the widget
shows its default.

A browser keeps the values of widgets in a closed drawer and sends them as they were, which would look like a change if
the address has others by now. So a hidden widget does not exist: with `is_shown=False` only its value is read.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.validation import in_range, one_of, whole_in_range
from resnet_viz.ui.widgets.messages import show_warning

_LONGEST_TEXT: Final = 60  # characters
_IMPLIED: Final = "implied"
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?(e-?[0-9]{1,2})?", flags=re.ASCII)


@contextmanager
def changing() -> Iterator[None]:
    """Context for a change of the address; every callback that writes to it does so inside.

    A second click can leave the browser before the address of the first one has arrived there, and then brings the old
    one along. The session's address is newer: it is restored first, so that quick clicks all count.
    """
    known: dict[str, dict[str, str]] = st.session_state.setdefault("addresses", {})
    page = str(st.session_state.get("last_page"))
    if page in known and known[page] != st.query_params.to_dict():
        st.query_params.from_dict(known[page])
    yield
    implied: _Implied | None = st.session_state.get(_IMPLIED)
    if implied and implied.page == page and implied.of(list(st.query_params)) != implied.value:
        st.query_params.setdefault(implied.name, implied.value)
    known[page] = st.query_params.to_dict()


class _Implied(NamedTuple):
    """Value that a page's address implies without having it."""

    page: str
    name: str
    value: str
    of: Callable[[Collection[str]], str]


def imply(name: str, of: Callable[[Collection[str]], str]) -> str:
    """Returns the value of a name that the address lacks, from the names that it has.

    A change after which the address would imply another value writes this one into it.
    """
    value = of(list(st.query_params))
    st.session_state[_IMPLIED] = _Implied(str(st.session_state.get("last_page")), name, value, of)
    return value


def write(name: str, text: str, default: str) -> None:
    """Puts one value into the address, or takes it out where it is the default."""
    if text == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = text


def key_of(name: str) -> str:
    """Returns the session key of the widget behind a name of the address."""
    return f"widget:{name}"


def segments(
    label: str,
    name: str,
    options: Sequence[str],
    default: str,
    names: Callable[[str], str] = str,
    *,
    is_shown: bool = True,
    clears: Callable[[str], bool] = lambda _name: False,
    **look: Any,
) -> str:
    """Shows a few options side by side and returns the picked one; a change removes names that it `clears`."""
    value = _prepare_choice(name, options, default)
    control = partial(st.segmented_control, label, options, format_func=names, required=True, **look)
    return _choice(control, name, default, clears) if is_shown else value


def select(
    label: str,
    name: str,
    options: Sequence[str],
    default: str,
    names: Callable[[str], str] = str,
    *,
    is_shown: bool = True,
    clears: Callable[[str], bool] = lambda _name: False,
    left_out: str | None = None,
    **look: Any,
) -> str:
    """Shows many options in a menu and returns the picked one; a change removes names that it `clears`.

    `left_out` is the option that the address leaves out, where that is not the default; an empty one means none.
    """
    value = _prepare_choice(name, options, default)
    control = partial(st.selectbox, label, options, format_func=names, **look)
    return _choice(control, name, default if left_out is None else left_out, clears) if is_shown else value


def several(
    label: str,
    name: str,
    options: Sequence[str],
    default: Sequence[str],
    names: Callable[[str], str] = str,
    **look: Any,
) -> list[str]:
    """Shows options of which any number may be picked, and returns these in the order of the options."""
    text = st.query_params.get(name, ",".join(default))
    given = [part for part in text.split(",") if part]
    is_known = all(_is_valid(one_of, name, part, options) for part in given)
    st.session_state[key_of(name)] = [o for o in options if o in given] if is_known else list(default)

    def as_text(picked: list[str]) -> str:
        return ",".join(option for option in options if option in picked)

    picked = st.pills(
        label, options, selection_mode="multi", format_func=names, **bound(name, ",".join(default), as_text), **look
    )
    return [option for option in options if option in picked]


def switch(label: str, name: str, *, default: bool, is_shown: bool = True, **look: Any) -> bool:
    """Shows a switch and returns whether it is on."""
    text = st.query_params.get(name, _flag(default)).lower()
    is_on = text == "true" if _is_valid(one_of, name, text, ("true", "false")) else default
    if not is_shown:
        return is_on
    st.session_state[key_of(name)] = is_on
    return st.toggle(label, **bound(name, _flag(default), _flag), **look)


def text(label: str, name: str, *, default: str = "", is_shown: bool = True, **look: Any) -> str:
    """Shows a field for one line of text and returns it."""
    value = st.query_params.get(name, default)[:_LONGEST_TEXT]
    if not is_shown:
        return value.strip()
    st.session_state[key_of(name)] = value
    return str(st.text_input(label, max_chars=_LONGEST_TEXT, **bound(name, default, str.strip), **look)).strip()


def integer(label: str, name: str, *, low: int, high: int, default: int, is_shown: bool = True, **look: Any) -> int:
    """Shows a field for a whole number and returns it."""
    value = _in_range(name, low, high, default)
    if not is_shown:
        return int(value)
    st.session_state[key_of(name)] = int(value)
    tie = bound(name, str(default), str)
    return int(st.number_input(label, min_value=low, max_value=high, **tie, **look))


def decimal(
    label: str, name: str, *, low: float, high: float, default: float, is_shown: bool = True, **look: Any
) -> float:
    """Shows a field for a number and returns it."""
    value = float(_in_range(name, low, high, default))
    if not is_shown:
        return value
    st.session_state[key_of(name)] = value
    tie = bound(name, f"{default:g}", lambda value: f"{value:.9g}")
    return float(st.number_input(label, min_value=low, max_value=high, **tie, **look))


def whole_slider(
    label: str, name: str, *, low: int, high: int, default: int, step: int = 1, is_shown: bool = True, **look: Any
) -> int:
    """Shows a slider over whole numbers and returns its value, which the address may have between two steps."""
    value = int(_in_range(name, low, high, default))
    if not is_shown:
        return value
    st.session_state[key_of(name)] = value
    return int(st.slider(label, low, high, step=step, **bound(name, str(default), str), **look))


def slider(
    label: str, name: str, *, low: float, high: float, default: float, step: float, is_shown: bool = True, **look: Any
) -> float:
    """Shows a slider over numbers and returns its value, which the address may have between two steps."""
    value = float(_in_range(name, low, high, default))
    if not is_shown:
        return value
    st.session_state[key_of(name)] = value
    tie = bound(name, f"{default:g}", lambda value: f"{value:.9g}")
    return float(st.slider(label, low, high, step=step, **tie, **look))


def page_number(name: str, num_pages: int) -> int:
    """Shows the pages of a list, where there are several, and returns the number of the one to show, from 1."""
    number = int(_in_range(name, 1, num_pages, 1))
    if num_pages > 1:
        st.session_state[key_of(name)] = number
        st.pagination(num_pages, **bound(name, "1", str))
    return number


def _in_range(name: str, low: float, high: float, default: float) -> float:
    """Returns the number that the address holds; refuses one that is none or out of range and returns the default."""
    text = st.query_params.get(name)
    if text is None:
        return default
    value = float(text) if _NUMBER.fullmatch(text) else text
    if isinstance(default, float):
        return float(text) if _is_valid(in_range, name, value, low, high) else default
    whole = int(value) if isinstance(value, float) and value.is_integer() else text
    return int(whole) if _is_valid(whole_in_range, name, whole, low, high) else default


def _choice(control: Callable[..., Any], name: str, default: str, clears: Callable[[str], bool]) -> str:
    return str(control(**bound(name, default, str, lambda: _clear(clears))))


def _prepare_choice(name: str, options: Sequence[str], default: str) -> str:
    text = st.query_params.get(name, default)
    if not _is_valid(one_of, name, text, options):
        text = default
    st.session_state[key_of(name)] = text
    return text


def _is_valid(check: Callable[..., object], name: str, *args: Any) -> bool:
    """Whether a value of the address passes a check of `spec.validation`; shows the refusal where it does not."""
    try:
        check(name, *args)
    except SpecError as refusal:
        show_warning(str(refusal))
        return False
    return True


def bound(
    name: str, default: str, as_text: Callable[[Any], str], before: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Returns the key and the callback that bind a widget to a name of the address.

    Args:
        name: in the address.
        default: text that the address leaves out.
        as_text: the text of the widget's value.
        before: a further change of the address, made before a new value is written.
    """

    def commit() -> None:
        with changing():
            before()
            write(name, as_text(st.session_state[key_of(name)]), default)

    return {"key": key_of(name), "on_change": commit}


def _clear(clears: Callable[[str], bool]) -> None:
    for name in list(st.query_params):
        if clears(name):
            st.query_params.pop(name)


def _flag(value: bool) -> str:
    return "true" if value else "false"
