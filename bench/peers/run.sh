#!/usr/bin/env bash
# Time dpgan beside PyTorch, Opacus and SmartNoise's DPCTGAN, in turns, on this
# machine; see docs/bench.md.
#
#   bench/peers/run.sh [--device cpu|cuda] [--threads 1,2] [--rounds 7] [--batch 500]
#                      [--dim 180] [--hidden 256,256] [--steps 100] [--train-steps 100]
#                      [--without smartnoise] [--out bench/results]
#
# The environments live in DPGAN_PEERS_CACHE (default ~/.cache/dpgan-peers) and are
# made once. DPGAN names the binary (default: built from this checkout), DPGAN_DATA
# the folder of adult_train.csv.gz; without it DPCTGAN trains on the demo table.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${DPGAN_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dpgan-peers}
device=cpu smartnoise=yes
arguments=("$@")
for ((i = 0; i < $#; i++)); do
	[[ ${arguments[i]} == --device ]] && device=${arguments[i + 1]:-}
	[[ ${arguments[i]} == --without ]] && smartnoise=no
done

# environment NAME REQUIREMENTS [FLAG...] prints the Python of an environment that
# holds the requirements, and makes it if they have changed.
environment() {
	local folder=$cache/$1 requirements=$2
	shift 2
	if ! cmp -s "$requirements" "$folder/made-of"; then
		rm -rf "$folder"
		python3 -m venv "$@" "$folder" >&2
		local pip=("$folder/bin/python" -m pip install --quiet --disable-pip-version-check)
		# The CPU builds are a tenth of the size; what that index lacks, or where it
		# cannot be reached, the ordinary one has.
		if [[ $device == cpu ]] && grep -q '^torch==' "$requirements"; then
			"${pip[@]}" --retries 0 --timeout 10 --index-url https://download.pytorch.org/whl/cpu \
				"$(grep '^torch==' "$requirements")" 2>/dev/null >&2 || echo "no CPU build of PyTorch to be had: taking the full one (5 GB)" >&2
		fi
		"${pip[@]}" --requirement "$requirements" >&2
		cp "$requirements" "$folder/made-of"
	fi
	echo "$folder/bin/python"
}

mkdir -p "$cache"
if [[ $device == cuda ]] && python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
	# The machine's own PyTorch fits its driver.
	grep -v '^torch==' "$here/requirements.txt" >"$cache/requirements-cuda.txt"
	torch=$(environment torch-cuda "$cache/requirements-cuda.txt" --system-site-packages)
else
	torch=$(environment "torch-$device" "$here/requirements.txt")
fi
extra=()
if [[ $smartnoise == yes ]]; then
	extra+=(--smartnoise-python "$(environment "smartnoise-$device" "$here/requirements-smartnoise.txt")")
fi
if [[ -z ${DPGAN:-} ]]; then
	if [[ $device == cuda ]]; then
		make -C "$root" --no-print-directory build-gpu >&2
		DPGAN=$root/bin/dpgan-gpu
	else
		make -C "$root" --no-print-directory build >&2
		DPGAN=$root/bin/dpgan
	fi
fi
export PYTHONDONTWRITEBYTECODE=1 # no caches in the checkout
exec python3 "$here/compare.py" --out "$root/bench/results" --dpgan "$DPGAN" --torch-python "$torch" "${extra[@]}" "$@"
