"""Files of published results: every row is whole, and a wrong one is refused with the reason and its place."""

import json
from pathlib import Path

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity, PublishedResult, Source, to_json
from resnet_viz.spec.enums import DimMatch, Order, Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

RESULTS = files.results()
SOURCES = {"paper": Source(name="paper", citation="Paper 2016", title="A paper", url="https://example.org")}
HEAD = 'title = "Some"\ndefaults.source = "paper"\ndefaults.where = "table 1"\ndefaults.quantity = "test_error"\n'


def read(folder: Path, text: str) -> tuple[PublishedResult, ...]:
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    return files.read(path, SOURCES).results


def one(folder: Path, row: str) -> PublishedResult:
    (result,) = read(folder, f"{HEAD}results = [{{ {row} }}]")
    return result


def test_every_result_has_its_source_with_a_place_and_an_address() -> None:
    for result in RESULTS:
        assert result.where
        assert result.source.url.startswith("https://")
        assert result.citation == f"{result.source.citation}, {result.where}"


def test_every_source_is_quoted() -> None:
    assert {result.source.name for result in RESULTS} == set(files.sources())


def test_every_measured_result_has_its_data_set() -> None:
    for result in RESULTS:
        assert bool(result.protocol.data) is not result.quantity.is_counted, result


def test_every_percentage_is_one_and_every_share_a_share() -> None:
    largest = {"%": 100, "share": 1, "nats": 10, "count": 1e12}
    for result in RESULTS:
        assert 0 < result.value < largest[result.unit], result


def test_no_result_is_there_twice() -> None:
    keys = [(r.citation, r.net, r.case, r.quantity, r.protocol) for r in RESULTS]
    assert len(set(keys)) == len(keys)


def test_a_net_of_the_program_is_linked_with_what_is_changed_in_it() -> None:
    by_order = {result.spec.order for result in files.find("orders") if isinstance(result.spec, NetSpec)}
    assert by_order == set(Order)
    linked = [result.spec for result in files.find("shortcuts") if isinstance(result.spec, NetSpec)]
    assert {spec.shortcut for spec in linked} == set(Shortcut)
    assert [spec.gate_bias for spec in linked if spec.shortcut is Shortcut.EXCLUSIVE_GATING] == [0, -6, -7]
    options = [result.spec.dim_match for result in files.find("options") if isinstance(result.spec, NetSpec)]
    assert options[::2] == list(DimMatch)


def test_a_preset_finds_the_results_of_the_same_net_under_any_name() -> None:
    found = files.find("cifar_preact_bottleneck164")
    assert {result.preset for result in found} == {"cifar_bottleneck164", "cifar_preact_bottleneck164"}
    assert {result.spec for result in found} == {preset("cifar_preact_bottleneck164")}


