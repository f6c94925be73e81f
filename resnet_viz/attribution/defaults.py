"""What the page of attribution asks when it is opened with an empty address. No torch.

The answers are shipped, so that there is something to see before a process with torch has started; they lie under the
key of their question, and are computed anew where a net, the program or a default is another.
"""

from typing import Final

from resnet_viz.attribution import methods
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.attribution.sources.shipped_nets import shipped_net
from resnet_viz.data.datasets import DataName

NETS: Final = ("shipped:plain20", "shipped:resnet20")
DATA: Final = DataName.FASHION_MNIST_SUBSET
IMAGE_INDEX: Final = 9  # of the picture in its data set: an ankle boot
IMAGE: Final = f"data:{DATA}/{IMAGE_INDEX}"
METHOD: Final = "occlusion"  # the one that explains itself: cover a part, and see what the score does
BASELINE: Final = "black"


def default_queries() -> tuple[AttributionQuery, ...]:
    """Returns the questions in the order of the page's views: the map, then what is shown over depth.

    Raises:
        DataError: the shipped nets are missing.
    """
    nets, picture = tuple(map(NetRef.parse, NETS)), ImageRef.parse(IMAGE)
    size = max(shipped_net(ref.name).image_size for ref in nets)
    params = methods.checked_params(METHOD, {}, image_size=size)
    return (
        AttributionQuery(topic=Topic.MAPS, nets=nets, picture=picture, method=METHOD, params=params, baseline=BASELINE),
        AttributionQuery(topic=Topic.FILM, nets=nets, picture=picture),
        AttributionQuery(topic=Topic.DEPTH, nets=nets, picture=picture, baseline=BASELINE),
    )
