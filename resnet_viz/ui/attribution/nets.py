"""Nets of the page: one or two, a run's at a kept step. `net=` and `b.net=` in the address."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, Final

import streamlit as st

from resnet_viz.attribution import defaults
from resnet_viz.attribution.sources import shipped_nets, uploads
from resnet_viz.attribution.sources.net_sources import net_source
from resnet_viz.attribution.sources.refs import NET_PARAMETERS, NO_NET, NetKind, NetRef
from resnet_viz.attribution.sources.torchvision import TORCHVISION_WEIGHTS
from resnet_viz.data.datasets import DataName, class_names
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.runs.library import RunEntry
from resnet_viz.spec.presets import preset
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.attribution import uploaded_net
from resnet_viz.ui.attribution import uploads as uploaded_nets
from resnet_viz.ui.widgets import run_library, upload_field, url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.shared_cache import shared_cache
from resnet_viz.ui.widgets.upload_field import UploadRules
from resnet_viz.ui.widgets.visitor import session_owner
from resnet_viz.weights.files import formats

_FRESH_S: Final = 3.0


def ensure_known() -> bool:
    """Returns whether the architectures of all nets of the address are known; shows the progress where they are not."""
    return uploaded_nets.ensure_known(list(_given()))


def pick() -> list[NetRef]:
    """Shows the menus of one or two nets and returns the nets."""
    first = _net(NET_PARAMETERS[0], _("Net a"), [])
    second = _net(NET_PARAMETERS[1], _("Net b"), [NO_NET])
    _upload()
    return [ref for ref in (first, second) if ref is not None]


def settle_uploaded(nets: Sequence[NetRef]) -> bool:
    """Shows the controls of uploaded nets and returns whether the architectures of all nets are settled."""
    settled = [
        uploaded_net.show(letter, ref, _writer(name))
        for letter, name, ref in zip("ab", NET_PARAMETERS, nets, strict=False)
    ]
    return all(settled)


def _writer(name: str) -> Callable[..., None]:
    """Returns a function that puts one net into the address under this name, or two as net a and net b."""

    def write(*refs: NetRef) -> None:
        for place, ref in zip((name,) if len(refs) == 1 else NET_PARAMETERS, refs, strict=True):
            url_state.write(place, str(ref), default(place))

    return write


def default(name: str) -> str:
    """Returns the net of an address without this name."""
    return defaults.NETS[NET_PARAMETERS.index(name)]


def spec_of(ref: NetRef) -> AnySpec | None:
    """Returns the architecture of a net; None before the weights of an uploaded one are read."""
    return uploaded_nets.spec_of(ref) or net_source(ref).spec()


def data_of(ref: NetRef) -> str | None:
    """Returns the name of a net's data set; None where it is unknown before its weights are read."""
    return uploaded_nets.data_of(ref) or net_source(ref).data()


def class_names_of(ref: NetRef) -> tuple[str, ...]:
    """Returns the names of a net's classes; () where they are unknown."""
    if ref.kind is NetKind.UPLOAD:
        return uploaded_nets.class_names_of(ref)
    data, spec = net_source(ref).data(), spec_of(ref)
    return class_names(DataName(data))[: spec.num_classes] if data in list(DataName) and spec is not None else ()


def _given() -> Iterator[NetRef]:
    """Yields the valid nets of the address."""
    for name in NET_PARAMETERS:
        with contextlib.suppress(Refusal):  # shown with the menu
            text = st.query_params.get(name, default(name))
            if text != NO_NET:
                yield NetRef.parse(text)


def _net(name: str, label: str, extra: Sequence[str]) -> NetRef | None:
    """Shows the menu of nets for a name of the address, and the kept steps of a run's net."""
    given = st.query_params.get(name, default(name))
    ref = None if given in extra else _parsed(name, given)
    base = NO_NET if ref is None else _base(ref)
    offered = dict(_offered())
    for uploaded in uploaded_nets.recent():
        offered[str(uploaded)] = _unlisted(uploaded)
    if base != NO_NET and (base not in offered or base.startswith("upload:")):
        offered.pop(base, None)
        offered[base] = _unlisted(ref)
    options = [*extra, *offered]
    key = url_state.key_of(name)
    st.session_state[key] = base

    def commit() -> None:
        with url_state.changing():
            url_state.write(name, _address_of(st.session_state[key]), default(name))

    st.selectbox(
        label,
        options,
        format_func=lambda option: _("none") if option == NO_NET else offered[option],
        key=key,
        on_change=commit,
        width=250,
    )
    if ref is not None and ref.kind is NetKind.RUN:
        _step(name, ref)
    return ref


