#!/usr/bin/env bash
# Measure MST, AIM, DPCTGAN and PATECTGAN by the protocol of bench/utility.
#
#   bench/peers/baselines/run.sh [--tables adult] [--modes mst,aim] [--epsilons 1] [--limit 300] [--epochs 300]
#
# The environments live in DPGAN_PEERS_CACHE (default ~/.cache/dpgan-peers) and are made once; DPGAN_DATA names the
# tables' folder. Every other flag is that of bench/utility/run.py.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache=${DPGAN_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dpgan-peers}

# environment NAME REQUIREMENTS prints the Python of an environment that holds the requirements, and makes it if they
# have changed.
environment() {
	local folder=$cache/$1
	if ! cmp -s "$2" "$folder/made-of"; then
		rm -rf "$folder"
		python3 -m venv "$folder" >&2
		"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2" >&2
		cp "$2" "$folder/made-of"
	fi
	echo "$folder/bin/python"
}

mkdir -p "$cache"
peers=$(environment baselines "$here/requirements.txt")
protocol=$(environment utility "$root/bench/utility/requirements.txt")
export PYTHONDONTWRITEBYTECODE=1 # no caches in the checkout
exec "$protocol" "$root/bench/utility/run.py" --peer-python "$peers" --modes mst,aim,dpctgan,patectgan "$@"
