"""Nets of a run are shown by their titles; labels are the keys of records, files and exports alone."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.present.runs import comparison
from resnet_viz.present.runs.comparison import ComparedRun
from resnet_viz.present.runs.downloads import RunFormat, make_file
from resnet_viz.present.theme import Mode
from resnet_viz.present.training import net_styles, race_data, seeds
from resnet_viz.present.training.gradient_notes import gradient_notes
from resnet_viz.present.training.results import degradation, result_table
from resnet_viz.runs import shipped
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe, net_titles, to_json
from tests.fakes import wide_runs
from tests.fakes.wide_runs import LABELS, RECIPE, TITLES

RUN = shipped.from_export("made", wide_runs.exported())


def compared(letter: str = "A", **changes: Any) -> ComparedRun:
    fields: dict[str, Any] = {
        "name": "wide", "letter": letter, "nets": RECIPE.nets, "steps": 100, "curves": RUN.curves, "first": RUN.first,
        "last": RUN.last,
    }  # fmt: skip
    return ComparedRun(**fields | changes)


def names(options: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(line["name"] for line in options["series"]))


def test_labels_stay_the_keys_of_records() -> None:
    assert RECIPE.labels == LABELS
    assert RECIPE.titles == dict(zip(LABELS, TITLES, strict=True))


def test_tables_and_messages_have_titles() -> None:
    first, last = ({step.net: step for step in steps} for steps in (RUN.first, RUN.last))
    assert [row["net"] for row in result_table(RECIPE.titles, RUN.curves, first, last)] == list(TITLES)
    (sentence,) = degradation(RECIPE.nets, RUN.curves)
    assert sentence.startswith("WRN-28-2 has 1.67 times the training loss of WRN-16-2 (2.500 against 1.500)")
    (note,) = gradient_notes(RECIPE.titles, RUN.last)
    assert note.startswith("ResNet, blocks 2,2,3: all gradient norms are 0")


def test_a_net_that_ended_is_told_by_its_title() -> None:
    curves = [RUN.curves[0], shipped.from_export("made", cut_short()).curves[1]]
    (sentence,) = degradation(RECIPE.nets, curves)
    assert sentence == "WRN-28-2 ended at step 10, WRN-16-2 at step 99: losses are not compared."


def cut_short() -> dict[str, Any]:
    whole = wide_runs.exported()
    return whole | {"records": [one for one in whole["records"] if one["net"] != LABELS[1] or one["step"] <= 10]}


def test_results_over_seeds_have_titles() -> None:
    by_seed = {0: RUN.curves, 1: RUN.curves}
    assert [row["net"] for row in seeds.table(RECIPE.titles, by_seed)] == list(TITLES)
    (message,) = seeds.sentences(RECIPE.nets, by_seed)
    assert message.startswith("WRN-28-2 has a higher loss (last 50 steps) than WRN-16-2 in 2 of 2 seeds")


def test_legends_have_titles_and_styles_are_found_by_label() -> None:
    styles = net_styles.style_nets(RECIPE.nets, Mode.LIGHT)
    assert tuple(styles) == LABELS
    for options in (
        net_styles.loss_chart(RUN.curves, styles, 100),
        net_styles.test_error_chart(RUN.curves, styles, 100),
        net_styles.gradient_chart(RUN.last, styles),
    ):
        assert names(options) == options["legend"]["data"] == list(TITLES)


def test_the_race_shows_titles_and_receives_labels() -> None:
    head = race_data.head(RECIPE, Mode.LIGHT)
    assert [(net["label"], net["title"]) for net in head["nets"]] == list(zip(LABELS, TITLES, strict=True))
    parts, _now = race_data.updates(RECIPE.labels, RUN.curves, RUN.probes, {})
    assert [part["label"] for part in parts] == list(LABELS)


def test_compared_runs_show_titles_behind_their_letters() -> None:
    one, two = [compared()], [compared(), compared("B", nets=RECIPE.nets[:2], curves=RUN.curves[:2])]
    assert names(comparison.loss_chart(one, Mode.LIGHT)) == list(TITLES)
    lettered = [*(f"A: {title}" for title in TITLES), *(f"B: {title}" for title in TITLES[:2])]
    assert names(comparison.loss_chart(two, Mode.DARK)) == names(comparison.error_chart(two, Mode.DARK)) == lettered
    assert comparison.loss_chart(two, Mode.DARK)["legend"]["data"] == lettered
    assert names(comparison.gradient_chart(one, Mode.LIGHT, is_first=True)) == list(TITLES)
    assert [row["net"] for row in comparison.compared_table(two)] == [*TITLES, *TITLES[:2]]


def test_runs_whose_nets_share_labels_are_compared() -> None:
    narrow, wide = (residual_preset("cifar_plain20", widths=(w, 2 * w, 4 * w)) for w in (4, 8))
    both = compared(nets=(narrow, wide), curves=(), first=(), last=())
    alone = compared("B", nets=(narrow,), curves=(), first=(), last=())
    drawn = comparison.loss_chart([both, alone], Mode.LIGHT)["legend"]["data"]
    assert drawn == ["A: plain-20, width 4", "A: plain-20, width 8", "B: plain-20"]


def test_bars_of_scores_have_titles() -> None:
    found = comparison.scores(RECIPE.labels, RUN.curves)
    assert [score.net for score in found] == list(LABELS)
    options, _height_px = comparison.score_chart(found, net_styles.style_nets(RECIPE.nets, Mode.LIGHT))
    for layout in (options["baseOption"], options["media"][0]["option"]):
        assert layout["yAxis"][0]["data"] == list(TITLES)


@pytest.mark.parametrize("run_format", RunFormat)
def test_pages_have_titles_and_data_files_have_labels(run_format: RunFormat) -> None:
    content = make_file(wide_runs.exported(), run_format).content.decode(errors="replace")
    if run_format is RunFormat.HTML:
        assert "as wide" not in content
        data = json.loads(content.partition('type="application/json" id="run">')[2].partition("</script>")[0])
        assert [net["label"] for net in data["nets"]] == list(TITLES)
        assert data["title"] == " · ".join(TITLES)
    elif run_format in (RunFormat.JSON, RunFormat.CSV):
        assert LABELS[0] in content
        assert TITLES[0] not in content


@pytest.mark.parametrize(
    ("nets", "titles"),
    [
        ([("cifar_plain20", {}), ("cifar_plain20", {"widths": (4, 8, 16)})],
         ["plain-20, width 16", "plain-20, width 4"]),
        ([("wrn_16_2", {}), ("wrn_16_2", {"widths": (4, 8, 16)})], ["WRN-16-2, width 16", "WRN-16-2, width 4"]),
        ([("cifar_resnet20", {"blocks": (2, 2, 3)}), ("cifar_resnet20", {"blocks": (3, 2, 2), "widths": (4, 8, 16)})],
         ["ResNet, blocks 2,2,3", "ResNet, blocks 3,2,2"]),
        ([("cifar_resnet20", {"blocks": (2, 2, 3)}),
          ("cifar_bottleneck29", {"blocks": (2, 2, 3), "stem": "imagenet", "stride_on": "conv_3x3"})],
         ["ResNet, blocks 2,2,3 (ResNet-16)", "ResNet, blocks 2,2,3 (ResNet-23)"]),
    ],
)  # fmt: skip
def test_two_nets_of_a_run_are_told_apart(nets: list[tuple[str, dict[str, Any]]], titles: list[str]) -> None:
    recipe = Recipe(nets=tuple(residual_preset(name, **changes) for name, changes in nets))
    assert list(recipe.titles.values()) == titles
    assert tuple(recipe.titles) == recipe.labels


def test_a_refused_pair_is_called_by_what_it_has_in_common() -> None:
    wide = residual_preset("wrn_16_2")
    with pytest.raises(SpecError, match="the same name, WRN-16-2: change"):
        Recipe(nets=(wide, wide))
    unlike = (residual_preset("cifar_resnet20", blocks=blocks) for blocks in ((2, 2, 3), (3, 2, 2)))
    with pytest.raises(SpecError, match="the same name, ResNet-16, width 16: change"):
        Recipe(nets=tuple(unlike))


def test_saved_runs_are_listed_by_titles_even_where_this_version_refuses_their_recipe() -> None:
    fields = to_json(RECIPE)
    assert net_titles(fields | {"optimizer": "lion"}, LABELS) == TITLES
    assert net_titles({"nets": [{"of": "a later version"}]}, LABELS) == LABELS
    assert net_titles({}, LABELS) == net_titles({"nets": "none"}, LABELS) == LABELS
