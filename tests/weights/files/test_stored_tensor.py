"""Tensors as files describe them: which can be, and which claim more than there is."""

import pytest

from resnet_viz.weights.files.stored_tensor import ITEM_BYTES, NumberKind, Storage, StoredTensor, kind_of

ROW = Storage("0", 48, "float32")  # twelve numbers


@pytest.mark.parametrize(
    ("offset", "shape", "strides", "num_bytes"),
    [
        (0, (12,), (1,), 48),
        (0, (3, 4), (4, 1), 48),
        (0, (4, 3), (1, 4), 48),
        (2, (5,), (2,), 44),
        (11, (), (), 48),
        (3, (1_000_000,), (0,), 16),
        (99, (0, 5), (5, 1), 0),
    ],
)
def test_tensors_within_their_storage(
    offset: int, shape: tuple[int, ...], strides: tuple[int, ...], num_bytes: int
) -> None:
    tensor = StoredTensor(ROW, "float32", offset, shape, strides)
    assert (tensor.is_sound, tensor.bytes_in_storage) == (True, num_bytes)


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (13,), (1,)),
        (1, (12,), (1,)),
        (12, (), ()),
        (0, (2, 2), (1,)),
        (0, (2,), (1, 1)),
        (-1, (2,), (1,)),
        (0, (-2,), (1,)),
        (0, (2,), (-1,)),
        (0, (2.0,), (1,)),
        (0, (True,), (1,)),
        (0, ("2",), (1,)),
        (None, (2,), (1,)),
        (0, (1 << 60,), (0,)),
        (0, (1,) * 40, (1,) * 40),
    ],
)
def test_tensors_that_cannot_be(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
    assert not StoredTensor(ROW, "float32", offset, shape, strides).is_sound


def test_kinds_of_numbers() -> None:
    kinds = {kind_of(dtype) for dtype in ITEM_BYTES}
    assert kinds == set(NumberKind)
    assert kind_of("bfloat16") is kind_of("float8_e4m3fn") is NumberKind.FLOAT
    assert kind_of("bool") is kind_of("int8") is NumberKind.WHOLE
    assert kind_of("complex64") is NumberKind.COMPLEX
