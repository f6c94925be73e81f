"""Numbers of test images on which lesions are measured. No numpy, for the command line."""

from typing import Final

IMAGES: Final = 500  # one standard error of an accuracy of 0.9 is 1.3 points
MOST_IMAGES: Final = 2_000
