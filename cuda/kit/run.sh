#!/usr/bin/env bash
# Tests and measures dpgan on this machine's first NVIDIA GPU, in about ten minutes:
#
#	./run.sh [--strict] [DPGAN CUDA.TEST RESULTS]
#
# Everything goes into one folder, by default results-<host>-<time>. A missing
# compute-sanitizer is noted, or, with --strict, a failure. Exits 1 if anything failed.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
strict=false
if [[ ${1:-} == --strict ]]; then strict=true; shift; fi
dpgan=$(realpath "${1:-$here/dpgan}")
tests=$(realpath "${2:-$here/cuda.test}")
results=${3:-results-$(uname -n)-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$results"
failed=0

# step NAME COMMAND... runs a command for at most five minutes and keeps its output.
step() {
	local name=$1 began=$SECONDS code
	shift
	timeout 300 "$@" >"$results/$name.txt" 2>&1
	code=$?
	if ((code == 0)); then
		echo "ok      $name ($((SECONDS - began)) s)"
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
	step devices "$dpgan" devices --json
	step conformance "$tests" -test.v -test.run Test
	step verify "$dpgan" verify --device cpu,cuda --steps 20
	if command -v compute-sanitizer >/dev/null; then
		# The operations on which the tools are slow are left to conformance.
		for tool in memcheck racecheck synccheck initcheck; do
			step "sanitizer-$tool" compute-sanitizer --tool "$tool" --error-exitcode 9 "$dpgan" verify --device cuda --steps 4
		done
		step sanitizer-conformance compute-sanitizer --tool memcheck --error-exitcode 9 "$tests" -test.run 'TestDevice/(Buffers|Linear|ZeroScale|BatchNorm|Clip|PrivateAdam|Record)'
	elif $strict; then
		echo "FAILED  compute-sanitizer is not on the path; it comes with the CUDA toolkit"
		failed=1
	else
		echo "left out: compute-sanitizer is not on the path"
	fi
	step benchmarks "$tests" -test.run '^$' -test.bench . -test.benchtime 1s
	step demo "$dpgan" demo --out "$results/demo"
	step train "$dpgan" train --config "$results/demo/medical.yaml" --device cuda --set training.steps=200 --out "$results/train" --json
	cat "$results/benchmarks.txt"
	((failed == 0)) && echo "all passed" || echo "something failed"
	exit "$failed"
} 2>&1 | tee "$results/summary.txt"