def _parsed(name: str, text: str) -> NetRef:
    try:
        ref = NetRef.parse(text)
        spec_of(ref)  # raises for a net that is not there
        return ref
    except Refusal as refusal:
        show_warning(str(refusal))
        return NetRef.parse(default(name))


def _base(ref: NetRef) -> str:
    """Returns the menu's entry of a net: a run's without its step."""
    return f"run:{ref.name}/{ref.index}" if ref.kind is NetKind.RUN else str(ref)


def _address_of(base: str) -> str:
    return f"{base}/last" if base.startswith("run:") else base


def _unlisted(ref: NetRef | None) -> str:
    if ref is None:
        return _("none")
    if ref.kind is NetKind.UPLOAD:
        known = uploaded_nets.title_of(ref)
        text = _("{title}, uploaded ({digits})") if known else _("uploaded ({digits})")
        return text.format(title=known, digits=ref.name[:8])
    return str(ref)


def _offered() -> Mapping[str, str]:
    """Returns the titles of the menu's nets by reference: shipped ones, those of runs, torchvision's."""
    key = ("nets offered", client.store().path, st.context.locale)
    return shared_cache.get(key, lambda: MappingProxyType(_titles()), fresh_s=_FRESH_S)


def _titles() -> dict[str, str]:
    found = {
        f"shipped:{net.name}": _("{title}, test accuracy {accuracy:.1f} %").format(
            title=net.title, accuracy=100 * net.test_accuracy
        )
        for net in shipped_nets.shipped_nets()
    }
    for entry in runs_with_steps():
        for index, net in enumerate(entry.net_titles):
            found[f"run:{entry.id}/{index}"] = _("{net}, run {run}").format(net=net, run=entry.title)
    for name in TORCHVISION_WEIGHTS:
        found[f"torchvision:{name}"] = _("{title}, ImageNet (torchvision, download)").format(title=title(preset(name)))
    return found


def runs_with_steps() -> list[RunEntry]:
    """Returns this machine's runs that kept weights."""
    return [entry for entry in run_library.library().entries() if entry.summary is not None and kept_steps(entry.id)]


def kept_steps(run_id: str) -> list[int]:
    """Returns the steps with kept weights of a run, ascending."""
    return [one.step for one in client.store().checkpoints(run_id)]


def _step(name: str, ref: NetRef) -> None:
    """Shows the kept steps of a run's net."""
    steps = kept_steps(ref.name)
    if not steps:
        return
    shown = ref.step if ref.step in steps else steps[-1]
    key = f"{url_state.key_of(name)}:step"
    st.session_state[key] = shown

    def commit() -> None:
        step = st.session_state[key]
        with url_state.changing():
            last = "last" if step == steps[-1] else str(step)
            url_state.write(name, f"run:{ref.name}/{ref.index}/{last}", default(name))

    st.selectbox(
        _("Step"),
        steps,
        format_func=lambda step: f"{step:,}",
        key=key,
        on_change=commit,
        width=95,
    )


def _upload() -> None:
    """Shows the upload of a net; a net that was sent is selected."""
    with st.popover(_("Upload a net"), icon=":material/upload_file:", width="content", key="upload_net"):
        st.markdown(
            _(
                "Weights of a net, as `torch.save` or safetensors write them. The architecture follows from names and "
                "shapes. Only weights are read; no code in the file is run."
            )
        )
        as_second = st.toggle(_("as net b"), key="upload_net_second")
        name = NET_PARAMETERS[1] if as_second else NET_PARAMETERS[0]
        rules = _rules()
        upload_field.show(
            _("Weights: {files}").format(files=rules.text()),
            rules,
            lambda file: _take(name, file),
            key="upload_net_file",
        )


def _rules() -> UploadRules:
    return UploadRules(
        suffixes=formats.SUFFIXES,
        max_bytes=uploads.MAX_BYTES[uploads.UploadKind.NET],
        advice=_(
            "Half precision halves a file: torch.save({k: v.half() for k, v in net.state_dict().items()}, path). "
            "Optimiser states in the file can be left out."
        ),
    )


def _take(name: str, file: BinaryIO) -> None:
    """Keeps uploaded weights and selects their net."""
    sha256 = uploads.keep(file, uploads.UploadKind.NET, visitor=session_owner())
    with url_state.changing():
        url_state.write(name, f"upload:{sha256}", default(name))
