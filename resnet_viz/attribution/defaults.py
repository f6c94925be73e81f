"""Queries of the attribution page at an empty address. No torch.

Their results are shipped, so that the page shows figures before the process with torch has started. They are found by
the key of their query, and computed anew where a net, the version or a default has changed.
"""

from typing import Final

from resnet_viz.attribution import methods
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.attribution.sources.shipped_nets import shipped_net
from resnet_viz.data.datasets import DataName

NETS: Final = ("shipped:plain20", "shipped:resnet20")
DATA: Final = DataName.FASHION_MNIST_SUBSET
IMAGE_INDEX: Final = 9  # in its data set: an ankle boot
IMAGE: Final = f"data:{DATA}/{IMAGE_INDEX}"
METHOD: Final = "occlusion"  # the simplest to explain: cover a part, watch the logit
BASELINE: Final = "black"


def default_queries() -> tuple[AttributionQuery, ...]:
    """Returns the queries in the order of the page's views: the map, then what is shown over depth.

    Raises:
        DataError: the shipped nets are missing.
    """
    nets, image = tuple(map(NetRef.parse, NETS)), ImageRef.parse(IMAGE)
    size = max(shipped_net(ref.name).image_size for ref in nets)
    params = methods.checked_params(METHOD, {}, image_size=size)
    return (
        AttributionQuery(topic=Topic.MAPS, nets=nets, image=image, method=METHOD, params=params, baseline=BASELINE),
        AttributionQuery(topic=Topic.FILM, nets=nets, image=image),
        AttributionQuery(topic=Topic.DEPTH, nets=nets, image=image, baseline=BASELINE),
    )
