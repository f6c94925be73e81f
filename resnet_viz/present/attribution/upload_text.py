"""Text about an uploaded net: what its weights leave open, what is assumed, what else its file holds. No Markdown."""

from collections.abc import Sequence

from resnet_viz.attribution.upload_facts import NUM_COMPARED, FieldChoice, UploadFacts
from resnet_viz.i18n import _, ngettext
from resnet_viz.spec.titles import field_name, title, value_name
from resnet_viz.weights.identified import Choice, Identified
from resnet_viz.weights.text import choice_message, messages


def file_notes(facts: UploadFacts) -> list[str]:
    """Returns what has to be known about the file of an uploaded net beside its architecture."""
    found = Identified(
        specs=facts.specs,
        keys={},
        naming=facts.naming,
        prefix=facts.prefix,
        missing=facts.missing,
        extra=facts.extra,
        others=facts.others,
        is_stated=facts.is_stated,
        contradicted=facts.contradicted[0] if facts.contradicted else None,
    )
    known = _("This file is {title}, which comes with this program.").format(title=facts.known_as)
    return [*([known] if facts.known_as else []), *messages(found)]


def choice_text(choice: FieldChoice) -> str:
    """Returns why a field has to be chosen, or that it is assumed."""
    text = choice_message(Choice(field=choice.field, values=choice.values))
    if choice.is_chosen:
        return ""
    state = (
        _("Assumed: {value}.").format(value=value_name(choice.value))
        if choice.value
        else _("Choose it: maps of the wrong one would explain another function.")
    )
    return f"{text} {state}"


def choice_label(choice: FieldChoice) -> str:
    """Returns the label of a field's options."""
    name = field_name(choice.field)
    if choice.is_chosen:
        return name
    return _("{field} (assumed: {value})").format(field=name, value=value_name(choice.value)) if choice.value else name


def option_names(choice: FieldChoice, facts: UploadFacts) -> dict[str, str]:
    """Returns the name of each value of an open field: the net's title where that differs, else the value's name."""
    titles = {}
    for value in choice.values:
        spec = next(spec for spec in facts.specs if str(getattr(spec, choice.field, "")) == value)
        titles[value] = title(spec)
    if len(set(titles.values())) == len(titles):
        return {value: f"{value_name(value)}: {name}" for value, name in titles.items()}
    return {value: value_name(value) for value in choice.values}


def agreement_text(facts: UploadFacts, choices: Sequence[FieldChoice]) -> str:
    """Returns how many labels of Fashion-MNIST each possible architecture predicts; "" where that was not measured.

    It is evidence for an architecture, and no accuracy: whether the net has these classes is not known.
    """
    if not facts.agreement:
        return ""
    choice = next((one for one in choices if one.agreement), None)
    counts = (
        _(", ").join(
            f"{name}: {num}" for name, num in zip(option_names(choice, facts).values(), choice.agreement, strict=True)
        )
        if choice is not None
        else f"{title(facts.specs[0])}: {max(facts.agreement)}"
    )
    return ngettext(
        "Labels of {n} test image of Fashion-MNIST that it predicts: {counts}.",
        "Labels of {n} test images of Fashion-MNIST that it predicts: {counts}.",
        NUM_COMPARED,
    ).format(n=NUM_COMPARED, counts=counts)
