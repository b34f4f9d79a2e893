#!/usr/bin/env python3
"""Writes the table of a result of bench/peers/measure.py between the markers `<!-- peers -->` and `<!-- /peers -->`
of README.md and docs/performance.md; that of bench/accuracy/measure.py between `<!-- accuracy -->` and
`<!-- /accuracy -->`.

Usage, from the repository's root: python3 bench/peers/table.py bench/results/FILE.json [FILE.md...]
"""

import json
import sys
from pathlib import Path

FILES = ("README.md", "docs/performance.md")


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


def origin(result, path):
    """The end of a caption: what it was measured on, and where all of it is."""
    machine, device = result["machine"], result.get("device") or {}
    driver = f"{device['platform_name']}, {device['driver_version']}; " if device else ""
    return (f"{machine['cores']} cores of {machine['cpu']}, {machine['system']}, {driver}"
            f"commit {result['commit'][:12]}{' with changes' if result['commit'].endswith('changes') else ''}; "
            f"all numbers: `{Path(path).name}` in `bench/results`.")


def markdown_of_speed(result, path):
    summary = result["summary"]
    disturbance = max((row["disturbing_cores"] for row in summary), default=0)
    lines = [line for recipe in RECIPES for line in one_table(result, recipe)]
    lines += [
        f"Samples a second in training · share of the fp32 peak of {result['peak_gflops']['best']:.0f} GFLOP/s measured "
        f"in the same run · how many times faster epocl is. Medians of {result['settings']['rounds']} rounds in "
        f"which all take turns; epocl's epochs lie within {widest_spread(summary):.0f} % of its "
        f"medians, and other processes took at most {disturbance:.2f} cores. {origin(result, path)}",
    ]
    return "\n".join(lines)


def markdown_of_accuracy(result, path):
    """Seconds and accuracies, a row for each who trains, two columns for each recipe."""
    summary, names = result["summary"], list(result["recipes"])
    rows = {(row["key"], row["recipe"]): row for row in summary}
    heads = [f"seconds, `{name}.json` | accuracy" for name in names]
    lines = ["| from files to a saved model | " + " | ".join(heads) + " |", "|---|" + "---:|" * 2 * len(names)]
    for key in dict.fromkeys(key for key, _ in rows):
        cells = []
        for name in names:
            row = rows.get((key, name))
            own = f"**{row['seconds']:.2f}**" if row and key == "epocl" else ""
            other = f"{row['seconds']:.2f} · {row.get('times_slower_than_epocl', 0):.1f}×" if row else "–"
            cells += [own or other, f"{row['accuracy']:.4f}" if row else "–"]
        peer = next(row["peer"] for row in summary if row["key"] == key)
        lines.append(f"| {peer} {result['versions'].get(key, '')} | " + " | ".join(cells) + " |")
    disturbance = max((row["disturbing_cores"] for row in summary), default=0)
    runs = max((row["runs"] for row in summary), default=0)
    lines += [
        "",
        f"Seconds of the whole process, the median of {runs} seeds, with what was compiled before at hand · how many times "
        "faster epocl is; accuracy: the mean on the 10,000 test images, which choose nothing. Other processes took at "
        f"most {disturbance:.2f} cores. {origin(result, path)}",
    ]
    return "\n".join(lines)


KINDS = {"peers": markdown_of_speed, "accuracy": markdown_of_accuracy}


def kind_of(result):
    return result.get("kind", "peers")


def markdown(result, path):
    return KINDS[kind_of(result)](result, path)


def replace_between_markers(file, kind, text):
    begin_mark, end_mark = f"<!-- {kind} -->", f"<!-- /{kind} -->"
    content = file.read_text()
    before, begin, rest = content.partition(begin_mark)
    _, end, after = rest.partition(end_mark)
    if not begin or not end:
        sys.exit(f"{file}: no place for the table: write {begin_mark} and {end_mark} where it shall be")
    file.write_text(f"{before}{begin_mark}\n{text}\n{end_mark}{after}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path = Path(sys.argv[1])
    result = json.loads(path.read_text())
    for file in [Path(name) for name in sys.argv[2:] or FILES]:
        replace_between_markers(file, kind_of(result), markdown(result, path))
        print(f"{file}: table of {path}")


if __name__ == "__main__":
    main()
