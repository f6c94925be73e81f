"""What weights leave open: asked, assumed with evidence, or chosen; never settled without a reason."""

import pytest

from resnet_viz.attribution.sources.net_settings import NetSettings
from resnet_viz.attribution.upload_facts import OpenField, UploadFacts, settle
from resnet_viz.errors import SpecError
from resnet_viz.present.attribution.upload_text import agreement_text, choice_label, file_notes, question_text
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

PLAIN, RESIDUAL = preset("cifar_plain20"), preset("cifar_resnet20")
SHORTCUT = OpenField(field="shortcut", values=("identity", "none"))
STRIDE = OpenField(field="stride_on", values=("conv_3x3", "first_1x1"))


def facts(*agreement: int) -> UploadFacts:
    return UploadFacts(specs=(RESIDUAL, PLAIN), open_fields=(SHORTCUT,), agreement=agreement)


def chosen(text: str) -> NetSettings:
    return NetSettings.parse(text)


@pytest.mark.parametrize("agreement", [(), (20, 20), (20, 60), (60, 20)], ids=str)
def test_without_clear_evidence_plain_or_residual_is_asked(agreement: tuple[int, ...]) -> None:
    settled = settle(facts(*agreement), NetSettings())
    assert settled.spec is None
    assert settled.choices[0].value == ""
    assert "ResNet-20 and plain-20" in question_text(settled, facts(*agreement))


@pytest.mark.parametrize(("agreement", "spec"), [((23, 181), PLAIN), ((181, 23), RESIDUAL)])
def test_clear_evidence_makes_an_assumption_that_is_named_with_both_numbers(
    agreement: tuple[int, ...], spec: NetSpec
) -> None:
    settled = settle(facts(*agreement), NetSettings())
    assert (settled.spec, settled.is_assumed) == (spec, True)
    assert "assumed" in choice_label(settled.choices[0])
    text = agreement_text(facts(*agreement), settled.choices)
    assert text.index("181 of 200") < text.index("23")


@pytest.mark.parametrize("agreement", [(), (23, 181), (181, 23)])
def test_a_choice_holds_against_all_evidence(agreement: tuple[int, ...]) -> None:
    for text, spec in (("shortcut=none", PLAIN), ("shortcut=identity", RESIDUAL)):
        settled = settle(facts(*agreement), chosen(text))
        assert (settled.spec, settled.is_assumed) == (spec, False)
        assert question_text(settled, facts(*agreement)) == ""


def test_the_place_of_a_stride_is_assumed_and_two_open_fields_are_chosen_one_by_one() -> None:
    base = preset("cifar_bottleneck29", widths=(4, 8, 16))
    specs = tuple(
        base.replace(shortcut=shortcut, stride_on=stride) for shortcut in SHORTCUT.values for stride in STRIDE.values
    )
    both = UploadFacts(specs=specs, open_fields=(SHORTCUT, STRIDE))
    assert settle(both, NetSettings()).spec is None
    half = settle(both, chosen("shortcut=none"))
    assert half.spec == specs[2]
    assert half.is_assumed
    whole = settle(both, chosen("shortcut=none/stride_on=first_1x1"))
    assert (whole.spec, whole.is_assumed) == (specs[3], False)


def test_fields_without_a_trace_have_their_usual_value_until_they_are_set() -> None:
    order = OpenField(field="order", values=("original", "relu_before_add"))
    known = UploadFacts(specs=(RESIDUAL,), unseen_fields=(order,))
    assert settle(known, NetSettings()).spec == RESIDUAL
    assert settle(known, chosen("order=relu_before_add")).spec == RESIDUAL.replace(order="relu_before_add")
    with pytest.raises(SpecError, match="of no net with order=full_preact"):
        settle(known, chosen("order=full_preact"))


def test_a_choice_that_the_weights_exclude_is_refused_with_what_is_possible() -> None:
    with pytest.raises(SpecError, match=r"of no net with shortcut=conv1x1. Possible are shortcut: identity, none"):
        settle(facts(), chosen("shortcut=conv1x1"))


def test_several_weights_in_a_file_are_asked_and_tensors_besides_are_named() -> None:
    several = UploadFacts(specs=(), entries=("student", "teacher"))
    assert settle(several, NetSettings()).spec is None
    assert file_notes(several) == ["The file holds 2 sets of weights. Choose one."]
    (note,) = file_notes(UploadFacts(specs=(RESIDUAL,), extra=("total_ops",)))
    assert "total_ops" in note
