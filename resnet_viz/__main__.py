"""python -m resnet_viz: see `resnet_viz.cli.main`."""

import sys

from resnet_viz.cli.main import main

sys.exit(main(sys.argv[1:]))
