#!/usr/bin/env bash
# Measures ours beside the peers, some 20 minutes on a quiet machine: run.sh NAME [flags of cradio bench]
# Writes results/NAME.json (every round), results/NAME.md (the table) and results/NAME.svg (the plot).
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: bench/run.sh NAME [flags of cradio bench]}
shift
folder=${CRADIO_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/cradio-bench}
build=$(mktemp -d)
trap 'rm -r "$build"' EXIT
CGO_ENABLED=0 go build -o "$build/cradio" ./cmd/cradio

results=bench/results/$name
# Lightest first: what a disturbed machine leaves no time for are the last.
"$build/cradio" bench --peers --peers-dir "$folder" --starts 3 --rounds 7 --limit 18m --json "$results.json" \
	--case B:224:1 --case L:224:1 --case B:432:1 --case B:224:8 --case L:432:1 \
	--case L:224:8 --case B:432:8 --case B:1024:1 --case L:432:8 "$@" >"$build/table.md"
mv "$build/table.md" "$results.md"
"$folder/venv/bin/python" bench/peers/plot.py "$results.json" "$results.svg"
cat "$results.md"