def test_a_source_finds_its_results_in_all_groups() -> None:
    found = files.find("he2015")
    assert {result.group for result in found} >= {"cifar10", "options", "costs"}
    assert {result.source.name for result in found} == {"he2015"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ordres", r"No published results are called 'ordres'.*Near to it: orders"),
        ("x" * 500, r"'x{60}'"),
        ("preact_resnet18", r"No published results of preact_resnet18 are known here; there are degradation, "),
    ],
)
def test_an_unknown_name_is_refused_with_those_there_are(name: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        files.find(name)


def test_the_digits_of_the_source_are_kept(tmp_path: Path) -> None:
    assert one(tmp_path, 'net = "a", value = 6.50').printed == "6.50"
    whole = one(tmp_path, 'net = "a", quantity = "params", value = 25_557_032')
    assert (whole.printed, whole.value) == ("25,557,032", 25_557_032)
    rounded = one(tmp_path, 'net = "a", quantity = "params", millions = 0.27')
    assert (rounded.printed, rounded.value) == ("0.27 M", 270_000)
    large = one(tmp_path, 'net = "a", quantity = "macs", billions = 11.3')
    assert (large.printed, large.value) == ("11.3 G", 11_300_000_000)


def test_a_row_overrides_the_defaults(tmp_path: Path) -> None:
    first, second = read(tmp_path, HEAD + 'results = [{ net = "a", value = 1 }, { net = "b", value = 2, where = "x" }]')
    assert (first.where, second.where) == ("table 1", "x")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('value = 6.5', "it has no net"),
        ('net = "a"', "it has one of value, millions, billions"),
        ('net = "a", value = 1, millions = 2', "it has one of value, millions, billions"),
        ('net = "a", value = "6.5"', "value is a number; got '6.5'"),
        ('net = "a", value = nan', "value is a number"),
        ('net = "a", value = inf', "value is a number"),
        ('net = "a", value = true', "value is a number"),
        ('net = "a", value = 1, std = "big"', "std is a number"),
        ('net = 110, value = 1', "net is a text; got 110"),
        ('net = "a", value = 1, eror = 2', "has no field 'eror'"),
        ('net = "a", value = 1, source = "nobody"', "source is one of paper; got 'nobody'"),
        ('net = "a", value = 1, where = ""', "it has no where"),
        ('net = "a", value = 1, quantity = "colour"', "quantity is one of test_error, "),
        ('net = "a", value = 1, relation = "~"', "relation is one of "),
        ('net = "a", value = 1, depth = 0', "depth is a whole number from 1"),
        ('net = "a", value = 1, data = 10', "data is a text; got 10"),
        ('net = "a", value = 1, preset = "resnet51"', "No net is called 'resnet51'"),
        ('net = "a", value = 1, preset = "resnet50", changes.colour = "red"', "A net has no field 'colour'"),
        ('net = "a", value = 1, preset = "resnet50", changes.order = "f"', "order is one of original, "),
        ('net = "a", value = 1, preset = "resnet50", changes = 3', "changes is a table of fields"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_with_its_number(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(SpecError) as refused:
        read(tmp_path, f'{HEAD}results = [{{ net = "right", value = 1 }}, {{ {row} }}]')
    assert str(refused.value).startswith(f"{tmp_path}/some.toml, result 2: ")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("results = [", "is not TOML"),
        ('title = "Some"', "has no results"),
        ('title = "Some"\nresults = []', "has no results"),
        ('title = "Some"\n[defaults]\nresults = [{ net = "a" }]', "has no results"),  # they belong to the table above
        ('titel = "Some"', "has no field 'titel'"),
        (HEAD.replace('"Some"', "1") + 'results = [{ net = "a", value = 1 }]', "title is a text; got 1"),
    ],
)
def test_a_wrong_file_is_refused_by_its_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpecError) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)
    assert "some.toml" in str(refused.value) or "title" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('paper = "Paper 2016"', "source paper: a source is a table of fields"),
        ('[paper]\ncitation = "a"\ntitle = "b"', "source paper: it has no url"),
        ('[paper]\ncitation = 1\ntitle = "b"\nurl = "c"', "source paper: citation is a text; got 1"),
        ('[paper]\nauthor = "a"', "source paper: a source has no field 'author'"),
    ],
)
def test_a_wrong_source_is_refused_by_its_name(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        files.read_sources(path)
    assert str(refused.value).startswith(f"{path}, {told}")


def test_results_are_json_with_unit_protocol_and_source() -> None:
    objects = json.loads(json.dumps([to_json(result) for result in files.find("shortcuts")]))
    assert objects[1] | {"source": None, "changes": None} == {
        "group": "shortcuts",
        "net": "ResNet-110",
        "case": "constant scaling: 0 x + F, a plain net",
        "quantity": PublishedQuantity.TEST_ERROR,
        "value": 20,
        "unit": "%",
        "printed": "fail",
        "relation": ">",
        "mean": None,
        "std": None,
        "protocol": {
            "data": "CIFAR-10",
            "depth": 110,
            "runs": "median of 5 runs",
            "crops": "",
            "augmentation": "",
            "note": "",
        },
        "source": None,
        "preset": "cifar_plain110",
        "changes": None,
    }
    assert objects[5]["changes"] == {"shortcut": "exclusive_gating", "gate_bias": "-6"}
    assert objects[0]["source"]["where"] == "table 1"


def test_results_without_augmentation_are_under_another_protocol() -> None:
    rows = files.find("preact_comparison")  # He et al. 2016, table 4, whose caption sets ELU apart
    assert {row.net for row in rows if row.protocol.augmentation == "no augmentation"} == {"ELU"}
    assert {row.protocol.augmentation for row in rows if row.net != "ELU"} == {"flips and translations"}
    medians = {row.net for row in rows if row.protocol.runs == "median of 5 runs"}
    assert medians == {"ResNet-164", "ResNet-1001"}  # the paper's own: others name no number of runs
    assert all(row.protocol.runs for row in rows if row.mean is not None)
