"""Standalone code: a net or an attribution as one file that needs PyTorch and nothing of ours."""
