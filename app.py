"""Entry point: `streamlit run app.py`. Everything else is in resnet_viz/ui (frame, controls) and pages/."""

from resnet_viz.ui import frame

frame.run()
