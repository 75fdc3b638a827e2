"""A table, public or made: what its config declares, how the protocol cuts it into bins (<table>.bins.yaml), and how it
is split into train and holdout. Nothing here is estimated from rows, so every method is measured by the same ruler."""
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from made import MADE

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# name: config, file (None: made), file of the holdout (None: 30 % of the rows)
TABLES = {
    "adult": (ROOT / "configs/adult.yaml", "adult_train.csv.gz", "adult_test.csv.gz"),
    "diabetes130": (ROOT / "configs/diabetes130.yaml", "diabetes130.csv.gz", None),
    "heart2020": (HERE / "heart2020.yaml", "heart2020_100k.csv.gz", None),
    "covertype": (HERE / "covertype.yaml", "covertype_15k.csv.gz", None),
    "support2": (HERE / "support2.yaml", "support2.csv.gz", None),
    "flchain": (HERE / "flchain.yaml", "flchain.csv.gz", None),
    **{name: (HERE / f"{name}.yaml", None, None) for name in MADE},
}
SPLIT_SEED = 2020
HOLDOUT = 0.3
MERGED = 8  # bins of a number where many columns are counted together


class Categories:
    """A column of declared values; a bin each, or each of the spec's groups."""
    number = False

    def __init__(self, declared, spec, missing):
        self.name, self.missing = declared["name"], missing
        self.labels = list(declared.get("values", ["false", "true"]))
        if declared.get("nullable") == "true":
            self.labels.append(missing)
        self.index = {v: i for i, v in enumerate(self.labels)}
        groups = range(len(self.labels))
        if "groups" in spec:
            groups = [self.group(v, spec["groups"]) for v in self.labels]
        names = sorted(set(groups), key=str)
        self.bin = np.array([names.index(g) for g in groups])
        self.size = len(names)
        self.merged = np.arange(self.size)

    @staticmethod
    def group(label, starts):
        """The chapter of an ICD-9 code: the last start that is not beyond it, its letter, or the marker for missing."""
        return int(np.searchsorted(starts, int(label), side="right")) if label.isdigit() else label[:1]

    def values(self, cells):
        codes = cells.map(self.index)
        if codes.isna().any():
            raise ValueError(f"utility: column {self.name}={cells[codes.isna()].iloc[0]!r}: not a declared value")
        return codes.to_numpy(float)

    def bins(self, values):
        return self.bin[values.astype(int)]

    def draw(self, bins, rng):
        """A value for each bin, uniform among the bin's."""
        members = [np.flatnonzero(self.bin == b) for b in range(self.size)]
        counts = np.array([len(m) for m in members])
        pick = (rng.random(len(bins)) * counts[bins]).astype(int)
        table = np.zeros((self.size, counts.max()), int)
        for b, m in enumerate(members):
            table[b, :len(m)] = m
        return table[bins, pick].astype(float)

    def cells(self, values):
        return np.array(self.labels, dtype=object)[values.astype(int)]


