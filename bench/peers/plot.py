"""Draws a report of `cradio bench`: python plot.py REPORT.json PLOT.svg

Each case is a group of bars, one for each entrant: its speed as a fraction of the float32 multiply-add peak that was measured
beside it, or in GFLOP/s where the peak is not known. Cases that were disturbed, and who failed or disagreed, are left out.
"""
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.fonttype"] = "none"
matplotlib.rcParams["svg.hashsalt"] = "cradio"  # the same report gives the same file
import matplotlib.pyplot as plt  # noqa: E402


def main(source, target):
    report = json.loads(Path(source).read_text())
    cells = [c for c in report["cells"] if c["counted"]]
    names = list(dict.fromkeys(r["entrant"] for c in cells for r in c["results"]))
    figure, axes = plt.subplots(figsize=(max(6, 1.4 * len(cells)), 4.2), layout="constrained")
    width = 0.8 / max(1, len(names))
    for i, name in enumerate(names):
        at, height = [], []
        for x, cell in enumerate(cells):
            for r in cell["results"]:
                if r["entrant"] == name and r.get("ms") and not r.get("disagrees"):
                    at.append(x + (i - (len(names) - 1) / 2) * width)
                    height.append(r["fraction"] if report["is_peak"] else cell["gflop"] / r["ms"] * 1e3)
        axes.bar(at, height, width * 0.92, label=name, color=f"C{i}")
    axes.set_xticks(range(len(cells)), [f"{c['model']} {c['size']} px\nbatch {c['batch']}\n{c['dtype']}" for c in cells], fontsize=8)
    axes.set_ylabel("speed, fraction of the float32 peak" if report["is_peak"] else "GFLOP/s")
    axes.set_title(f"{report['machine']['cpu'].split(' (')[0]}, {report['threads']} threads; higher is faster", fontsize=10)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=len(names), fontsize=8, frameon=False)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py REPORT.json PLOT.svg")
    main(*sys.argv[1:])
