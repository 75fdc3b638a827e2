"""Fit one peer and sample from it: fit.py FOLDER, which holds job.json and train.npy and gets synthetic.npy and
facts.json. MST and AIM get bins and their public number, the GANs get values with public bounds, so no peer pays
for what dpgan is told."""
import json
import signal
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")


class Late(Exception):
    """The time given is over."""


def main():
    folder = Path(sys.argv[1])
    job, train = json.loads((folder / "job.json").read_text()), np.load(folder / "train.npy")
    np.random.seed(job["seed"])
    def late(*_):
        raise Late
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, job["limit"])
    fit = {"mst": marginals, "aim": marginals, "dpctgan": gan, "patectgan": gan}[job["method"]]
    start = time.perf_counter()
    try:
        sample, facts = fit(job, train)
    except Late:
        print(f"baselines: limit={job['limit']:g} s: {job['method']} had nothing to sample from: raise --limit", file=sys.stderr)
        sys.exit(75)  # EX_TEMPFAIL; bench/utility/run.py knows it
    facts["train_s"] = round(time.perf_counter() - start, 1)
    start = time.perf_counter()
    np.save(folder / "synthetic.npy", sample(job["rows"]))
    facts["sample_s"] = round(time.perf_counter() - start, 1)
    facts["version"] = " ".join(f"{m} {version(m)}" for m in ("smartnoise-synth", "mbi", "torch", "jax"))
    (folder / "facts.json").write_text(json.dumps(facts))


def marginals(job, train):
    """MST or AIM on bins. Their own fit would learn the domain from the rows, hence the inner method. mbi's default way
    to draw rows, "round", takes the values of each column in order of the rows, which ties together columns that
    the model has independent; hence "sample". A run that is late leaves nothing: the model comes last."""
    from mbi import Dataset, Domain
    sizes = [c["size"] for c in job["columns"]]
    names = [f"col{j}" for j in range(len(sizes))]
    data = Dataset(train, Domain(names, sizes))
    if job["method"] == "mst":
        from snsynth.mst import MSTSynthesizer
        model = MSTSynthesizer(epsilon=job["epsilon"], delta=job["delta"])
        model.MST(data, model.epsilon, model.delta)
        undo = model.undo_compress_fn
    else:
        from snsynth.aim import AIMSynthesizer
        from snsynth.utils import cdp_rho
        model = AIMSynthesizer(epsilon=job["epsilon"], delta=job["delta"])
        model.rho = cdp_rho(model.epsilon, model.delta)
        model.AIM(data, model.get_workload(data, degree=model.degree, max_cells=model.max_cells))
        undo = lambda drawn: drawn  # noqa: E731
    signal.setitimer(signal.ITIMER_REAL, 0)
    return lambda rows: undo(model.synthesizer.synthetic_data(rows=rows, method="sample")).df[names].to_numpy(), \
        {"stopped_by": "budget", "epsilon_spent": job["epsilon"]}


def gan(job, train):
    """DPCTGAN or PATECTGAN with its own defaults. Numbers go in on the declared scale; one that may be missing becomes two
    columns: itself, and whether it is there. A run that is late is sampled as far as it got."""
    import pandas as pd
    import torch
    from snsynth.pytorch.nn import DPCTGAN, PATECTGAN
    from snsynth.transform import MinMaxTransformer, OneHotEncoder, TableTransformer
    torch.manual_seed(job["seed"])
    columns, parts, transformers = job["columns"], [], []
    for j, c in enumerate(columns):
        if "bounds" not in c:
            parts.append([int(v) for v in train[:, j]])
            transformers.append(OneHotEncoder())
            continue
        there, _ = scale(c)
        lo, hi = there(np.array(c["bounds"]))
        values = there(train[:, j])
        parts.append([float(v) for v in np.where(np.isnan(values), (lo + hi) / 2, values)])
        transformers.append(MinMaxTransformer(lower=lo, upper=hi))
        if c["nullable"]:
            parts.append([int(v) for v in np.isnan(train[:, j])])
            transformers.append(OneHotEncoder())
    data = pd.DataFrame({f"col{i}": part for i, part in enumerate(parts)})
    if job["method"] == "dpctgan":
        model = DPCTGAN(epsilon=job["epsilon"], delta=job["delta"], epochs=job["epochs"], verbose=False, cuda=False)
    else:
        model = PATECTGAN(epsilon=job["epsilon"], delta=job["delta"], verbose=False, cuda=False)
    try:
        model.fit(data, transformer=TableTransformer(transformers), continuous_columns=[], categorical_columns=[])
        stopped = "epochs" if len(getattr(model, "epsilon_list", [])) == job["epochs"] else "budget"
    except Late:
        if getattr(model, "_generator", None) is None:
            raise
        stopped = "limit"
    signal.setitimer(signal.ITIMER_REAL, 0)
    facts = {"stopped_by": stopped}
    if spent := getattr(model, "epsilon_list", []):
        facts |= {"epsilon_spent": float(spent[-1]), "epochs": len(spent) - (stopped == "budget")}

    def sample(rows):
        drawn, at, out = model.generate(rows), 0, []
        drawn = drawn.to_numpy(float) if hasattr(drawn, "to_numpy") else np.asarray(drawn, float)
        for c in columns:
            values, at = drawn[:, at].copy(), at + 1
            if "bounds" in c:
                values = scale(c)[1](values)
            if "bounds" in c and c["nullable"]:
                values[drawn[:, at] == 1], at = np.nan, at + 1
            out.append(values)
        return np.column_stack(out)
    return sample, facts


def scale(column):
    """The way to a column's declared scale, and back."""
    if not column["log"]:
        return lambda v: v, lambda v: v
    return (np.log1p, np.expm1) if column["bounds"][0] == 0 else (np.log, np.exp)


main()
