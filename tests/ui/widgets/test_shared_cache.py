"""What many look at in the same moment is made once."""

from resnet_viz.resources import ROOT
from resnet_viz.ui.widgets.shared_cache import SharedCache


def test_a_value_is_made_once_while_it_is_fresh_and_forgotten_when_it_is_not() -> None:
    now = [0.0]
    memo, made = SharedCache(clock=lambda: now[0]), list[int]()

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [memo.get("a", make, fresh_s=1.0) for _ in range(3)] == [0, 0, 0]
    now[0] = 1.0
    assert memo.get("a", make, fresh_s=1.0) == 1
    memo.put("a", 9, fresh_s=1.0)
    assert memo.get("a", make, fresh_s=1.0) == 9
    now[0] = 5.0
    memo.put("b", 1, fresh_s=1.0)
    assert list(memo._kept) == ["b"]


def test_the_least_recently_used_goes_first() -> None:
    memo = SharedCache(most=2, clock=lambda: 0.0)
    memo.put("a", 1, fresh_s=1.0)
    memo.put("b", 2, fresh_s=1.0)
    memo.get("a", lambda: 0, fresh_s=1.0)
    memo.put("c", 3, fresh_s=1.0)
    assert set(memo._kept) == {"a", "c"}


def test_no_page_keeps_values_in_the_cache_of_streamlit() -> None:
    sources = [*(ROOT / "resnet_viz" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    assert len(sources) > 50
    assert [path.name for path in sources if "st.cache_data" in path.read_text(encoding="utf-8")] == []
