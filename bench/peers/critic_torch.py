"""The discriminator step d-256-256-1 in PyTorch: forward, backward, clip, noise and Adam on one fixed batch, as
`dpgan bench --suite step-micro` takes it. Modes: plain (nothing private), hooks (Opacus, a gradient for every row) and
ghost (Opacus, norms and then a second backward pass). Opacus draws its noise from PyTorch's generator, dpgan from
ChaCha20 with 53-bit uniforms."""
import argparse
import time

import torch
from torch import nn

import worker


def critic(dim, hidden):
    widths, layers = [dim, *hidden], []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.LeakyReLU(.2)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 1))


def step_of(mode, model, x):
    """A function that takes one step. The learning rate is 0, so that every step does the same work."""
    batch = len(x)
    target = torch.ones(batch, device=x.device)
    loss = nn.BCEWithLogitsLoss(reduction="sum")
    new_adam = lambda m: torch.optim.Adam(m.parameters(), lr=0., betas=(.9, .999))
    if mode == "plain":
        optimizer = new_adam(model)
    else:
        from opacus.grad_sample import GradSampleModule, GradSampleModuleFastGradientClipping
        from opacus.optimizers import DPOptimizer, DPOptimizerFastGradientClipping
        from opacus.utils.fast_gradient_clipping_utils import DPLossFastGradientClipping
        settings = dict(noise_multiplier=1., max_grad_norm=1., expected_batch_size=batch, loss_reduction="sum")
        if mode == "hooks":
            model = GradSampleModule(model, loss_reduction="sum")
            optimizer = DPOptimizer(new_adam(model), **settings)
        else:
            model = GradSampleModuleFastGradientClipping(model, max_grad_norm=1., use_ghost_clipping=True, loss_reduction="sum")
            optimizer = DPOptimizerFastGradientClipping(new_adam(model), **settings)
            loss = DPLossFastGradientClipping(model, optimizer, loss, "sum")

    def step():
        optimizer.zero_grad()
        loss(model(x).squeeze(1), target).backward()
        optimizer.step()

    return step


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--mode", choices=["plain", "hooks", "ghost"], required=True)
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--batch", type=int, required=True)
    p.add_argument("--dim", type=int, required=True)
    p.add_argument("--hidden", required=True)
    a = p.parse_args()
    facts = worker.about(torch, a.threads, a.device)
    if a.mode != "plain":
        import opacus
        facts["opacus"] = opacus.__version__
    torch.manual_seed(1)
    model = critic(a.dim, [int(w) for w in a.hidden.split(",")]).to(a.device)
    step = step_of(a.mode, model, torch.randn(a.batch, a.dim, device=a.device))
    wait = torch.cuda.synchronize if a.device == "cuda" else lambda: None
    for _ in range(5):
        step()
    wait()

    def run(steps):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        return (time.perf_counter() - start) / steps

    worker.serve(facts, run)


main()
