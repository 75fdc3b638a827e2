#!/usr/bin/env bash
# Train small runs of every mode at several ε, export what each released, and let
# Google's dp_accounting add it up; see recompute.py.
#
#   bench/peers/recompute.sh > bench/results/recompute.md
#
# DPGAN names the binary (default: built from this checkout), DPGAN_PEERS_CACHE the
# folder of the environment (default ~/.cache/dpgan-peers), which is made once. Takes
# some minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${DPGAN_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dpgan-peers}/recompute
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! cmp -s "$here/requirements-recompute.txt" "$cache/made-of"; then
	rm -rf "$cache"
	python3 -m venv "$cache" >&2
	"$cache/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements-recompute.txt" >&2
	cp "$here/requirements-recompute.txt" "$cache/made-of"
fi
dpgan=${DPGAN:-}
if [[ -z $dpgan ]]; then
	dpgan=$work/dpgan
	(cd "$here/../.." && CGO_ENABLED=0 go build -o "$dpgan" ./cmd/dpgan)
fi

# 3,000 rows that follow no distribution in particular: ε does not depend on them.
awk 'BEGIN { print "age,sex,ward,cost"; for (i = 0; i < 3000; i++)
	printf "%d,%s,w%d,%d\n", 18 + i * 37 % 80, i % 3 ? "F" : "M", i * i % 7, i * 7919 % 5000 }' >"$work/table.csv"
config() { # NAME COLUMNS
	cat >"$work/$1.yaml" <<-YAML
		data: {path: table.csv, columns: [$2]}
		model: {generator: {atoms: 16, latent: 4}, discriminator: {hidden: [8]}}
		training: {batch_size: 60, steps: 200}
		runtime: {device: cpu}
	YAML
}
config declared '{name: age, type: integer, bounds: [18, 100]}, {name: sex, type: categorical, values: [F, M]},
	{name: ward, type: categorical, values: [w0, w1, w2, w3, w4, w5, w6]}, {name: cost, type: integer, bounds: [0, 5000]}'
config open '{name: age, type: integer}, {name: sex, type: categorical}, {name: ward, type: categorical}, {name: cost, type: integer}'

# run NAME CONFIG [KEY=VALUE...] trains and exports.
run() {
	local name=$1 file=$2 keys=()
	shift 2
	for key in "$@"; do keys+=(--set "$key"); done
	"$dpgan" train --config "$work/$file.yaml" --out "$work/$name" --log-level error "${keys[@]}" >/dev/null
	add "$name" "$work/$name/ledger.jsonl"
}
add() { # NAME LEDGER
	"$dpgan" ledger export "$2" --out "$work/$1.events.json"
	"$dpgan" ledger show "$2" --json --delta 1e-5 >"$work/$1.show.json"
}
pure=privacy.budget.marginals=0
split=(privacy.budget.marginals=0.7 privacy.budget.discriminator=0.3)
discovery=(privacy.row_count=discovered privacy.discovery.{row_count,missing}=0.02 privacy.discovery.{bounds,edges}=0.05 privacy.discovery.categories=0.1)
for epsilon in 0.5 1 3 8; do
	run "pure-$epsilon" declared "$pure" "privacy.target_epsilon=$epsilon"
	run "gan-$epsilon" declared "privacy.target_epsilon=$epsilon"
	run "marginals-$epsilon" declared privacy.budget.discriminator=0 "privacy.target_epsilon=$epsilon"
done
for epsilon in 1 3; do
	run "mlp-$epsilon" declared "${split[@]}" model.discriminator.kind=mlp "privacy.target_epsilon=$epsilon"
done
run discovered-3 open "${split[@]}" "${discovery[@]}" privacy.target_epsilon=3
run few-steps-1 declared "$pure" privacy.target_epsilon=1 training.steps=3 training.batch_size=1500
table=(privacy.ledger="$work/table.jsonl" privacy.table_epsilon=4)
run shared-a declared "${table[@]}" privacy.target_epsilon=1
run shared-b declared "$pure" "${table[@]}" privacy.target_epsilon=2
add shared-together "$work/table.jsonl"
"$cache/bin/python" "$here/recompute.py" "$work"
