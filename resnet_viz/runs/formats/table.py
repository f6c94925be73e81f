"""An exported run as one rectangular table: a row per net and step, a column per quantity and node. CSV and Parquet."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Final

from resnet_viz.training.records import NODES_OF, Step

Exported = Mapping[str, Any]
Columns = dict[str, list[Any]]

_WORDS: Final = ("NaN", "Infinity", "-Infinity")


def columns(exported: Exported) -> Columns:
    """Returns the records as columns of equal length; None where a record has no such value.

    Norms have a column for each node, such as `grad_norm.stage1.block1.conv1`, in the order in which they first appear.
    """
    records = exported["records"]
    plain = [name for name in Step.__dataclass_fields__ if name not in NODES_OF]
    table: Columns = {name: [_value(record.get(name)) for record in records] for name in plain}
    for quantity in NODES_OF:
        nodes = dict.fromkeys(node for record in records for node in record.get(quantity, ()))
        for node in nodes:
            table[f"{quantity}.{node}"] = [_value(record.get(quantity, {}).get(node)) for record in records]
    return table


def to_csv(exported: Exported) -> str:
    """Returns the records as CSV text with a header line; a value that was not measured is empty."""
    table = columns(exported)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return text.getvalue()


def to_parquet(exported: Exported) -> bytes:
    """Returns the records as a Parquet file; the run itself is JSON in its metadata, under the key `run`."""
    import pyarrow as pa  # noqa: PLC0415 - comes with Streamlit; 0.2 s that only this needs
    from pyarrow import parquet  # noqa: PLC0415

    kinds = {"net": pa.string(), "step": pa.int64()}
    table = pa.table(
        {name: pa.array(values, type=kinds.get(name, pa.float64())) for name, values in columns(exported).items()}
    )
    run = json.dumps(exported["run"], allow_nan=False)
    sink = io.BytesIO()
    parquet.write_table(table.replace_schema_metadata({"run": run}), sink, compression="zstd")
    return sink.getvalue()


def _value(value: Any) -> Any:
    return float(value) if isinstance(value, str) and value in _WORDS else value
