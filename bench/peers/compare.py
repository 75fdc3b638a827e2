"""Times dpgan and its peers in turns and writes one table; run.sh prepares the environments and calls this.

A round runs every contender once, each round beginning with another one, so that a slow minute slows all of them.
Values are medians over rounds; a ratio is the median of the rounds' ratios."""
import argparse
import collections
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ADULT_NUMBERS = "age,fnlwgt,education-num,capital-gain,capital-loss,hours-per-week"
BUSY = ("The machine was busy before the run: threads that wait for each other at barriers, as PyTorch's do, then lose more "
        "than the others, so distrust every row of two threads or more.")
DEMO_NUMBERS = "age,bmi,hba1c,systolic_bp,pregnancies,cost"


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    p.add_argument("--threads", default="1,2", help="of the CPU; a GPU is timed once")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--batch", type=int, default=500)
    p.add_argument("--dim", type=int, default=180)
    p.add_argument("--hidden", default="256,256")
    p.add_argument("--steps", type=int, default=100, help="of the critic, in a round")
    p.add_argument("--train-steps", type=int, default=100, help="of a whole training, in a round")
    p.add_argument("--without", choices=["smartnoise"], help="leave out the whole training")
    p.add_argument("--out", required=True, help="folder for <date>-<cpu>.json and .md")
    p.add_argument("--dpgan", required=True)
    p.add_argument("--torch-python", required=True)
    p.add_argument("--smartnoise-python")
    a = p.parse_args()
    if a.rounds < 5:
        p.error(f"--rounds {a.rounds}: must be at least 5, or a median says little")
    a.threads = [int(t) for t in a.threads.split(",")] if a.device == "cpu" else [1]
    return a


