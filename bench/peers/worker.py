"""What the workers share: one process a peer and number of threads, which answers each line on stdin with one line
of JSON. The process stays, so imports and warm-up are not timed."""
import contextlib
import json
import os
import subprocess
import sys

answers, sys.stdout = sys.stdout, open(os.devnull, "w")  # what libraries print is no answer


def serve(about, run):
    """Says about, then runs run(int(line)) -> seconds for every line."""
    print(json.dumps(about), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps({"seconds": run(int(line))}), file=answers, flush=True)


def about(torch, threads, device):
    torch.set_num_threads(threads)
    with contextlib.suppress(RuntimeError):  # may be set only once
        torch.set_num_interop_threads(1)
    facts = {"python": sys.version.split()[0], "torch": torch.__version__, "threads": torch.get_num_threads(),
             "torch_cpu_capability": torch.backends.cpu.get_cpu_capability(), "mkl": mkl()}
    if device == "cuda":
        facts["gpu"] = torch.cuda.get_device_name()
        facts["cuda"] = torch.version.cuda
    return facts


def mkl():
    """The instruction set that MKL says it uses, in its own words."""
    out = subprocess.run([sys.executable, "-c", "import torch; a = torch.ones(64, 64); a @ a"],
                         env=dict(os.environ, MKL_VERBOSE="1"), capture_output=True, text=True).stdout
    said = [line for line in out.splitlines() if line.startswith("MKL_VERBOSE") and "Intel(R) 64" in line or "oneMKL" in line]
    return said[0].removeprefix("MKL_VERBOSE ").split(", Lnx")[0] if said else "no MKL"
