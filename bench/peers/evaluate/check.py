#!/usr/bin/env python3
"""Recompute the metrics of `dpgan evaluate` with pandas, scikit-learn and xgboost.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python check.py --dpgan ../../../dpgan --config ../../../configs/adult.yaml \
        --train adult_train.csv.gz --holdout adult_test.csv.gz --synthetic synthetic.csv

Only two things are taken from dpgan's output: the lowest values of the public bins and the list of random
triples. Folds, samples and learners are this script's own, so estimates agree up to their sampling error. The
exit status is 1 if a metric differs by more than the tolerance.
"""
import argparse, itertools, json, subprocess, sys

import numpy as np
import pandas as pd
import xgboost
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

NUMBERS, ORDERED = {"integer", "real"}, {"integer", "real", "ordinal"}
SEED = 20


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("dpgan", "config", "train", "holdout", "synthetic"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--tolerance", type=float, default=.005)
    return p.parse_args()


class Table:
    """A table as text, as public bins and as numbers; missing is a category of its own."""

    def __init__(self, path, data, bins):
        self.text = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
        self.columns = [c for c in data["columns"] if c["type"] != "id"]
        missing = data.get("missing", [""])
        self.codes, self.sizes, self.values = {}, {}, {}
        for c in self.columns:
            name, text = c["name"], self.text[c["name"]]
            gone = text.isin(missing) & bool(c.get("nullable"))
            if c["type"] in NUMBERS:
                number = pd.to_numeric(text.where(~gone), errors="raise").to_numpy(float)
                lows = np.array([float(x) for x in bins[name] if x != "missing"])
                code = np.searchsorted(lows, number, side="right") - 1
                self.codes[name] = np.where(gone, len(lows), code)
                self.sizes[name] = len(lows) + 1
                self.values[name] = number
            else:
                levels = {str(v): k for k, v in enumerate(c.get("values", ["false", "true"]))}
                code = text.map(levels).fillna(len(levels)).to_numpy(int)
                self.codes[name], self.sizes[name] = code, len(levels) + 1
                if c["type"] == "ordinal":
                    self.values[name] = np.where(gone, np.nan, code)
        self.names = [c["name"] for c in self.columns]

    def cells(self, names):
        key = np.zeros(len(self.text), np.int64)
        for n in names:
            key = key * self.sizes[n] + self.codes[n]
        return key


def tvd(a, b, names):
    p, q = (pd.Series(t.cells(names)).value_counts(normalize=True) for t in (a, b))
    return .5 * p.subtract(q, fill_value=0).abs().sum()


def association(t, kinds):
    """Cramer's V, Spearman, correlation ratio, by the kinds of the two columns."""
    out = {}
    ranks = {n: pd.Series(v).rank() for n, v in t.values.items()}
    groups = {n: t.text[n].to_numpy() for n in t.names}
    for a, b in itertools.combinations(t.names, 2):
        if kinds[a] and kinds[b]:
            v = ranks[a].corr(ranks[b])
        elif kinds[a] or kinds[b]:
            number, group = (a, b) if kinds[a] else (b, a)
            d = pd.DataFrame({"y": t.values[number], "g": groups[group]}).dropna()
            mean = d.groupby("g").y.transform("mean")
            v = np.sqrt(((mean - d.y.mean()) ** 2).sum() / ((d.y - d.y.mean()) ** 2).sum())
        else:
            n = pd.crosstab(groups[a], groups[b]).to_numpy(float)
            e = n.sum(1, keepdims=True) * n.sum(0, keepdims=True) / n.sum()
            v = np.sqrt(((n - e) ** 2 / e).sum() / n.sum() / max(1, min(n.shape) - 1))
        out[a, b] = 0 if np.isnan(v) else v
    return out


def coverage(train, other, kinds):
    want = got = rare = found = 0
    for c in train.columns:
        if c["type"] in NUMBERS:
            continue
        share = train.text[c["name"]].value_counts(normalize=True)
        present = share.index.isin(other.text[c["name"]].unique())
        want, got = want + (share >= .001).sum(), got + present[(share >= .001).to_numpy()].sum()
        rare, found = rare + (share < .01).sum(), found + present[(share < .01).to_numpy()].sum()
    return got / want, found / rare


def one_hot(t, names):
    return np.concatenate([np.eye(t.sizes[n], dtype=np.float32)[t.codes[n]] for n in names], 1)


def frame(t, names, exact):
    out = {}
    for n in names:
        if n in t.values:
            bins = np.where(np.isnan(t.values[n]), np.nan, t.codes[n])
            out[n] = t.values[n] if exact else bins
        else:
            out[n] = pd.Categorical(t.codes[n], categories=range(t.sizes[n]))
    return pd.DataFrame(out)


def boosted():
    return xgboost.XGBClassifier(n_estimators=150, max_leaves=31, max_depth=0, grow_policy="lossguide", learning_rate=.1,
                                 tree_method="hist", enable_categorical=True, n_jobs=2)


def auc(y, p):
    return roc_auc_score(y, p[:, 1]) if p.shape[1] == 2 else roc_auc_score(y, p, multi_class="ovr")


def usefulness(prefix, train, holdout, target):
    names = [n for n in train.names if n != target]
    y, truth = train.codes[target], holdout.codes[target]
    out = {}
    lr = LogisticRegression(C=1, max_iter=2000).fit(one_hot(train, names), y)
    p = lr.predict_proba(one_hot(holdout, names))
    out[prefix + "_lr"] = auc(truth, p)
    if p.shape[1] == 2:
        rare = np.bincount(truth).argmin()
        out[prefix + "_lr_f1"] = f1_score(truth == rare, p.argmax(1) == rare)
        out[prefix + "_lr_positive_rate_error"] = abs((p.argmax(1) == rare).mean() - (truth == rare).mean())
    for key, exact in (("_gbt", False), ("_gbt_exact", True)):
        m = boosted().fit(frame(train, names, exact), y)
        out[prefix + key] = auc(truth, m.predict_proba(frame(holdout, names, exact)))
    return out


def contest(synthetic, holdout, exact):
    """AUC of telling synthetic rows from as many real ones, the mean of three folds."""
    random = np.random.default_rng(SEED)
    n = min(20_000, len(synthetic.text), len(holdout.text))
    x = pd.concat([frame(t, t.names, exact).iloc[random.permutation(len(t.text))[:n]] for t in (synthetic, holdout)])
    y = np.r_[np.ones(n), np.zeros(n)]
    scores = []
    for a, b in StratifiedKFold(3, shuffle=True, random_state=SEED).split(x, y):
        scores.append(roc_auc_score(y[b], boosted().fit(x.iloc[a], y[a]).predict_proba(x.iloc[b])[:, 1]))
    return np.mean(scores)


def positions(t):
    """Ordered columns in [0, 1] on the declared scale, categories as codes."""
    numbers, categories = [], []
    for c in t.columns:
        n = c["name"]
        if n not in t.values:
            categories.append(t.codes[n])
            continue
        v = t.values[n]
        if np.isnan(v).any():
            raise SystemExit("distances of missing numbers are not checked")
        lo, hi = (0, len(c["values"]) - 1) if c["type"] == "ordinal" else map(float, c["bounds"])
        if c.get("scale") == "log":
            unit = 10. ** -c.get("precision", 0)
            scale = (lambda x: np.log(x / lo)) if lo > 0 else (lambda x: np.log1p((x - lo) / unit))
            numbers.append(scale(v) / scale(hi))
        else:
            numbers.append((v - lo) / (hi - lo))
    return np.array(numbers, np.float32).reshape(len(numbers), -1), np.array(categories, np.int16).reshape(len(categories), -1)


def nearest(a, b):
    """The two least Gower distances from each row of a to rows of b, [rows of a, 2]."""
    (an, ac), (bn, bc) = a, b
    rows, width, out = an.shape[1], len(an) + len(ac), []
    for s in range(0, rows, 256):
        d = np.zeros((min(256, rows - s), bn.shape[1]), np.float32)
        for x, y in zip(an, bn):
            d += np.abs(x[s:s + 256, None] - y[None])
        for x, y in zip(ac, bc):
            d += x[s:s + 256, None] != y[None]
        out.append(np.sort(np.partition(d, 1, axis=1)[:, :2], axis=1))
    return np.concatenate(out) / width


def attacks(train, holdout, synthetic):
    random = np.random.default_rng(SEED)
    n = min(16_384, len(train.text), len(holdout.text))
    def take(t):
        numbers, categories = positions(t)
        chosen = random.permutation(numbers.shape[1])
        return lambda a, b: (numbers[:, chosen[a:b]], categories[:, chosen[a:b]])
    part, others, rows = take(train), take(holdout)(0, n), take(synthetic)
    eps = 1e-6  # float32
    parts = max(1, min(2, int(len(train.text) / n + .02)))
    size = min(n, len(train.text) // parts)
    far, measures = nearest(rows(0, 32_768), tuple(x[:, :size] for x in others)), []
    ratio = lambda d: np.where(d[:, 1] - d[:, 0] <= eps, 1, d[:, 0] / np.maximum(d[:, 1], 1e-12)).mean()
    for k in range(parts):
        near = nearest(rows(0, 32_768), part(k * size, (k + 1) * size))
        closer, tie = near[:, 0] < far[:, 0] - eps, np.abs(near[:, 0] - far[:, 0]) <= eps
        measures.append([closer.mean() + tie.mean() / 2, ratio(near)])
    share, near = np.mean(measures, 0)
    members, rows = part(0, n), rows(0, 50_000)
    seen, unseen = nearest(members, rows)[:, 0], nearest(others, rows)[:, 0]
    guess = -np.round(np.r_[seen, unseen] / eps)
    keys = set(map(tuple, train.text[train.names].to_numpy()))
    return {"identical_share": np.mean([tuple(r) in keys for r in synthetic.text[train.names].to_numpy()]),
            "dcr_share": share, "nndr": near, "nndr_holdout": ratio(far),
            "mia_auc": roc_auc_score(np.r_[np.ones(n), np.zeros(n)], guess)}


def main():
    args = arguments()
    command = [args.dpgan, "evaluate", "--json"]
    for name in ("config", "train", "holdout", "synthetic"):
        command += ["--" + name, getattr(args, name)]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    with open(args.config) as f:
        data = yaml.safe_load(f)["data"]
    train, holdout, synthetic = (Table(p, data, theirs["bins"]) for p in (args.train, args.holdout, args.synthetic))
    kinds = {c["name"]: c["type"] in ORDERED for c in train.columns}
    ours = {}
    for key, sets in (("tvd1", [(n,) for n in train.names]), ("tvd2", list(itertools.combinations(train.names, 2))),
                      ("tvd3", theirs["triples"])):
        found = [tvd(train, synthetic, list(s)) for s in sets]
        ours[key], ours[key + "_max"] = np.mean(found), np.max(found)
    a, b = association(train, kinds), association(synthetic, kinds)
    ours["association_error"] = np.mean([abs(a[k] - b[k]) for k in a])
    ours["coverage"], ours["rare_recall"] = coverage(train, synthetic, kinds)
    ours |= usefulness("tstr", synthetic, holdout, data["target"]) | usefulness("trtr", train, holdout, data["target"])
    ours["c2st"], ours["c2st_exact"] = contest(synthetic, holdout, False), contest(synthetic, holdout, True)
    ours |= attacks(train, holdout, synthetic)
    worst = 0
    print(f"{'metric':<30}{'dpgan':>10}{'here':>10}{'difference':>12}")
    for key, value in ours.items():
        difference = abs(value - theirs[key])
        worst = max(worst, difference)
        print(f"{key:<30}{theirs[key]:>10.4f}{value:>10.4f}{difference:>12.4f}{'  !' if difference > args.tolerance else ''}")
    sys.exit(int(worst > args.tolerance))


if __name__ == "__main__":
    main()