class Worker:
    """A process that answers a number of steps with the seconds of one."""

    def __init__(self, python, script, a, threads, *more):
        # MKL_DYNAMIC would take fewer threads than it is told to.
        env = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads), MKL_DYNAMIC="FALSE")
        command = [python, "-W", "ignore", HERE / script, f"--device={a.device}", f"--threads={threads}", f"--batch={a.batch}", f"--hidden={a.hidden}", *more]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.about = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"compare: {' '.join(map(str, self.process.args))} ended with exit code {self.process.wait()}")
        return json.loads(line)

    def seconds(self, steps):
        print(steps, file=self.process.stdin, flush=True)
        return self.answer()["seconds"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def dpgan_steps(a, threads):
    """Seconds of dpgan's step by mode: medians of five rounds of its own."""
    command = [a.dpgan, "bench", "--suite=step-micro", "--json", "--runs=5", "--log-level=error", f"--device={a.device}",
               f"--batch={a.batch}", f"--dim={a.dim}", f"--hidden={a.hidden}"]
    if a.device == "cpu":
        command.append(f"--threads={threads}")
    rows = [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
    rows = [row for row in rows if row["message_type"] == "row"]
    if not rows:
        sys.exit("compare: dpgan bench timed nothing; run it by hand to see why: " + " ".join(command))
    return {row["mode"]: row["ms"] / 1e3 for row in rows}


def critic(a):
    """Yields (contender, threads, round, seconds of a step), and at the end what the workers are."""
    workers = {}
    for threads in a.threads:
        for mode in "plain", "hooks", "ghost":
            workers[mode, threads] = Worker(a.torch_python, "critic_torch.py", a, threads, f"--mode={mode}", f"--dim={a.dim}")
    names = {"plain": "PyTorch, non-private", "hooks": "Opacus, per-sample gradients", "ghost": "Opacus, ghost clipping"}
    turns = [*workers, *(("dpgan", threads) for threads in a.threads)]
    for r in range(a.rounds):
        for mode, threads in turns[r % len(turns):] + turns[:r % len(turns)]:
            if mode == "dpgan":
                for kind, seconds in dpgan_steps(a, threads).items():
                    yield f"dpgan, {kind.replace('nonprivate', 'non-private')}", threads, r, seconds
            else:
                yield names[mode], threads, r, workers[mode, threads].seconds(a.steps)
        print(f"critic: round {r + 1} of {a.rounds}", file=sys.stderr)
    a.about["critic"] = {f"{mode}, threads {threads}": w.about for (mode, threads), w in workers.items()}
    for w in workers.values():
        w.close()


def dpgan_training(a, config, table, threads, folder):
    """Seconds of the whole process, reading the table included."""
    widths = f"[{a.hidden}]"
    sets = {"data.path": table, "training.batch_size": a.batch, "training.steps": a.train_steps,
            "training.discriminator_steps": 1, "model.discriminator.kind": "mlp", "model.discriminator.hidden": widths, "privacy.noise_multiplier": 5, "privacy.target_epsilon": 1000,
            "privacy.budget.marginals": 0, "privacy.budget.discriminator": 0.9, "privacy.ledger": "", "privacy.table_epsilon": 0, "runtime.threads": threads, "runtime.checkpoint_every": 0}
    command = [a.dpgan, "train", "--config", config, "--device", a.device, "--json", "--log-level=error", "--out", folder]
    for key, value in sets.items():
        command += ["--set", f"{key}={value}"]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    steps = json.loads(done.stdout.splitlines()[-1])["steps"]
    if steps != a.train_steps:
        sys.exit(f"compare: dpgan took {steps} steps, not {a.train_steps}")
    return seconds


def training(a):
    """Yields as critic does, of a whole training."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([a.dpgan, "demo", "--out", folder], check=True, capture_output=True)
        data = os.environ.get("DPGAN_DATA")
        if data and (table := pathlib.Path(data, "adult_train.csv.gz").resolve()).exists():
            config, numbers, drop = HERE.parents[1] / "configs/adult.yaml", ADULT_NUMBERS, ""
        else:
            table, config, numbers, drop = f"{folder}/medical.csv", f"{folder}/medical.yaml", DEMO_NUMBERS, "patient_id"
        a.table = pathlib.Path(table).name
        workers = {threads: Worker(a.smartnoise_python, "train_smartnoise.py", a, threads, f"--table={table}",
                                   f"--numbers={numbers}", f"--drop={drop}") for threads in a.threads}
        for r in range(a.rounds):
            for threads, w in workers.items():
                turns = [("SmartNoise DPCTGAN", lambda: w.seconds(a.train_steps)),
                         ("dpgan", lambda: dpgan_training(a, config, table, threads, f"{folder}/run-{r}-{threads}"))]
                for name, run in turns[::1 if r % 2 else -1]:
                    yield name, threads, r, run()
            print(f"training: round {r + 1} of {a.rounds}", file=sys.stderr)
        a.about["training"] = {f"threads {threads}": w.about for threads, w in workers.items()}
        for w in workers.values():
            w.close()


def summarize(measured, against):
    """Rows of name, threads, medians, quartiles, and the median ratio of contender against to each."""
    rounds = collections.defaultdict(dict)
    for name, threads, r, seconds in measured:
        rounds[name, threads][r] = seconds
    rows = []
    for (name, threads), times in sorted(rounds.items(), key=lambda kv: (kv[0][1], kv[0][0])):
        low, middle, high = statistics.quantiles(times.values(), n=4, method="inclusive")
        base = rounds[against, threads]
        rows.append({"name": name, "threads": threads, "seconds": middle, "low": low, "high": high, "runs": len(times),
                     "times_as_long": statistics.median(t / base[r] for r, t in times.items())})
    return rows


def machine():
    cpu, flags = platform.processor() or platform.machine(), ""
    if os.path.exists("/proc/cpuinfo"):
        text = pathlib.Path("/proc/cpuinfo").read_text()
        if found := re.search(r"model name\s*: (.*)", text):
            cpu = found[1].strip()
        if found := re.search(r"model\s*: (\d+)", text):
            cpu += f" (model {found[1]})"
        if found := re.search(r"flags\s*: (.*)", text):
            flags = " ".join(f for f in found[1].split() if f in ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16"))
    return {"cpu": cpu, "features": flags, "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
            "load_before": os.getloadavg()[0]}


def unit(seconds):
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def markdown(result):
    s, m = result["settings"], result["machine"]
    facts = next(iter(result["about"]["critic"].values()))
    opacus = {w["opacus"] for w in result["about"]["critic"].values() if "opacus" in w}
    out = [f"# {result['date']}, {m['cpu']}, {m['cores']} cores", "",
           f"{result['dpgan']}; PyTorch {facts['torch']} ({facts['torch_cpu_capability']}; {facts['mkl']}); Opacus {', '.join(opacus)}. "
           f"Device {s['device']}, {s['rounds']} rounds in turns, load {m['load_before']:.1f} before."
           + (" " + BUSY if m["load_before"] > .5 else ""), "",
           f"One critic step {s['batch']}x{s['dim']}-{s['hidden'].replace(',', '-')}-1, forward to update:", "",
           "| | threads | median | quartiles | rows/s | times as long as dpgan, private |", "|---|---|---|---|---|---|"]
    for r in result["critic"]:
        out.append(f"| {r['name']} | {r['threads']} | {unit(r['seconds'])} | {unit(r['low'])} … {unit(r['high'])} | "
                   f"{s['batch'] / r['seconds']:,.0f} | {r['times_as_long']:.2f} |")
    if result["training"]:
        version = next(iter(result["about"]["training"].values()))
        out += ["", f"{s['train_steps']} steps of a whole training on {result['table']}, batch {s['batch']}, nets {s['hidden']}, noise multiplier 5 "
                f"(smartnoise-synth {version['smartnoise-synth']}, Opacus {version['opacus']}, PyTorch {version['torch']}). "
                "dpgan: the whole process; DPCTGAN: fit on a table in memory.", "",
                "| | threads | median | quartiles | times as long as dpgan |", "|---|---|---|---|---|"]
        for r in result["training"]:
            out.append(f"| {r['name']} | {r['threads']} | {unit(r['seconds'])} | {unit(r['low'])} … {unit(r['high'])} | {r['times_as_long']:.2f} |")
    return "\n".join(out) + "\n"


def main():
    a = arguments()
    a.about, a.table = {}, None
    version = subprocess.run([a.dpgan, "version"], check=True, capture_output=True, text=True).stdout.strip()
    result = {"date": datetime.date.today().isoformat(), "machine": machine(), "dpgan": version}
    if result["machine"]["load_before"] > .5:
        print(BUSY, file=sys.stderr)
    result["critic"] = summarize(critic(a), "dpgan, private")
    result["training"] = summarize(training(a), "dpgan") if a.smartnoise_python else []
    result |= {"about": a.about, "table": a.table, "settings": {
        key: getattr(a, key) for key in ("device", "threads", "rounds", "batch", "dim", "hidden", "steps", "train_steps")}}
    what = result["machine"]["cpu"] if a.device == "cpu" else next(iter(a.about["critic"].values()))["gpu"]
    slug = re.sub(r"[^a-z0-9]+", "-", what.lower().replace("(r)", "").replace("(tm)", "")).strip("-")
    folder = pathlib.Path(a.out)
    folder.mkdir(parents=True, exist_ok=True)
    for ending, text in (".json", json.dumps(result, indent=1, ensure_ascii=False) + "\n"), (".md", markdown(result)):
        (folder / f"{result['date']}-{slug}{ending}").write_text(text)
    print(markdown(result), end="")
    print(f"written: {folder}/{result['date']}-{slug}.json and .md", file=sys.stderr)


main()
