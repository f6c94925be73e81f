"""What `import resnet_viz` offers, and that it is light."""

import subprocess
import sys

import pytest

import resnet_viz
from resnet_viz.resources import ROOT


def run_python(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_the_names_of_the_contract_are_offered() -> None:
    assert set(resnet_viz.__all__) == {"NetSpec", "VggSpec", "build", "describe", "lower", "preset"}
    assert all(hasattr(resnet_viz, name) for name in resnet_viz.__all__)


def test_describing_a_net_loads_neither_torch_nor_numpy_nor_streamlit() -> None:
    loaded = run_python(
        "import sys, json, resnet_viz;"
        "told = json.dumps(resnet_viz.describe(resnet_viz.preset('resnet50')));"
        "print(len(told) > 1000, sorted({'torch', 'numpy', 'streamlit', 'pandas', 'plotly'} & set(sys.modules)))"
    )
    assert loaded == "True []"


@pytest.mark.torch
def test_build_makes_a_module_of_the_same_size() -> None:
    net = resnet_viz.build(resnet_viz.preset("resnet50", num_classes=10))
    assert sum(p.numel() for p in net.parameters()) == 25_557_032 - 990 * 2_049  # torchvision 0.29.2, 990 classes fewer


def test_the_version_is_the_distributions() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{resnet_viz.__version__}"' in project
