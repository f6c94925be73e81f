"""The trained nets that come with the program: a list that is read without torch, and files that are what it says."""

import hashlib
import json
from pathlib import Path

import pytest

from resnet_viz.attribution.sources import shipped_nets
from resnet_viz.errors import DataError
from resnet_viz.spec.titles import title
from resnet_viz.training import recipe as recipes
from resnet_viz.training import recipe_files


def test_the_files_are_those_of_the_list_and_small() -> None:
    found = shipped_nets.shipped_nets()
    assert [net.title for net in found] == ["plain-20", "ResNet-20", "ResNet-56", "ResNet-20, full pre-activation"]
    for net in found:
        content = net.path.read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (net.sha256, net.num_bytes)
    files = {path.name: path.stat().st_size for path in shipped_nets.FOLDER.iterdir()}
    assert set(files) == {shipped_nets.LIST, *(net.path.name for net in found)}
    assert sum(files.values()) <= 5_000_000


def test_each_net_says_how_it_was_trained_and_how_right_it_is() -> None:
    for net in shipped_nets.shipped_nets():
        recipe = recipes.from_json(dict(net.recipe))
        assert recipe == recipe_files.make("shipped_nets", {})  # as the command line trains them
        assert net.spec in recipe.nets
        assert (title(net.spec), recipe.steps, recipe.data.value) == (net.title, net.steps, net.data)
        assert net.test_images == 10_000
        assert 0.88 < net.test_accuracy < 0.95


def test_the_list_comes_back_from_its_json() -> None:
    found = shipped_nets.shipped_nets()
    assert shipped_nets.parse_list(json.dumps([shipped_nets.to_json(net) for net in found])) == found


def test_a_missing_list_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped_nets, "FOLDER", tmp_path)
    for content in (None, "[", '[{"name": "x"}]', "{}x"):
        shipped_nets.shipped_nets.cache_clear()
        if content is not None:
            (tmp_path / shipped_nets.LIST).write_text(content)
        with pytest.raises(DataError, match="Install the program again"):
            shipped_nets.shipped_nets()
    shipped_nets.shipped_nets.cache_clear()
