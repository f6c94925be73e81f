"""Images to train on, and the way onto the device."""
