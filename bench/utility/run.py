#!/usr/bin/env python3
"""Train dpgan and its peers on public and made tables and append one JSON line a run; see README.md."""
import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

import protocol
import reference
from made import MADE
from tables import ROOT, TABLES, Table, read

DELTA = 1e-5
MODES = {
    "auto": {},
    "marginals": {"privacy.budget.discriminator": 0},
    "mlp": {"model.discriminator.kind": "mlp"},
    "pure": {"privacy.budget.marginals": 0},
    "pure-mlp": {"privacy.budget.marginals": 0, "model.discriminator.kind": "mlp"},
}
REFERENCES = ("independent", "real")
PEERS = ("mst", "aim", "dpctgan", "patectgan")
LATE = 75  # exit status of a peer that has nothing to show when its time is over


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--tables", default=",".join(TABLES))
    p.add_argument("--epsilons", default="1,3,10")
    p.add_argument("--modes", default=",".join([*MODES, *REFERENCES]), help=f"of {', '.join([*MODES, *REFERENCES, *PEERS])}")
    p.add_argument("--seeds", default="0")
    p.add_argument("--data", default=os.environ.get("DPGAN_DATA"), help="folder of what is not made (default DPGAN_DATA)")
    p.add_argument("--dpgan", default=str(ROOT / "bin/dpgan"), help="the binary")
    p.add_argument("--out", type=Path, default=ROOT / "bench/results/utility")
    p.add_argument("--again", action="store_true", help="run what is there already; the last line counts")
    p.add_argument("--keep", type=Path, help="folder that keeps the synthetic rows")
    p.add_argument("--peer-python", help="Python of the peers' environment; see bench/peers/baselines/run.sh")
    p.add_argument("--epochs", type=int, default=300, help="most epochs of the peers that are GANs")
    p.add_argument("--limit", type=float, default=300, help="most seconds that a peer may train")
    a = p.parse_args()
    if not a.data and set(a.tables.split(",")) - set(MADE):
        p.error("--data: name the folder of the tables, or set DPGAN_DATA")
    modes = a.modes.split(",")
    if unknown := set(modes) - {*MODES, *REFERENCES, *PEERS}:
        p.error(f"--modes: unknown: {', '.join(sorted(unknown))}")
    if set(modes) & set(PEERS) and not a.peer_python:
        p.error("--peer-python: needed by " + ", ".join(PEERS))
    a.out.mkdir(parents=True, exist_ok=True)
    for name in a.tables.split(","):
        table, file = None, a.out / f"{name}.jsonl"
        rows = [] if a.again or not file.exists() else map(json.loads, file.read_text().splitlines())
        there = {key(row) for row in rows if "error" not in row or "stopped_by" in row}
        for epsilon in map(float, a.epsilons.split(",")):
            for seed in map(int, a.seeds.split(",")):
                for mode in modes:
                    row = {"table": name, "mode": mode, "epsilon": None if mode == "real" else epsilon, "delta": DELTA, "seed": seed}
                    if key(row) in there:
                        continue
                    there.add(key(row))
                    table = table or Table(name, a.data)
                    row |= run(a, table, mode, epsilon, seed)
                    with file.open("a") as f:
                        f.write(json.dumps(row) + "\n")
                    print(line(row), flush=True)


def key(row):
    return row["table"], row["mode"], row["epsilon"], row["seed"]


def line(row):
    said = f"{row['table']} {row['mode']} ε={row['epsilon']} seed={row['seed']}:"
    if "error" in row:
        return f"{said} FAILED {row['error']}"
    shown = ("tvd1", "tvd2", "tvd3", "tvd4", "tstr_lr", "tstr_gbt", "c2st", "c2st_raw", "train_s", "sample_s", "measure_s",
             "train_mib", "sample_mib", "stopped_by", "tvd1_worst", "structure")
    return " ".join([said, *(f"{k}={row[k]}" for k in shown if k in row)])


