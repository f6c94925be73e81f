"""The command `published`: groups, sources and nets, as a table and as JSON."""

import json

import pytest

from resnet_viz.cli.candidates import candidates
from resnet_viz.cli.main import main, make_parser
from resnet_viz.published import files
from resnet_viz.published.result import to_json


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["published", *arguments]) == 0
    return capsys.readouterr().out


def test_without_a_name_every_group_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    head, *lines = printed(capsys).splitlines()
    assert head.split() == ["name", "results", "title", "sources"]
    assert [line.split()[0] for line in lines] == list(files.groups())
    assert sum(int(line.split()[1]) for line in lines) == len(files.results())


def test_a_result_has_value_unit_protocol_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "cifar10").splitlines()
    (best,) = (line for line in lines if line.startswith("ResNet-110 "))
    assert best.split("  ")[0] == "ResNet-110"
    told = [cell.strip() for cell in best.split("  ") if cell.strip()]
    # He et al. 2015, table 6
    assert told[1:] == [
        "test error",
        "6.43 (6.61 ± 0.16)",
        "%",
        "CIFAR-10, 110 layers, single view, best of 5 runs",
        "He et al. 2015, table 6",
    ]
    assert "He et al. 2015: https://arxiv.org/abs/1512.03385" in lines


def test_a_bound_is_told_from_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert "fail (> 20)  %" in printed(capsys, "shortcuts")  # He et al. 2016, table 1
    assert "< 0.1  %" in printed(capsys, "cifar_resnet1202")  # He et al. 2015, section 4.2


def test_columns_that_no_result_fills_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    head = printed(capsys, "d2l").splitlines()[0]
    assert head.split() == ["net", "quantity", "value", "unit", "protocol", "source"]


@pytest.mark.parametrize("name", ["orders", "huang2016", "resnet34"])
def test_json_holds_the_same_results(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, name, "--json")) == [to_json(result) for result in files.find(name)]


def test_json_without_a_name_holds_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(json.loads(printed(capsys, "--json"))) == len(files.results())


def test_an_unknown_name_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["published", "ordres"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("No published results are called 'ordres'; ")
    assert told.err.count("\n") == 1


def test_the_tab_key_offers_groups_sources_and_nets() -> None:
    parser = make_parser()
    assert candidates(parser, ["published", "opt"]) == ["options"]
    assert candidates(parser, ["published", "he"]) == ["he2015", "he2016"]
    assert "cifar_resnet110" in candidates(parser, ["published", "cifar"])
