"""SmartNoise's DPCTGAN from table to trained model, for a number of steps: one epoch over so many batches of rows, with
noise multiplier 5 as it comes, and batch 500 and nets of 256-256 as dpgan is told to use. The table's columns are
given their types, so that no budget is spent on them. Importing and reading the file are not timed."""
import argparse
import time
import warnings

import pandas as pd
import torch

import worker

warnings.filterwarnings("ignore")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--table", required=True)
    p.add_argument("--numbers", required=True, help="names of the columns of numbers")
    p.add_argument("--drop", default="", help="names of the columns not learned")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--batch", type=int, required=True)
    p.add_argument("--hidden", required=True)
    a = p.parse_args()
    facts = worker.about(torch, a.threads, a.device)
    import opacus
    from importlib.metadata import version
    from snsynth import Synthesizer
    facts |= {"smartnoise-synth": version("smartnoise-synth"), "opacus": opacus.__version__}
    numbers, widths = a.numbers.split(","), tuple(int(w) for w in a.hidden.split(","))
    table = pd.read_csv(a.table, skipinitialspace=True, dtype=str, keep_default_na=False)
    table = table.drop(columns=[c for c in a.drop.split(",") if c])
    for c in numbers:
        table[c] = pd.to_numeric(table[c], errors="coerce").fillna(0.)
    others = [c for c in table.columns if c not in numbers]

    def run(steps):
        rows = pd.concat([table] * (steps * a.batch // len(table) + 1), ignore_index=True)[:steps * a.batch]
        model = Synthesizer.create("dpctgan", epsilon=1e6, sigma=5., batch_size=a.batch, epochs=1, discriminator_dim=widths,
                                   generator_dim=widths, verbose=False, cuda=a.device == "cuda")
        start = time.perf_counter()
        model.fit(rows, categorical_columns=others, continuous_columns=numbers, preprocessor_eps=1.)
        return time.perf_counter() - start

    run(2)
    worker.serve(facts, run)


main()
