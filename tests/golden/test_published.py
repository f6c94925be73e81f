"""Published results, held against a list that was copied from the same tables on its own (`published.json`).

Its rows: source with the place in it, net, case, quantity, value (or the cell as it is printed), data set.
"""

import json
import re
from collections import Counter
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.analysis.report import totals
from resnet_viz.attribution.sources.torchvision import TORCHVISION_WEIGHTS
from resnet_viz.plan.lower import lower
from resnet_viz.present.parameters.published import PublishedFigures, published_figures
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity, PublishedResult
from resnet_viz.training import recipe_files

IMAGENET, CIFAR = published_figures("imagenet"), published_figures("cifar")

COPIED: list[list[Any]] = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
RESULTS = files.results()

_WRN = "Zagoruyko and Komodakis 2016, README"
BESIDE = [  # in none of the tables that were copied
    ["He et al. 2015, section 4.2", "ResNet-1202", "", "training_error", 0.1, "CIFAR-10"],
    ["He et al. 2015, figure 3", "ResNet-34", "option A", "macs", 3_600_000_000, ""],
    ["He et al. 2015, section 3.3", "plain-34", "of VGG-19", "macs_share", 18, ""],
    ["He et al. 2015, figure 6", "plain-110", "", "test_error", 60, "CIFAR-10"],
    [f"{_WRN}, single-time runs", "WRN-40-10", "dropout in the branch", "test_error", 3.8, "CIFAR-10"],
    [f"{_WRN}, single-time runs", "WRN-40-10", "dropout in the branch", "test_error", 18.3, "CIFAR-100"],
    [f"{_WRN}, single-time runs", "WRN-16-8", "dropout in the branch", "test_error", 1.54, "SVHN"],
    [f"{_WRN}, single-time runs", "WRN-50-2-bottleneck", "", "top1_error", 21.9, "ImageNet validation"],
    [f"{_WRN} of pretrained models", "WRN-50-2-bottleneck", "", "params", 68_900_000, ""],
]
NOT_COPIED = {"vgg16", "vgg16_bn", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet101_2"}  # of torchvision


def cell(result: PublishedResult) -> str:
    """A value as the copied list has it: a number without trailing zeros, or all that the table's cell holds."""
    if result.printed.isalpha():
        return result.printed
    if result.mean is None:
        return f"{result.value:.9g}"
    return f"{result.printed} ({result.mean:.2f}±{result.std:.2f})"


def key_of(row: list[Any]) -> tuple[str, ...]:
    source, net, case, quantity, value, data = row
    return source, net, case, quantity, value if isinstance(value, str) else f"{value:.9g}", data


def test_every_value_is_the_one_that_was_copied_from_its_source() -> None:
    ours = Counter(
        (one.citation, one.net, one.case, one.quantity.value, cell(one), one.protocol.data)
        for one in RESULTS
        if not (one.source.name == "torchvision" and one.net in NOT_COPIED)
    )
    assert ours == Counter(map(key_of, [*COPIED, *BESIDE]))


@pytest.mark.parametrize(
    ("source", "tables", "digits"),
    [
        ("he2015", ("table 2", "table 3", "table 6"), 2),
        ("he2016", ("table 1", "table 2", "table 3", "table 4"), 2),
        ("he2016", ("table 5",), 1),
        ("xie2017", ("table 7",), 2),
    ],
)
def test_errors_keep_the_digits_of_their_table(source: str, tables: tuple[str, ...], digits: int) -> None:
    found = [one for one in files.find(source) if one.where in tables and one.unit == "%"]
    assert {one.where for one in found} == set(tables)
    for result in found:
        assert result.printed == "fail" or len(result.printed.partition(".")[2]) == digits, result


@pytest.mark.parametrize(
    ("group", "count"),
    [
        ("orders", 10),  # He et al. 2016, table 2: five units of two depths
        ("shortcuts", 11),  # He et al. 2016, table 1
        ("options", 6),  # He et al. 2015, table 3: three options, top-1 and top-5
        ("degradation", 4),  # He et al. 2015, table 2
    ],
)
def test_a_group_holds_the_whole_table(group: str, count: int) -> None:
    assert len(files.find(group)) == count


def is_count(result: PublishedResult) -> bool:
    return result.quantity in (PublishedQuantity.PARAMS, PublishedQuantity.MACS)


@pytest.mark.parametrize(
    "result",
    [one for one in RESULTS if is_count(one) and one.spec is not None],
    ids=lambda one: f"{one.citation}-{one.net}-{one.quantity}",
)
def test_a_printed_count_is_near_that_of_its_preset(result: PublishedResult) -> None:
    assert result.spec is not None
    ours = totals(lower(result.spec))
    own = ours.params if result.quantity is PublishedQuantity.PARAMS else ours.macs
    if isinstance(result.value, int):
        assert own == result.value
    else:
        assert own == pytest.approx(result.value, rel=0.03)


def test_a_printed_depth_is_that_of_its_preset() -> None:
    for result in RESULTS:
        if result.spec is not None and result.protocol.depth is not None:
            # Zagoruyko and Komodakis count the three projections, and not the fully connected layer
            own = result.spec.depth + 2 if result.net.startswith("WRN-28") else result.spec.depth
            assert own == result.protocol.depth, result


def test_a_preset_has_the_classes_of_its_data_set() -> None:
    classes = {"CIFAR-10": 10, "CIFAR-100": 100, "ImageNet validation": 1_000, "Fashion-MNIST at 96 px": 10}
    for result in RESULTS:
        if result.spec is not None and result.protocol.data:
            assert result.spec.num_classes == classes[result.protocol.data], result


@pytest.mark.parametrize("row", [*IMAGENET, *CIFAR], ids=lambda row: f"{row.net}-{row.source}")
def test_the_page_of_parameters_quotes_no_other_figures(row: PublishedFigures) -> None:
    found = [one for one in RESULTS if one.preset == row.net and not one.changes and is_count(one)]
    place = re.sub(r"\bfig\.", "figure", row.source.removesuffix(", without fc"))
    for quantity, value in ((PublishedQuantity.PARAMS, row.params), (PublishedQuantity.MACS, row.macs)):
        same = [one for one in found if one.quantity is quantity and one.citation == place]
        assert value is None or any(isclose(one.value, value) for one in same)


def test_the_accuracies_of_weights_to_download_are_the_published_ones() -> None:
    published = {
        one.preset: one.value
        for one in files.find("torchvision")
        if one.quantity is PublishedQuantity.TOP1_ACCURACY and not one.changes
    }
    assert published == pytest.approx({name: 100 * row.accuracy for name, row in TORCHVISION_WEIGHTS.items()})


def printed(name: str, net: str, quantity: PublishedQuantity) -> str:
    (found,) = (one for one in files.find(name) if one.net == net and one.quantity is quantity)
    return found.printed


def test_recipes_quote_the_published_results() -> None:
    quoted = re.findall(r"(ResNet-\d+) ([\d.]+) %", recipe_files.find("cifar10").measured)
    assert len(quoted) == 3
    for net, value in quoted:
        assert value == printed("cifar10", net, PublishedQuantity.TEST_ERROR)
    deepest, best = (printed("cifar10", f"ResNet-{depth}", PublishedQuantity.TEST_ERROR) for depth in (1202, 110))
    assert f"({deepest} % against {best} % errors)" in recipe_files.find("very_deep_1202").about
    loss, training, test = (one.printed for one in files.find("d2l"))
    told = f"loss {loss}, training accuracy {training}, test accuracy {test}."
    assert told in recipe_files.find("d2l").measured
