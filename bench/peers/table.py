#!/usr/bin/env python3
"""Writes the table of a result of bench/peers/measure.py between the markers `<!-- peers -->` and `<!-- /peers -->`
of README.md and docs/performance.md.

Usage, from the repository's root: python3 bench/peers/table.py bench/results/DATE-CPU.json [FILE.md...]
"""

import json
import sys
from pathlib import Path

FILES = ("README.md", "docs/performance.md")
BEGIN, END = "<!-- peers -->", "<!-- /peers -->"


def cell(row):
    if not row:
        return "–"
    if row["key"] == "epocl":
        return f"**{row['median']:,.0f}** · {row['percent_of_peak']:.0f} %"
    return f"{row['median']:,.0f} · {row['percent_of_peak']:.0f} % · {row.get('times_slower_than_epocl', 0):.1f}×"


def widest_spread(summary):
    """Of epocl's epochs, in percent of the median."""
    own = [row for row in summary if row["key"] == "epocl"]
    return max((100 * max(row["max"] / row["median"] - 1, 1 - row["min"] / row["median"]) for row in own), default=0)


RECIPES = {
    "seed": "Sigmoid, cross-entropy over the outputs, plain gradient descent",
    "adam": "As people train: relu, softmax cross-entropy, Adam",
}


def one_table(result, recipe):
    """Of the networks with that recipe; no lines without any."""
    networks = {name: network for name, network in result["networks"].items()
                if network.get("recipe", "seed") == recipe}
    rows = {(row["key"], row["network"]): row for row in result["summary"] if row["network"] in networks}
    keys = dict.fromkeys(key for key, _ in rows)
    if not keys:
        return []
    heads = [f"{name.partition('-')[0]}: {network['shape']}, batch {network['batch_size']}"
             for name, network in networks.items()]
    lines = [f"{RECIPES[recipe]}:", "", "| samples/s | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(networks)]
    for key in keys:
        found = [rows.get((key, name)) for name in networks]
        first = next(row for row in found if row)
        lines.append(f"| {first['peer']} {first['version']} | " + " | ".join(cell(row) for row in found) + " |")
    return lines + [""]


def markdown(result, path):
    summary, machine = result["summary"], result["machine"]
    device = result["device"] or {}
    settings = result["settings"]
    disturbance = max((row["disturbing_cores"] for row in summary), default=0)
    lines = [line for recipe in RECIPES for line in one_table(result, recipe)]
    lines += [
        f"Samples a second in training · share of the fp32 peak of {result['peak_gflops']['best']:.0f} GFLOP/s measured "
        f"in the same run · how many times faster epocl is. Medians of {settings['rounds']} rounds in "
        f"which all take turns; epocl's epochs lie within {widest_spread(summary):.0f} % of its "
        f"medians, and other processes took at most {disturbance:.2f} cores. "
        f"{machine['cores']} cores of {machine['cpu']}, {machine['system']}, "
        f"{device.get('platform_name', 'no device')}, {device.get('driver_version', '')}; "
        f"commit {result['commit'][:12]}{' with changes' if result['commit'].endswith('changes') else ''}; "
        f"all numbers: `{Path(path).name}` in `bench/results`.",
    ]
    return "\n".join(lines)


def replace_between_markers(file, text):
    content = file.read_text()
    before, begin, rest = content.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{file}: no place for the table: write {BEGIN} and {END} where it shall be")
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path = Path(sys.argv[1])
    text = markdown(json.loads(path.read_text()), path)
    for file in [Path(name) for name in sys.argv[2:] or FILES]:
        replace_between_markers(file, text)
        print(f"{file}: table of {path}")


if __name__ == "__main__":
    main()
