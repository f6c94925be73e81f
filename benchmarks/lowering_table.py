"""The table of results/lowering_all.json in Markdown: python -m benchmarks.lowering_table [FILE [DOCUMENT]].

With a document, what stands there between the two marks is replaced; else the table is printed.
"""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks import outcome
from benchmarks.peers import DEVICES, OURS, OURS_COLD, PACKAGES

BEGIN, END = "<!-- lowering_all -->", "<!-- /lowering_all -->"
SHORT = {"meta": "m", "cpu": "c"}

_MOST_NAMED = 12


def quickest(case: dict[str, Any], package: str) -> str | None:
    """Returns the name of a peer on the device where it is quicker, None where it has no time."""
    names = [f"{package} {device}" for device in DEVICES if f"{package} {device}" in case["cpu_ms"]]
    return min(names, key=lambda name: float(case["cpu_ms"][name]["median"]), default=None)


def cell(case: dict[str, Any], package: str) -> str:
    """Returns milliseconds, the factor to ours and the device's letter, or why there is none."""
    name = quickest(case, package)
    if name is None:
        why = str(case["not_measured"].get(f"{package} {DEVICES[0]}", "not installed"))
        return why.replace("cut off after", ">") if why.startswith("cut off") else "fails"
    ms, times = case["cpu_ms"][name]["median"], case["times_ours"][name]["median"]
    return f"{ms:,.0f} ({times:,.0f}x, {SHORT[name.removeprefix(f'{package} ')]})"


def rows(measured: dict[str, Any]) -> list[str]:
    """Returns the lines of the table, one per preset, and the range of each factor."""
    head = ["net", "layers", "ours", "cold", *(f"{name} {measured['versions'][name]}" for name in PACKAGES)]
    lines = [_row(head), "|---|" + "---:|" * (len(head) - 1)]
    for net, case in measured["nets"].items():
        own = [f"{case['cpu_ms'][name]['median']:.2f}" for name in (OURS, OURS_COLD)]
        lines.append(_row([f"`{net}`", f"{case['layers']:,}", *own, *(cell(case, name) for name in PACKAGES)]))
    for word, key in (("ours", "times_ours"), ("cold", "times_ours_cold")):
        lines.append(
            _row([f"times {word}: least, median, most", "", "", "", *(_range(measured, n, key) for n in PACKAGES)])
        )
    return lines


def notes(measured: dict[str, Any]) -> list[str]:
    """Returns a sentence for every reason why a peer has no time on a device, with the nets that it concerns."""
    concerned: dict[tuple[str, str], list[str]] = {}
    for net, case in measured["nets"].items():
        for name, why in case["not_measured"].items():
            concerned.setdefault((name, why), []).append(net)
    everywhere = len(measured["nets"])
    return [f"- {name}: {why}; {_where(nets, everywhere)}." for (name, why), nets in concerned.items()]


def _where(nets: list[str], everywhere: int) -> str:
    if len(nets) == everywhere:
        return "every net"
    return f"{len(nets)} of {everywhere} nets" if len(nets) > _MOST_NAMED else ", ".join(nets)


def table(content: dict[str, Any]) -> str:
    """Returns table and notes."""
    measured, machine = content["measured"], content["machine"]
    caption = (
        "CPU milliseconds, median; in brackets the factor to ours, and the quicker device, meta or cpu. "
        f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, torch {machine['torch']}."
    )
    return "\n".join([caption, "", *rows(measured), "", *notes(measured)])


def _range(measured: dict[str, Any], package: str, key: str) -> str:
    best = [(case, quickest(case, package)) for case in measured["nets"].values()]
    factors = [float(case[key][name]["median"]) for case, name in best if name is not None]
    if not factors:
        return ""
    return f"{min(factors):,.0f}x, {statistics.median(factors):,.0f}x, {max(factors):,.0f}x"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str] | None = None) -> None:
    source, document = [*(arguments or []), None, None][:2]
    path = Path(source) if source else outcome.RESULTS / "lowering_all.json"
    if not path.exists():
        print(f"There is no {path.name} yet: python -m benchmarks.lowering_all writes it.")
        return
    text = table(json.loads(path.read_text(encoding="utf-8")))
    if document is None:
        print(text)
        return
    before, begun, rest = Path(document).read_text(encoding="utf-8").partition(BEGIN)
    _old, ended, after = rest.partition(END)
    if not begun or not ended:
        sys.exit(f"{document} has no {BEGIN} ... {END}.")
    Path(document).write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
