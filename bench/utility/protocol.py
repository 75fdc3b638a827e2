"""The measures, the same for every method: total variation of 1- to 4-way tables over the public bins, models trained on
synthetic rows and tested on real ones, and a classifier that tells synthetic from real."""
import itertools
import warnings

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

SUBSETS = 100      # of three columns, and of four
WIDE = 20          # columns; tables with more of them are judged on fewer rows
ROWS = {False: 40_000, True: 20_000}


@threadpool_limits.wrap(limits=1)  # threads that wait for busy cores by spinning take minutes instead of seconds
def measure(table, synthetic):
    """All measures of the synthetic values [n, d]."""
    real, holdout = table.values(table.train), table.values(table.holdout)
    most = ROWS[len(table.columns) > WIDE]
    bins = {"train": table.bins(real), "holdout": table.bins(holdout), "synthetic": table.bins(synthetic)}
    out = variation(bins["train"], bins["synthetic"], table)
    out |= transfer(bins["synthetic"], bins["holdout"], table, most)
    out["c2st"] = tell_apart(bins["synthetic"], bins["holdout"], most)
    out["c2st_raw"] = tell_apart(synthetic, holdout, most)
    return {k: round(v, 5) if isinstance(v, float) else v for k, v in out.items()}


def shares(bins, sizes, columns):
    """The table of some columns, flat, as shares of the rows."""
    at = np.ravel_multi_index([bins[:, j] for j in columns], [sizes[j] for j in columns])
    return np.bincount(at, minlength=int(np.prod([sizes[j] for j in columns]))) / len(bins)


def variation(real, synthetic, table):
    """tvd1, tvd2, tvd3, tvd4: means of half the L1 distance over all columns, all pairs, 100 triples and 100 fours, these
    of merged bins; structure: the same of what the table's definition names; tvd1_worst: the three columns that are
    furthest off."""
    d, sizes = len(table.columns), table.sizes
    def distance(columns):
        return float(0.5 * np.abs(shares(real, sizes, columns) - shares(synthetic, sizes, columns)).sum())
    def chosen(k):
        sets = list(itertools.combinations(range(d), k))
        return [sets[i] for i in np.random.default_rng(0).choice(len(sets), min(SUBSETS, len(sets)), replace=False)]
    one = [distance([j]) for j in range(d)]
    two = [distance(p) for p in itertools.combinations(range(d), 2)]
    three = [distance(s) for s in chosen(3)]
    worst = sorted(range(d), key=lambda j: -one[j])[:3]
    real, synthetic, sizes = table.merge(real), table.merge(synthetic), [c.merged[-1] + 1 for c in table.columns]
    four = [distance(s) for s in chosen(4)]
    known = {" ".join(table.columns[j].name for j in s): round(distance(s), 4) for s in table.structure}
    return {"tvd1": float(np.mean(one)), "tvd1_max": max(one), "tvd2": float(np.mean(two)), "tvd2_max": max(two),
            "tvd3": float(np.mean(three)), "tvd4": float(np.mean(four)),
            "tvd1_worst": {table.columns[j].name: round(one[j], 4) for j in worst}} | ({"structure": known} if known else {})


def transfer(train, test, table, most):
    """tstr_lr, tstr_gbt: AUC on the holdout of models of the target trained on synthetic rows, macro one-vs-rest."""
    y, rest = table.target, table.predictors
    train = train[np.random.default_rng(0).permutation(len(train))[:most]]
    linear = LogisticRegression(max_iter=300)
    trees = HistGradientBoostingClassifier(random_state=0, early_stopping=False)
    sizes = [table.sizes[j] for j in rest]
    return {"tstr_lr": auc(linear, one_hot(train[:, rest], sizes), train[:, y], one_hot(test[:, rest], sizes), test[:, y]),
            "tstr_gbt": auc(trees, train[:, rest], train[:, y], test[:, rest], test[:, y])}


def auc(model, x, y, x_test, y_test):
    """The mean over the test's classes of the AUC of one against the rest; .5 for a class never seen in training."""
    if len(set(y)) < 2:
        return 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its 300 iterations are part of the protocol
        model.fit(x, y)
    scores = dict(zip(model.classes_, model.predict_proba(x_test).T))
    classes = sorted(set(y_test))
    if len(classes) == 2:
        classes = classes[1:]
    return float(np.mean([roc_auc_score(y_test == c, scores[c]) if c in scores else 0.5 for c in classes]))


def one_hot(bins, sizes):
    n, d = bins.shape
    at = bins + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return csr_matrix((np.ones(n * d), at.ravel(), np.arange(0, n * d + 1, d)), shape=(n, sum(sizes)))


def tell_apart(synthetic, real, most):
    """AUC on a third of the rows of boosted trees that learned on two thirds which are synthetic; .5 is ideal."""
    rng = np.random.default_rng(0)
    n = min(len(synthetic), len(real), most)
    x = np.concatenate([part[rng.permutation(len(part))[:n]] for part in (synthetic, real)])
    y = np.repeat([1, 0], n)
    order, cut = rng.permutation(2 * n), 2 * n * 2 // 3
    model = HistGradientBoostingClassifier(random_state=0, early_stopping=False).fit(x[order[:cut]], y[order[:cut]])
    return float(roc_auc_score(y[order[cut:]], model.predict_proba(x[order[cut:]])[:, 1]))
