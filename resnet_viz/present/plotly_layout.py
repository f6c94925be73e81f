"""Layout of Plotly charts on several pages."""

from typing import Final

import plotly.graph_objects as go

FONT: Final = "Inter, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', sans-serif"
_ROW_PX: Final = 30


def lay_out_bars(figure: go.Figure, title: str, ink: str, num_rows: int) -> None:
    """Lays out a chart of horizontal bars in the page's style, the first bar on top."""
    figure.update_layout(
        title={"text": title, "font": {"size": 14, "color": ink}, "x": 0, "xanchor": "left", "y": 0.98},
        height=50 + _ROW_PX * num_rows,
        margin={"l": 58, "r": 8, "t": 32, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        bargap=0.35,
        waterfallgap=0.35,
        showlegend=False,
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticksuffix=" ", showgrid=False)
