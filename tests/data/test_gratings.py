"""The gratings: the same everywhere, balanced, and told apart by their direction alone."""

import numpy as np

from resnet_viz.data import datasets, gratings
from resnet_viz.data.datasets import DataName


def test_they_are_the_same_each_time_and_need_no_file() -> None:
    first, again = gratings.read(), gratings.read()
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    source = next(one for one in datasets.available() if one.name is DataName.GRATINGS)
    assert (source.is_available, source.place) == (True, None)


def test_they_are_as_many_and_as_large_as_is_said() -> None:
    size = datasets.SIZES[DataName.GRATINGS]
    raw = datasets.read(DataName.GRATINGS)
    assert raw.train_x_NCHW.shape == (size.train, size.channels, size.side, size.side)
    assert raw.test_x_NCHW.shape == (size.test, 1, 12, 12)
    assert np.bincount(raw.train_y_N).tolist() == [1_000] * size.classes
    assert np.bincount(raw.test_y_N).tolist() == [200] * size.classes
    assert datasets.class_names(DataName.GRATINGS) == ("0°", "22.5°", "45°", "67.5°", "90°", "112.5°", "135°", "157.5°")


def test_brightness_does_not_tell_the_class() -> None:
    x_NHW, y_N, _test_x, _test_y = gratings.read()
    means = [x_NHW[y_N == label].mean() for label in range(gratings.NUM_CLASSES)]
    assert max(means) - min(means) < 1.0  # of 255


def test_waves_lie_across_their_direction() -> None:
    x_NHW, y_N, _test_x, _test_y = gratings.read()
    x_NHW = x_NHW.astype(float)
    along_columns, along_rows = (np.abs(np.diff(x_NHW[y_N == label], axis=2)).mean() for label in (0, 4))
    assert along_columns > along_rows  # 0°: brightness changes from column to column; 90°: it does not
