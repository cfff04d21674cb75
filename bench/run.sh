#!/usr/bin/env bash
# Measures ours beside the peers, some 20 minutes on a quiet machine: run.sh NAME [flags of cradio bench]
# CASES, such as "B:224:1 L:224:8", measures others; CRADIO_PEERS is where setup.sh installed the peers.
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
cases=${CASES:-B:224:1 L:224:1 B:432:1 B:224:8 L:432:1 L:224:8 B:432:8 B:1024:1 L:432:8}
"$build/cradio" bench --peers --peers-dir "$folder" --starts 3 --rounds 7 --limit 20m \
	--case "${cases// /,}" --json "$results.json" "$@" >"$build/table.md"
mv "$build/table.md" "$results.md"
"$build/cradio" bench plot "$results.json" --out "$results.svg"
cat "$results.md"
