"""Recompute ε of dpgan's runs with Google's dp_accounting, and compare.

    recompute.py [--tolerance 1e-3] FOLDER

FOLDER holds for each run NAME.events.json (`dpgan ledger export`) and
NAME.show.json (`dpgan ledger show --json`). Prints a Markdown table; exits with 1
if an ε differs by more than the tolerance. recompute.sh makes such a folder.

dp_accounting adds up with privacy loss distributions on a grid of 1e-4, as dpgan
does, from its own code. Both are upper bounds of the same ε.
"""

import argparse
import importlib
import importlib.metadata
import json
import pathlib
import platform
import sys

import attr
from dp_accounting import dp_event
from dp_accounting.pld import common, pld_privacy_accountant, privacy_loss_distribution

PLD = privacy_loss_distribution


@attr.s(frozen=True, auto_attribs=True)
class DiscreteGaussianDpEvent(dp_event.DpEvent):
    """As in dp_accounting after 0.6.0."""

    sigma: float
    sensitivity: int = 1
    dimension: int = 1


@attr.s(frozen=True, auto_attribs=True)
class EpsilonDeltaDpEvent(dp_event.DpEvent):
    """As in dp_accounting after 0.6.0."""

    epsilon: float
    delta: float


NEWER = {c.__name__: c for c in (DiscreteGaussianDpEvent, EpsilonDeltaDpEvent)}


def rebuild(node):
    """The DpEvent of a JSON object, as DpEvent.from_named_tuple makes it of a tuple."""
    if isinstance(node, list):
        return [rebuild(item) for item in node]
    if not isinstance(node, dict):
        return node
    fields = {name: rebuild(value) for name, value in node.items() if name not in ("module_name", "class_name")}
    module = importlib.import_module(node["module_name"])
    return getattr(module, node["class_name"], NEWER.get(node["class_name"]))(**fields)


class Accountant(pld_privacy_accountant.PLDAccountant):
    """PLDAccountant with the two events that 0.6.0 has distributions for, but no classes."""

    def _maybe_compose(self, event, count, do_compose):
        width = self._value_discretization_interval
        if isinstance(event, DiscreteGaussianDpEvent) and event.dimension == 1:
            one = lambda: PLD.from_discrete_gaussian_mechanism(
                event.sigma, event.sensitivity, value_discretization_interval=width, use_connect_dots=True)
        elif isinstance(event, EpsilonDeltaDpEvent):
            one = lambda: PLD.from_privacy_parameters(
                common.DifferentialPrivacyParameters(event.epsilon, event.delta), value_discretization_interval=width)
        else:
            return super()._maybe_compose(event, count, do_compose)
        if do_compose:
            self._pld = self._pld.compose(one().self_compose(count))
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("dp-accounting", "numpy", "scipy"))
    print(f"{versions}, Python {platform.python_version()}\n")
    print("| run | releases | δ | ε by dpgan | ε by dp_accounting | difference |")
    print("|---|--:|--:|--:|--:|--:|")
    worst = 0.0
    for path in sorted(options.folder.glob("*.events.json")):
        name = path.name.removesuffix(".events.json")
        shown = json.loads((options.folder / f"{name}.show.json").read_text())
        tree = json.loads(path.read_text())
        accountant = Accountant()
        accountant.compose(rebuild(tree))
        epsilon = accountant.get_epsilon(shown["delta"])
        releases = sum(event["count"] for event in tree["events"])
        difference = shown["epsilon"] - epsilon
        worst = max(worst, abs(difference))
        print(f"| {name} | {releases} | {shown['delta']:g} | {shown['epsilon']:.6f} | {epsilon:.6f} | {difference:+.1e} |")
    print(f"\nThe largest difference is {worst:.1e}, of {options.tolerance:g} allowed.")
    return 0 if 0 < worst <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
