"""Parts of an exported attribution figure that are the same in every file, with fields for the rest."""

from collections.abc import Mapping
from typing import Final

HEAD: Final = '''\
"""{title} of {nets}: the map of each over its image, with Captum.

Method: {paper}.

    pip install torch captum
    python attribution.py    # beside it: {files}

Writes attribution.png and the maps, {own}.
"""

import base64
import zlib
from collections import OrderedDict

import matplotlib.pyplot as plt
import numpy as np
import torch
{functional}from captum.attr import {captum}
from matplotlib.colors import LinearSegmentedColormap
from torch import Tensor, nn
'''

LOAD: Final = '''\
def load(letter: str) -> nn.Module:
    """Returns a net with its weights, ready to be looked at. Only weights are read from the file."""
    facts = NETS[letter]
    saved = torch.load(facts["weights"], map_location="cpu", weights_only=True)
    if "net_of_run" in facts:  # a kept step of a run: all tensors of a net in one
        state = {}
        for part in (saved["nets"][facts["net_of_run"]][key] for key in ("weights", "counters")):
            sizes = [int(np.prod(shape)) for _, shape in part["shapes"]]
            for (name, shape), flat in zip(part["shapes"], part["flat"].split(sizes), strict=True):
                state[name] = flat.reshape(tuple(shape))
    else:
        state = saved.get("state_dict", saved.get("model", saved))
    net = {"a": net_a, "b": globals().get("net_b")}[letter]()
    own = net.state_dict()
    if set(own) != set(state):  # other names, such as torchvision's, in the same order
        given = [tensor for key, tensor in state.items() if not key.endswith("num_batches_tracked")]
        names = [key for key in own if not key.endswith("num_batches_tracked")]
        state = own | dict(zip(names, given, strict=True))
    net.load_state_dict(state)
    return net.eval()
'''

TORCH_FILE: Final = """\
    saved = torch.load(facts["weights"], map_location="cpu", weights_only=True)
"""
FACTS: Final = """\
    facts = NETS[letter]
"""
OPTIONS_BESIDE: Final = """\
    from argparse import Namespace

    torch.serialization.add_safe_globals([Namespace])  # plain values: a training script's options beside the weights
    facts = NETS[letter]
"""
READY: Final = """\
    net.load_state_dict(state)
"""
BLUE_FIRST: Final = """\
    net.load_state_dict(state)
    if facts.get("is_bgr"):  # it reads blue first: with its first weights the other way round it reads red first
        first = next(module for module in net.modules() if isinstance(module, nn.Conv2d))
        first.weight.data = first.weight.data.flip(1)
"""
ANY_FILE: Final = """\
    if facts["weights"].endswith(".safetensors"):
        from safetensors.torch import load_file

        saved = load_file(facts["weights"])
    else:
        saved = torch.load(facts["weights"], map_location="cpu", weights_only=True)
"""
USUAL_STATE: Final = """\
    else:
        state = saved.get("state_dict", saved.get("model", saved))
    net = {"a": net_a, "b": globals().get("net_b")}[letter]()
    own = net.state_dict()
"""
STATE_BY_KEYS: Final = """\
    elif "keys" in facts:  # the file's key for each of the net's
        place = facts["entry"]
        while place:
            items = saved.items() if isinstance(saved, dict) else enumerate(saved)
            key, saved = next((k, v) for k, v in items if place == str(k) or place.startswith(f"{k}."))
            place = place[len(str(key)) + 1 :]
        state = {ours: saved[theirs] for ours, theirs in facts["keys"].items()}
    else:
        state = saved.get("state_dict", saved.get("model", saved))
    net = {"a": net_a, "b": globals().get("net_b")}[letter]()
    own = net.state_dict()
    if "keys" in facts:
        state = {key: tensor.float().reshape(own[key].shape) for key, tensor in state.items()}
        missing = {key: torch.zeros_like(tensor) for key, tensor in own.items() if key.endswith("fc.bias")}
        state = own | missing | state
"""

READ: Final[Mapping[str, str]] = {
    "uint8": "np.frombuffer(raw, np.uint8).astype(np.float32) / np.float32(255)",
    "float32": "np.frombuffer(raw, np.float32).copy()",
}

PIXELS: Final = '''\
def pixels(letter: str) -> Tensor:
    """Returns the image as the net sees it, from 0 to 1, (1, C, H, W)."""
    raw = zlib.decompress(base64.b64decode(NETS[letter]["image"]))
    values = {read}
    return torch.from_numpy(values.reshape(1, *NETS[letter]["shape"]))


def statistics(letter: str) -> tuple[Tensor, Tensor]:
    """Returns mean and standard deviation of the training pixels by channel."""
    mean, std = (torch.tensor(NETS[letter][key]).reshape(-1, 1, 1) for key in ("mean", "std"))
    return mean, std
'''

DRAW: Final = '''\
def draw(maps: dict[str, np.ndarray]) -> None:
    """Draws the image and the maps over it, on one scale."""
    signed = {is_signed}
    flat = {{letter: values if values.ndim == 2 else values.sum(axis=0) for letter, values in maps.items()}}
    end = max(float(np.quantile(np.concatenate([np.abs(v).ravel() for v in flat.values()]), 0.99)), 1e-12)
    against, nothing, in_favour = (0.93, 0.17, 0.63, 0.92), (0, 0, 0, 0), (0.0, 0.82, 0.52, 0.92)
    colors = LinearSegmentedColormap.from_list("map", [against, nothing, in_favour] if signed else [nothing, in_favour])
    figure, axes = plt.subplots(1, 1 + len(maps), figsize=(4 * (1 + len(maps)), 4.5), layout="constrained")
    for axis, letter in zip(axes, [min(maps), *maps], strict=True):
        image = pixels(letter)[0].permute(1, 2, 0).numpy()
        axis.imshow(image.mean(axis=2), cmap="gray", vmin=-0.15, vmax=1.4) if axis is not axes[0] else axis.imshow(
            image if image.shape[2] == 3 else image[..., 0], cmap="gray", vmin=0, vmax=1
        )
        axis.set_axis_off()
    for axis, (letter, values) in zip(axes[1:], flat.items(), strict=True):
        height, width = NETS[letter]["shape"][1:]
        how = "nearest" if values.shape == (height, width) else "bilinear"
        axis.imshow(
            values,
            cmap=colors,
            vmin=-end if signed else 0,
            vmax=end,
            extent=(-0.5, width - 0.5, height - 0.5, -0.5),
            interpolation=how,
        )
        axis.set_title(NETS[letter]["title"])
    figure.suptitle("{title}")
    figure.savefig("attribution.png", dpi=200)
'''

MAIN: Final = """\
if __name__ == "__main__":
    found = {letter: attribute(letter) for letter in NETS}
    for letter, values in found.items():
        np.save(f"{letter}.npy", values)
    draw(found)
    print("attribution.png", *(f"{letter}.npy" for letter in found))
"""
