"""Descriptions of nets: vocabulary, specs, presets, and their texts in addresses and files."""
