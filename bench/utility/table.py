#!/usr/bin/env python3
"""Print results as Markdown: a table for each data set and ε, the mean of the seeds in each cell."""
import json
import sys
from collections import defaultdict
from pathlib import Path

from run import MODES, PEERS, key

MEASURES = {"tvd1": "TVD1", "tvd2": "TVD2", "tvd3": "TVD3", "tvd4": "TVD4", "tstr_lr": "TSTR LR", "tstr_gbt": "TSTR GBT",
            "c2st": "C2ST", "c2st_raw": "C2ST raw"}
COSTS = {"train_s": "train s", "sample_s": "sample s", "train_mib": "MiB"}
ORDER = ["real", "independent", *MODES, "hybrid", *PEERS]  # hybrid: in files of before


def main():
    files = sys.argv[1:] or sorted((Path(__file__).resolve().parents[1] / "results/utility").glob("*.jsonl"))
    last = {}
    for file in files:
        for text in Path(file).read_text().splitlines():
            row = json.loads(text)
            last[key(row)] = row
    for name in dict.fromkeys(row["table"] for row in last.values()):
        rows = [row for row in last.values() if row["table"] == name]
        for epsilon in sorted({row["epsilon"] for row in rows} - {None}):
            show(name, epsilon, [row for row in rows if row["epsilon"] in (None, epsilon)])


def show(name, epsilon, rows):
    modes = defaultdict(list)
    for row in rows:
        modes[row["mode"]].append(row)
    one = next((row for row in rows if "tvd1" in row), rows[0])
    print(f"\n### {name}, ε = {epsilon:g} ({one['train_rows']:,} rows)\n")
    print("| | seeds |", " | ".join([*MEASURES.values(), *COSTS.values()]), "| |")
    print("|---|" + "---:|" * (1 + len(MEASURES) + len(COSTS)) + "---|")
    order = sorted(modes, key=ORDER.index)
    runs = {mode: [row for row in modes[mode] if "error" not in row] for mode in order}
    for mode, done in runs.items():
        note = stopped(modes[mode])
        cells = [mean(done, k, ".4f") for k in MEASURES] + [mean(done, k, ",.0f") for k in COSTS]
        print(f"| {mode} | {len(done)} |", " | ".join(cells), f"| {note} |")
    known = {mode: [row["structure"] for row in done] for mode, done in runs.items() if done and "structure" in done[0]}
    if known:
        print("\n| TVD of |", " | ".join(known), "|\n|---|" + "---:|" * len(known))
        for columns in next(iter(known.values()))[0]:
            print(f"| {columns} |", " | ".join(mean(rows, columns, ".4f") for rows in known.values()), "|")


def mean(rows, k, form):
    """Empty unless every row has it."""
    return format(sum(row[k] for row in rows) / len(rows), form) if rows and all(k in row for row in rows) else ""


def stopped(rows):
    """What the reader should know of runs that failed, or that time ended."""
    notes = [row["error"] for row in rows if "error" in row]
    for row in rows:
        if row.get("stopped_by") == "limit" and "error" not in row:
            notes.append("stopped by the time limit" + (f" at ε = {row['epsilon_spent']:.2f}" if "epsilon_spent" in row else ""))
    return "; ".join(dict.fromkeys(notes))


if __name__ == "__main__":
    main()