class Numbers:
    """A numeric column: bins for the values that stand alone, for the intervals between the edges, for missing."""
    number = True

    def __init__(self, declared, spec, missing):
        self.name, self.missing = declared["name"], missing
        self.nullable = declared.get("nullable") == "true"
        self.bounds = tuple(float(b) for b in declared["bounds"])
        self.decimals = 0 if declared["type"] == "integer" else int(declared["precision"])
        self.log = declared.get("scale") == "log"
        self.alone = np.array(spec.get("alone", []), float)
        if "log" in spec:
            lo, hi, n = spec["log"]
            self.edges = np.geomspace(lo, hi, n + 1)
        else:
            lo, hi, n = spec["even"]
            self.edges = np.linspace(lo, hi, n + 1)
        self.size = len(self.alone) + len(self.edges) - 1 + self.nullable
        few = min(n, MERGED)
        self.merged = np.concatenate([np.arange(len(self.alone)), len(self.alone) + np.arange(n) * few // n,
                                      np.full(int(self.nullable), len(self.alone) + few)]).astype(int)

    def values(self, cells):
        """Numbers at the declared precision, clamped to the bounds; NaN where missing."""
        empty = (cells == self.missing) | (cells == "")
        if empty.any() and not self.nullable:
            raise ValueError(f"utility: column {self.name}: a missing cell, but not nullable")
        return np.clip(np.round(pd.to_numeric(cells.mask(empty)).to_numpy(float), self.decimals), *self.bounds)

    def bins(self, values):
        out = np.clip(np.searchsorted(self.edges, values, side="right") - 1, 0, len(self.edges) - 2) + len(self.alone)
        for i, v in enumerate(self.alone):
            out[values == v] = i
        out[np.isnan(values)] = self.size - 1
        return out

    def draw(self, bins, rng):
        """A number for each bin, uniform on the grid of the declared precision within the bin."""
        step = 10.0 ** -self.decimals
        interval = np.clip(bins - len(self.alone), 0, len(self.edges) - 2)
        lo, hi = np.ceil(self.edges[interval] / step - 1e-9), np.ceil(self.edges[interval + 1] / step - 1e-9)
        out = np.clip((lo + np.floor(rng.random(len(bins)) * np.maximum(hi - lo, 1))) * step, *self.bounds)
        for i, v in enumerate(self.alone):
            out[bins == i] = v
        if self.nullable:
            out[bins == self.size - 1] = np.nan
        return np.round(out, self.decimals)

    def cells(self, values):
        values = np.round(np.clip(values, *self.bounds), self.decimals)
        return np.array([self.missing if np.isnan(v) else f"{v:.{self.decimals}f}" for v in values], dtype=object)


class Table:
    """columns: those that are learned, in the file's order; target and predictors: places in it; structure: tuples of
    places that depend on each other by definition; train and holdout: data frames of text."""

    def __init__(self, name, data):
        self.name = name
        self.config, file, other = TABLES[name]
        declared = yaml.load(self.config.read_text(), yaml.BaseLoader)["data"]
        spec = yaml.safe_load((HERE / f"{name}.bins.yaml").read_text())
        after, structure = spec.pop("_after", []), spec.pop("_structure", [])
        missing = declared.get("missing", [""])[0]
        self.columns = [(Numbers if "bounds" in c else Categories)(c, spec.get(c["name"], {}), missing)
                        for c in declared["columns"] if c["type"] != "id"]
        names = [c.name for c in self.columns]
        if stray := {*spec, *after, *(n for s in structure for n in s)} - set(names):
            raise ValueError(f"utility: {name}.bins.yaml: no such columns: {sorted(stray)}")
        self.target = names.index(declared["target"])
        self.predictors = [j for j, n in enumerate(names) if j != self.target and n not in after]
        self.structure = [tuple(names.index(n) for n in s) for s in structure]
        self.train = read(Path(data) / file) if file else MADE[name]()
        if other:
            self.holdout = read(Path(data) / other)
        else:
            order = np.random.default_rng(SPLIT_SEED).permutation(len(self.train))
            cut = int(HOLDOUT * len(order))
            self.holdout, self.train = self.train.iloc[order[:cut]], self.train.iloc[order[cut:]]

    @property
    def sizes(self):
        return [c.size for c in self.columns]

    def values(self, frame):
        """[n, d]: numbers, NaN where missing; categories by their place in the list."""
        return np.column_stack([c.values(frame[c.name]) for c in self.columns])

    def bins(self, values):
        """[n, d]: the bin of each value."""
        return np.column_stack([c.bins(values[:, j]) for j, c in enumerate(self.columns)])

    def merge(self, bins):
        """[n, d]: the same with fewer bins of numbers."""
        return np.column_stack([c.merged[bins[:, j]] for j, c in enumerate(self.columns)])

    def draw(self, bins, rng):
        """Values for bins, uniform within each."""
        return np.column_stack([c.draw(bins[:, j], rng) for j, c in enumerate(self.columns)])


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
