"""What every method should be compared with: the rows themselves, and the same budget spent on single columns."""
import math

import numpy as np
from scipy.optimize import brentq, minimize_scalar


def real(table, rng):
    """A bootstrap of train."""
    values = table.values(table.train)
    return values[rng.integers(len(values), size=len(values))]


def independent(table, epsilon, delta, rng):
    """Each column drawn on its own from its noisy counts, of categories as declared and of the protocol's bins. They share
    the budget evenly: d Gaussian answers of sensitivity 1 (one row more or less) with sigma² = d / 2ρ."""
    values = table.values(table.train)
    sigma = math.sqrt(len(table.columns) / (2 * rho(epsilon, delta)))
    drawn = []
    for j, c in enumerate(table.columns):
        codes, size = (c.bins(values[:, j]), c.size) if c.number else (values[:, j].astype(int), len(c.labels))
        p = np.maximum(np.bincount(codes, minlength=size) + rng.normal(0, sigma, size), 0)
        p = p if p.sum() > 0 else np.ones(size)
        codes = rng.choice(size, len(values), p=p / p.sum())
        drawn.append(c.draw(codes, rng) if c.number else codes)
    return np.column_stack(drawn)


def rho(epsilon, delta):
    """The most ρ-zCDP that implies (ε, δ)-DP, by the conversion of Canonne, Kamath, Steinke 2020 (arXiv 2004.00010,
    corollary 13): δ = min over α > 1 of exp((α-1)(αρ - ε)) (1 - 1/α)^α / (α-1)."""
    def log_delta(rho):
        def at(log_a):  # α = 1 + exp(log_a)
            a = 1 + math.exp(log_a)
            return (a - 1) * (a * rho - epsilon) + a * math.log1p(-1 / a) - log_a
        return minimize_scalar(at, bounds=(-6, 12), method="bounded").fun
    return brentq(lambda r: log_delta(r) - math.log(delta), 1e-9, 100, xtol=1e-12)
