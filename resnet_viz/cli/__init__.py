"""The command line: python -m resnet_viz."""
