"""Entry point for AppTest: the frame of app.py without a pages/ folder beside it.

Beside one, Streamlit runs each page file alone first and AppTest loses the clicks.
"""

from resnet_viz.ui import frame

frame.run()
