"""A net taken home: its code as one file that needs PyTorch and nothing of ours."""
