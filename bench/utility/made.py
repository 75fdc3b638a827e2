#!/usr/bin/env python3
"""Tables made from fixed seeds, and of each what there is to learn, by its order. `made.py xor` prints one as CSV.

A dependency has order k if k columns depend on each other and any k - 1 of them do not. Joint tables of two columns and
the target hold order 2, and order 3 with the target; so does a discriminator of second order given the target. One that
is an MLP has no such bound, only the noise."""
import sys

import numpy as np
import pandas as pd

ROWS = 20_000
LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]
SQUARES = [f"{row}-{column}-square" for row in ("top", "middle", "bottom") for column in ("left", "middle", "right")]


def xor():
    """Parities of fair coins. Each group is independent of the others but through y:

    a1 a2 a3 y  order 4 with the target: y = a1 ^ a2 ^ a3 in 95 % of the rows. No triple says anything of it.
    b1 b2 y     order 3 with the target: y = b1 ^ b2 in 75 %. Triples with the target hold it; no pair does.
    c1 c2 c3    order 3 without the target: c3 = c1 ^ c2 in 95 %. Only a triple without the target holds it, and given y
                its pairs still say nothing.
    d1 d2       order 2: two ordinary lists that lean on each other, and tell nothing of the rest.

    a and b together have order 5 (b1 ^ b2 = a1 ^ a2 ^ a3 in 72.5 %), which follows from the first two. The best AUC of y
    is .974, of a alone .95, of b alone .75."""
    rng = np.random.default_rng(1)
    def coin(p=0.5):
        return (rng.random(ROWS) < p).astype(int)
    a1, a2, a3, b1, c1, c2 = (coin() for _ in range(6))
    y = a1 ^ a2 ^ a3 ^ coin(0.05)
    b2 = b1 ^ y ^ coin(0.25)
    c3 = c1 ^ c2 ^ coin(0.05)
    d1 = pick(rng, [[0.5, 0.3, 0.2]], np.zeros(ROWS, int))
    d2 = pick(rng, [[0.6, 0.2, 0.1, 0.1], [0.1, 0.5, 0.3, 0.1], [0.1, 0.1, 0.2, 0.6]], d1)
    return text(a1=a1, a2=a2, a3=a3, b1=b1, b2=b2, c1=c1, c2=c2, c3=c3, d1=label(d1, "low", "mid", "high"),
                d2=label(d2, "red", "green", "blue", "grey"), y=y)


def scm():
    """A structural causal model of a machine, its parents first. Orders are not pure here: most of it shows in pairs, and
    more of it in larger tables.

    load speed coolant temperature  order 4: heat is a product of load and speed, of which the coolant, switched on
                                    by a threshold of the same product but often forgotten at night, takes most
    material speed vibration        order 3: each material resonates at a speed of its own; age amplifies it (order 4)
    temperature wear failure        order 3 with the target: hot or worn fails, hot and worn (run in) does not
    vibration wear failure          order 3 with the target: their product fails too, above a threshold"""
    rng = np.random.default_rng(2)
    normal = rng.standard_normal
    material = pick(rng, [[0.5, 0.3, 0.2]], np.zeros(ROWS, int))
    shift = pick(rng, [[0.5, 0.3, 0.2]], np.zeros(ROWS, int))
    age = np.floor(120 * rng.random(ROWS) ** 1.5)
    load = 100 / (1 + np.exp(0.4 - normal(ROWS)))
    speed = 600 + np.array([10, 4, 16])[material] * load + 200 * normal(ROWS)
    heat = load * speed / 1000
    coolant = (heat > 40) & (rng.random(ROWS) > np.array([0.05, 0.05, 0.5])[shift])
    temperature = 20 + heat * np.where(coolant, 0.4, 1.5) + 4 * normal(ROWS)
    resonance = np.exp(-((speed - np.array([1000, 700, 1400])[material]) / 120) ** 2)
    vibration = 1 + 8 * resonance * (0.3 + age / 120) + 0.4 * np.abs(normal(ROWS))
    wear = np.exp(-3 + 0.025 * age + 0.02 * load * (material == 1) + 0.4 * normal(ROWS))
    hot, worn, shaken = temperature > 70, wear > 0.2, vibration * wear > 1.5
    failure = rng.random(ROWS) < np.where(hot ^ worn, 0.6, 0.05) + 0.35 * shaken
    return text(material=label(material, "steel", "brass", "alloy"), shift=label(shift, "day", "evening", "night"),
                age=number(age, 0, 120, 0), load=number(load, 0, 100, 1), speed=number(speed, 0, 3000, 0),
                coolant=label(coolant, "off", "on"), temperature=number(temperature, 0, 400, 1),
                vibration=number(vibration, 0, 20, 2), wear=number(wear, 0.005, 20, 3), failure=label(failure, "no", "yes"))


def tictactoe():
    """Final boards of games played at random, x first: those of UCI's Tic-Tac-Toe Endgame (Aha 1991), which lists each of
    the 958 once, here as often as such games end in them. Class is positive if x has three in a row. Orders are not pure:

    a line and Class  order 4 with the target, eight times: three x make it positive, three o negative. Triples with the
                      target see two squares of a line, so a part of it
    all squares       up to order 9: as many x as o, or one more; never both with three in a row"""
    rng = np.random.default_rng(3)
    turn = rng.permuted(np.tile(np.arange(9), (ROWS, 1)), axis=1)  # when a square would be taken; x takes at even turns
    end, winner = np.full(ROWS, 9), np.full(ROWS, -1)
    for line in LINES:
        taken = turn[:, line]
        last, player = taken.max(axis=1), taken[:, 0] % 2
        first = (taken % 2 == player[:, None]).all(axis=1) & (last < end)
        end[first], winner[first] = last[first], player[first]
    board = np.where(turn > end[:, None], 2, turn % 2)
    return text(**{name: label(board[:, i], "x", "o", "b") for i, name in enumerate(SQUARES)},
                Class=label(winner == 0, "negative", "positive"))


MADE = {"xor": xor, "scm": scm, "tictactoe": tictactoe}


def pick(rng, shares, given):
    """A place in the row of shares that each given names."""
    return (rng.random(len(given))[:, None] >= np.cumsum(shares, axis=1)[given, :-1]).sum(axis=1)


def label(codes, *labels):
    return np.array(labels, dtype=object)[codes.astype(int)]


def number(values, lo, hi, decimals):
    return [f"{v:.{decimals}f}" for v in np.clip(values, lo, hi)]


def text(**columns):
    return pd.DataFrame({name: pd.Series(cells).astype(str) for name, cells in columns.items()})


if __name__ == "__main__":
    MADE[sys.argv[1]]().to_csv(sys.stdout, index=False)
