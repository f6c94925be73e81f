"""Menus of a page's trained nets: one or two, a run's at a kept step. `net=` and `b.net=` in the address."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Final

import streamlit as st

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
from resnet_viz.ui.widgets import run_library, upload_field, url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.nets import known_uploads, uploaded_net
from resnet_viz.ui.widgets.shared_cache import shared_cache
from resnet_viz.ui.widgets.upload_field import UploadRules
from resnet_viz.ui.widgets.visitor import session_owner
from resnet_viz.weights.files import formats

_FRESH_S: Final = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class NetMenu:
    """Menus of one or two nets, bound to the address.

    Attributes:
        defaults: the nets of an empty address, as `NetRef` writes them; NO_NET for no second net.
        has_imagenet: whether torchvision's nets are offered, too.
        has_second: whether there is a menu of a second net.
    """

    defaults: tuple[str, str]
    has_imagenet: bool = True
    has_second: bool = True

    def ensure_known(self) -> bool:
        """Returns whether the architectures of all nets of the address are known; shows the progress where not."""
        return known_uploads.ensure_known(list(self._given()))

    def pick(self) -> list[NetRef]:
        """Shows the menus of one or two nets and returns the nets."""
        first = self._net(NET_PARAMETERS[0], _("Net a") if self.has_second else _("Net"), [])
        second = self._net(NET_PARAMETERS[1], _("Net b"), [NO_NET]) if self.has_second else None
        self._upload()
        return [ref for ref in (first, second) if ref is not None]

    def settle_uploaded(self, nets: Sequence[NetRef]) -> bool:
        """Shows the controls of uploaded nets and returns whether the architectures of all nets are settled."""
        settled = [
            uploaded_net.show(letter, ref, self._writer(name))
            for letter, name, ref in zip("ab", NET_PARAMETERS, nets, strict=False)
        ]
        return all(settled)

    def default(self, name: str) -> str:
        """Returns the net of an address without this name."""
        return self.defaults[NET_PARAMETERS.index(name)]

    def _writer(self, name: str) -> Callable[..., None]:
        """Returns a function that puts one net into the address under this name, or two as net a and net b."""

        def write(*refs: NetRef) -> None:
            for place, ref in zip((name,) if len(refs) == 1 else NET_PARAMETERS, refs, strict=True):
                self._write(place, str(ref))

        return write

    def _write(self, name: str, text: str) -> None:
        url_state.write(name, text, self.default(name))

    def _given(self) -> Iterator[NetRef]:
        """Yields the valid nets of the address."""
        for name in NET_PARAMETERS if self.has_second else NET_PARAMETERS[:1]:
            with contextlib.suppress(Refusal):  # shown with the menu
                text = st.query_params.get(name, self.default(name))
                if text != NO_NET:
                    yield NetRef.parse(text)

    def _net(self, name: str, label: str, extra: Sequence[str]) -> NetRef | None:
        """Shows the menu of nets for a name of the address, and the kept steps of a run's net."""
        given = st.query_params.get(name, self.default(name))
        ref = None if given in extra else self._parsed(name, given)
        base = NO_NET if ref is None else _base(ref)
        offered = dict(_offered(has_imagenet=self.has_imagenet))
        for uploaded in known_uploads.recent():
            offered[str(uploaded)] = _unlisted(uploaded)
        if base != NO_NET and (base not in offered or base.startswith("upload:")):
            offered.pop(base, None)
            offered[base] = _unlisted(ref)
        options = [*extra, *offered]
        key = url_state.key_of(name)
        st.session_state[key] = base

        def commit() -> None:
            with url_state.changing():
                self._write(name, _address_of(st.session_state[key]))

        st.selectbox(
            label,
            options,
            format_func=lambda option: _("none") if option == NO_NET else offered[option],
            key=key,
            on_change=commit,
            width=250,
        )
        if ref is not None and ref.kind is NetKind.RUN:
            self._step(name, ref)
        return ref

    def _parsed(self, name: str, text: str) -> NetRef | None:
        try:
            ref = NetRef.parse(text)
            spec_of(ref)  # raises for a net that is not there
            return ref
        except Refusal as refusal:
            show_warning(str(refusal))
            default = self.default(name)
            return None if default == NO_NET else NetRef.parse(default)

    def _step(self, name: str, ref: NetRef) -> None:
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
                self._write(name, f"run:{ref.name}/{ref.index}/{last}")

        st.selectbox(
            _("Step"),
            steps,
            format_func=lambda step: f"{step:,}",
            key=key,
            on_change=commit,
            width=95,
        )

    def _upload(self) -> None:
        """Shows the upload of a net; a net that was sent is selected."""
        with st.popover(_("Upload a net"), icon=":material/upload_file:", width="content", key="upload_net"):
            st.markdown(
                _(
                    "Weights of a net, as `torch.save` or safetensors write them. The architecture follows from names "
                    "and shapes. Only weights are read; no code in the file is run."
                )
            )
            as_second = self.has_second and st.toggle(_("as net b"), key="upload_net_second")
            name = NET_PARAMETERS[1] if as_second else NET_PARAMETERS[0]
            rules = _rules()
            upload_field.show(
                _("Weights: {files}").format(files=rules.text()),
                rules,
                lambda file: self._take(name, file),
                key="upload_net_file",
            )

    def _take(self, name: str, file: BinaryIO) -> None:
        """Keeps uploaded weights and selects their net."""
        sha256 = uploads.keep(file, uploads.UploadKind.NET, visitor=session_owner())
        with url_state.changing():
            self._write(name, f"upload:{sha256}")