def run(a, table, mode, epsilon, seed):
    row = {"train_rows": len(table.train), "holdout_rows": len(table.holdout)}
    rng = np.random.default_rng([seed, 7])
    with tempfile.TemporaryDirectory() as scratch:
        try:
            if mode == "real":
                synthetic = reference.real(table, rng)
            elif mode == "independent":
                synthetic = reference.independent(table, epsilon, DELTA, rng)
            elif mode in PEERS:
                synthetic, facts = peer(a, table, mode, epsilon, seed, rng, Path(scratch))
                row |= facts
            else:
                synthetic, facts = dpgan(a, table, mode, epsilon, seed, Path(scratch))
                row |= facts
        except subprocess.CalledProcessError as e:
            said = (e.stderr or "").strip().splitlines() or [""]
            row |= about() | {"error": f"exit {e.returncode}: {said[-1][-300:].replace(scratch, '')}"}
            return row | {"stopped_by": "limit"} if e.returncode == LATE else row
    start = time.perf_counter()
    row |= protocol.measure(table, synthetic)
    row["measure_s"] = round(time.perf_counter() - start, 1)
    return row | about()


def dpgan(a, table, mode, epsilon, seed, scratch):
    """Train and sample by the command line. The seed makes the run repeatable, which is not private; these rows are
    public."""
    table.train.to_csv(scratch / "train.csv", index=False)
    settings = {"data.path": scratch / "train.csv", "privacy.target_epsilon": epsilon, "privacy.target_delta": DELTA} | MODES[mode]
    train = timed([a.dpgan, "train", "--config", table.config, "--out", scratch / "run", "--json", "--insecure-seed", seed,
                   *(part for k, v in settings.items() for part in ("--set", f"{k}={v}"))])
    out = (a.keep or scratch) / f"{table.name}-{mode}-{epsilon:g}-{seed}.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    sample = timed([a.dpgan, "sample", "--model", scratch / "run/model.safetensors", "--rows", len(table.train), "--seed", seed,
                    "--out", out, "--json"])
    summary = json.loads(train["stdout"])
    said = subprocess.run([a.dpgan, "version"], capture_output=True, text=True, check=True).stdout.strip()
    digest = hashlib.sha256(Path(a.dpgan).read_bytes()).hexdigest()[:12]
    return table.values(read(out)), {
        "train_s": train["s"], "train_mib": train["mib"], "sample_s": sample["s"], "sample_mib": sample["mib"],
        "epsilon_spent": summary["epsilon"], "steps": summary["steps"], "stopped_by": summary["stopped_by"], "version": said, "binary": digest}


# A child begins with the most memory its parent ever had, so a small process starts it.
LAUNCH = """import os, sys
_, status, usage = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
open(sys.argv[1], "w").write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))"""


def timed(command):
    """Run it; its stdout, seconds, and most resident memory in MiB."""
    with tempfile.NamedTemporaryFile("r") as rss:
        start = time.perf_counter()
        ran = subprocess.run([sys.executable, "-S", "-c", LAUNCH, rss.name, *map(str, command)],
                             capture_output=True, text=True, check=True)
        return {"stdout": ran.stdout, "s": round(time.perf_counter() - start, 1), "mib": int(rss.read()) // 1024}


def peer(a, table, mode, epsilon, seed, rng, scratch):
    """Have the peers' environment fit and sample. It gets arrays: bins for the methods of tables, values for the GANs."""
    values = table.values(table.train)
    binned = mode in ("mst", "aim")
    np.save(scratch / "train.npy", table.bins(values) if binned else values)
    columns = [{"size": c.size} if binned else
               {"bounds": c.bounds, "log": c.log, "nullable": c.nullable} if c.number else {"size": len(c.labels)} for c in table.columns]
    job = {"method": mode, "epsilon": epsilon, "delta": DELTA, "seed": seed, "rows": len(values), "epochs": a.epochs,
           "limit": a.limit, "columns": columns}
    (scratch / "job.json").write_text(json.dumps(job))
    ran = timed([a.peer_python, ROOT / "bench/peers/baselines/fit.py", scratch])
    drawn = np.load(scratch / "synthetic.npy")
    if binned:
        drawn = table.draw(drawn, rng)
    else:
        drawn = np.column_stack([np.round(drawn[:, j], c.decimals) if c.number else drawn[:, j] for j, c in enumerate(table.columns)])
    facts = json.loads((scratch / "facts.json").read_text())
    return drawn, {"train_mib": ran["mib"]} | facts


def about():
    cpu = platform.processor()
    if Path("/proc/cpuinfo").exists():
        cpu = next((l.split(":", 1)[1].strip() for l in Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")), cpu)
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(),
            **{m: version(m) for m in ("numpy", "pandas", "scikit-learn")}}


if __name__ == "__main__":
    main()
