"""Text about an uploaded net: what its weights leave open, what is assumed, what else its file holds. No Markdown."""

from collections.abc import Sequence

from resnet_viz.attribution.sources.net_settings import TOP
from resnet_viz.attribution.upload_facts import NUM_COMPARED, FieldChoice, OpenField, SettledNet, UploadFacts
from resnet_viz.i18n import _
from resnet_viz.spec.titles import field_name, title, value_name
from resnet_viz.weights.identified import Choice, Identified
from resnet_viz.weights.text import choice_message, what_differs, what_is_unseen


def file_notes(facts: UploadFacts) -> list[str]:
    """Returns what has to be known about the file of an uploaded net beside its architecture."""
    if not facts.specs:
        return [_("The file holds {num} sets of weights. Choose one.").format(num=len(facts.entries))]
    notes = [_("This file is {title}, which comes with this program.").format(title=facts.known_as)]
    return [*(notes if facts.known_as else []), *facts.notes, *what_differs(_identified(facts))]


def unseen_text(facts: UploadFacts) -> str:
    """Returns what leaves no trace in weights and is taken to be as usual; "" where the file states its net."""
    return " ".join(what_is_unseen(_identified(facts))) if facts.specs else ""


def question_text(settled: SettledNet, facts: UploadFacts) -> str:
    """Returns why nothing is shown yet: a field has to be chosen, or the net has no outputs; "" for other nets."""
    if not facts.has_head:
        return _(
            "Attribution explains the logit of a class, so that it needs the net's last layer as nets here have it. "
            "Send the weights of such a net."
        )
    names = [name for choice in settled.choices if not choice.value for name in option_names(choice, facts).values()]
    if not names:
        return ""
    return _(
        "The weights fit {nets} alike. Choose the net that they were trained in: maps of another would explain another "
        "function."
    ).format(nets=_(" and ").join(names))


def choice_label(choice: FieldChoice) -> str:
    """Returns the label of a field's options."""
    name = field_name(choice.field)
    if choice.is_chosen or not choice.value:
        return name
    return _("{field} (assumed: {value})").format(field=name, value=value_name(choice.value))


def choice_help(choice: FieldChoice) -> str:
    """Returns why weights leave a field open, as every part of this program says it."""
    return choice_message(Choice(field=choice.field, values=choice.values))


def option_names(choice: FieldChoice, facts: UploadFacts) -> dict[str, str]:
    """Returns the name of each value of an open field: the net's title where that differs, else the value's name."""
    titles = {}
    for value in choice.values:
        spec = next(spec for spec in facts.specs if str(getattr(spec, choice.field, "")) == value)
        titles[value] = title(spec)
    if len(set(titles.values())) == len(titles):
        return titles
    return {value: value_name(value) for value in choice.values}


def entry_name(place: str) -> str:
    """Returns the name of a place of weights in a file."""
    return _("at the top of the file") if place == TOP else place


def prefix_name(prefix: str) -> str:
    """Returns the name of one of several nets among weights."""
    return _("without a prefix") if prefix == TOP else prefix


def agreement_text(facts: UploadFacts, choices: Sequence[FieldChoice]) -> str:
    """Returns how many labels of Fashion-MNIST each possible architecture predicts; "" where that was not measured.

    It is evidence for an architecture, and no accuracy: whether the net has these classes is not known.
    """
    if not facts.agreement:
        return ""
    choice = next((one for one in choices if one.agreement), None)
    if choice is None:
        counts = [(max(facts.agreement), title(facts.specs[0]))]
    else:
        counts = list(zip(choice.agreement, option_names(choice, facts).values(), strict=True))
    (most, first), *others = sorted(counts, reverse=True)
    text = _("for {num} of {all} test images by {net}").format(num=most, all=NUM_COMPARED, net=first)
    rest = (_("for {num} by {net}").format(num=num, net=net) for num, net in others)
    return _("The label of Fashion-MNIST is predicted {counts}.").format(counts=_(", ").join([text, *rest]))


def _choices(fields: Sequence[OpenField]) -> tuple[Choice, ...]:
    return tuple(Choice(field=one.field, values=one.values) for one in fields)


def _identified(facts: UploadFacts) -> Identified:
    """Returns the parts of an identification that its messages need."""
    return Identified(
        specs=facts.specs,
        keys={},
        naming=facts.naming,
        missing=facts.missing,
        extra=facts.extra,
        unseen=() if facts.is_stated else (Choice(field="image_size"), *_choices(facts.unseen_fields)),
        heads=facts.heads,
        other_head=facts.other_head,
        prefixes=tuple("" if prefix == TOP else prefix for prefix in facts.prefixes),
        remarks=facts.remarks,
        is_stated=facts.is_stated,
        contradicted=facts.contradicted[0] if facts.contradicted else None,
    )