def spec_of(ref: NetRef) -> AnySpec | None:
    """Returns the architecture of a net; None before the weights of an uploaded one are read."""
    return known_uploads.spec_of(ref) or net_source(ref).spec()


def data_of(ref: NetRef) -> str | None:
    """Returns the name of a net's data set; None where it is unknown before its weights are read."""
    return known_uploads.data_of(ref) or net_source(ref).data()


def class_names_of(ref: NetRef) -> tuple[str, ...]:
    """Returns the names of a net's classes; () where they are unknown."""
    if ref.kind is NetKind.UPLOAD:
        return known_uploads.class_names_of(ref)
    data, spec = net_source(ref).data(), spec_of(ref)
    return class_names(DataName(data))[: spec.num_classes] if data in list(DataName) and spec is not None else ()


def _base(ref: NetRef) -> str:
    """Returns the menu's entry of a net: a run's without its step."""
    return f"run:{ref.name}/{ref.index}" if ref.kind is NetKind.RUN else str(ref)


def _address_of(base: str) -> str:
    return f"{base}/last" if base.startswith("run:") else base


def _unlisted(ref: NetRef | None) -> str:
    if ref is None:
        return _("none")
    if ref.kind is NetKind.UPLOAD:
        known = known_uploads.title_of(ref)
        text = _("{title}, uploaded ({digits})") if known else _("uploaded ({digits})")
        return text.format(title=known, digits=ref.name[:8])
    return str(ref)


def _offered(*, has_imagenet: bool) -> Mapping[str, str]:
    """Returns the titles of the menu's nets by reference: shipped ones, those of runs, torchvision's."""
    key = ("nets offered", client.store().path, st.context.locale, has_imagenet)
    return shared_cache.get(key, lambda: MappingProxyType(_titles(has_imagenet=has_imagenet)), fresh_s=_FRESH_S)


def _titles(*, has_imagenet: bool) -> dict[str, str]:
    found = {
        f"shipped:{net.name}": _("{title}, test accuracy {accuracy:.1f} %").format(
            title=net.title, accuracy=100 * net.test_accuracy
        )
        for net in shipped_nets.shipped_nets()
    }
    for entry in runs_with_steps():
        for index, net in enumerate(entry.net_titles):
            found[f"run:{entry.id}/{index}"] = _("{net}, run {run}").format(net=net, run=entry.title)
    for name in TORCHVISION_WEIGHTS if has_imagenet else ():
        found[f"torchvision:{name}"] = _("{title}, ImageNet (torchvision, download)").format(title=title(preset(name)))
    return found


def runs_with_steps() -> list[RunEntry]:
    """Returns this machine's runs that kept weights."""
    return [entry for entry in run_library.library().entries() if entry.summary is not None and kept_steps(entry.id)]


def kept_steps(run_id: str) -> list[int]:
    """Returns the steps with kept weights of a run, ascending."""
    return [one.step for one in client.store().checkpoints(run_id)]


def _rules() -> UploadRules:
    return UploadRules(
        suffixes=formats.SUFFIXES,
        max_bytes=uploads.MAX_BYTES[uploads.UploadKind.NET],
        advice=_(
            "Half precision halves a file: torch.save({k: v.half() for k, v in net.state_dict().items()}, path). "
            "Optimiser states in the file can be left out."
        ),
    )
