"""Specs that fit the shapes of a state dict, at both usual image sizes."""

from resnet_viz.weights.spec_of_shapes import specs_of_shapes

__all__ = ["specs_of_shapes"]
