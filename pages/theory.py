"""Theory: instruments, one at a time, each with a question and one thing to move."""

from resnet_viz.ui import frame
from resnet_viz.ui.theory import contents

frame.ensure()

contents.show()
