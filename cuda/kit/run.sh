#!/usr/bin/env bash
# Tests and measures dpgan on this machine's first NVIDIA GPU, in at most ten minutes:
#
#	./run.sh [--strict] [--seconds N] [DPGAN CUDA.TEST RESULTS]
#
# Everything goes into one folder, by default results-<host>-<time>. A part that fails,
# or takes longer than it may, does not stop the others; the exit code is then 1. What
# there is no time left for counts as failed; --seconds allows for more than 600 in
# all. A missing compute-sanitizer is noted, or, with --strict, a failure.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
strict=false seconds=600
while [[ ${1:-} == --* ]]; do
	case $1 in
	--strict) strict=true ;;
	--seconds) seconds=$2; shift ;;
	*) echo "run.sh: $1: unknown; there are --strict and --seconds N" >&2; exit 2 ;;
	esac
	shift
done
dpgan=$(realpath "${1:-$here/dpgan}")
tests=$(realpath "${2:-$here/cuda.test}")
results=${3:-results-$(uname -n)-$(date +%Y%m%d-%H%M%S)}
peers=$here/peers
[[ -d $peers ]] || peers=$here/../../bench/peers
mkdir -p "$results"
failed=0

# part NAME LIMIT COMMAND... runs a command for at most LIMIT seconds, and no longer
# than there is time at all, and keeps its output.
part() {
	local name=$1 limit=$2 began=$SECONDS code
	shift 2
	((limit > seconds - SECONDS)) && limit=$((seconds - SECONDS))
	if ((limit < 1)); then
		echo "FAILED  $name (no time left)"
		failed=1
		return
	fi
	timeout -k 5 "$limit" "$@" >"$results/$name.txt" 2>&1
	code=$?
	if ((code == 0)); then
		echo "ok      $name ($((SECONDS - began)) s)"
	elif ((code == 124 || code == 137)); then
		echo "FAILED  $name (stopped after $limit s)"
		failed=1
	else
		echo "FAILED  $name (exit code $code): $(tail -n 1 "$results/$name.txt")"
		failed=1
	fi
}

{
	date -u +%FT%TZ
	uname -a
	"$dpgan" version --json
	nvidia-smi --query-gpu=name,driver_version,compute_cap,memory.total,clocks.max.sm --format=csv 2>/dev/null || cat /proc/driver/nvidia/version
} >"$results/machine.txt" 2>&1

{
	part devices 30 "$dpgan" devices --json
	part conformance 150 "$tests" -test.v -test.run Test
	part verify 60 "$dpgan" verify --device cpu,cuda --steps 20
	tf32=false
	if grep -qE '"compute_capability":"([89]|[1-9][0-9])\.' "$results/devices.txt"; then
		tf32=true # its conformance is part of conformance
		part verify-tf32 45 "$dpgan" verify --device cuda --precision tf32 --steps 20
	else
		echo "left out: TF32; it needs compute capability 8.0"
	fi
	for suite in step-micro dp-tax e2e; do
		# The GPU first: a slow CPU may use up the time.
		part "bench-$suite" 90 "$dpgan" bench --device cuda,cpu --suite "$suite" --budget-seconds 5 --json --out "$results/bench-$suite.jsonl"
	done
	if $tf32; then
		part bench-step-micro-tf32 45 "$dpgan" bench --device cuda --precision tf32 --suite step-micro --budget-seconds 5 --json --out "$results/bench-step-micro-tf32.jsonl"
	fi
	# BenchmarkProducts says when cuBLAS, where it is installed, would be chosen.
	DPGAN_LIBCUBLAS=${DPGAN_LIBCUBLAS:-auto} part benchmarks 60 "$tests" -test.run '^$' -test.bench . -test.benchtime 0.5s
	part demo 15 "$dpgan" demo --out "$results/demo"
	# The default mode, which fits tables first, and a model's rows.
	part train-tables 90 "$dpgan" train --config "$results/demo/medical.yaml" --device cuda --set privacy.budget.marginals=0.7 --set training.steps=200 --out "$results/train-tables" --json
	part sample 30 "$dpgan" sample --model "$results/train-tables/model.safetensors" --device cuda --rows 10000 --out "$results/synthetic.csv" --json
	part train 60 "$dpgan" train --config "$results/demo/medical.yaml" --device cuda --set training.steps=200 --out "$results/train" --json
	if command -v compute-sanitizer >/dev/null; then
		# The operations on which the tools are slow are left to conformance.
		for tool in memcheck racecheck synccheck initcheck; do
			part "sanitizer-$tool" 90 compute-sanitizer --tool "$tool" --error-exitcode 9 "$dpgan" verify --device cuda --steps 4
		done
		part sanitizer-conformance 90 compute-sanitizer --tool memcheck --error-exitcode 9 "$tests" -test.run 'TestDevice/(Buffers|Linear|BatchNorm|ClippedSum|PrivateAdam|Noise|Record)|TestDevice(Tensor|Joins)'
	elif $strict; then
		echo "FAILED  compute-sanitizer is not on the path; it comes with the CUDA toolkit"
		failed=1
	else
		echo "left out: compute-sanitizer is not on the path"
	fi
	if python3 -c 'import opacus, sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
		mkdir "$results/peers"
		part peers 120 python3 "$peers/compare.py" --device cuda --without smartnoise --rounds 5 --out "$results/peers" --dpgan "$dpgan" --torch-python "$(command -v python3)"
	else
		echo "left out: peers; they need python3 with PyTorch for CUDA and Opacus"
	fi
	cat "$results"/bench-*.jsonl "$results/benchmarks.txt" 2>/dev/null
	((failed == 0)) && echo "all passed" || echo "something failed"
	exit "$failed"
} 2>&1 | tee "$results/summary.txt"
