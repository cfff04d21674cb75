#!/usr/bin/env bash
# Measures cradio and its peers, in about 20 minutes on an idle machine: run.sh NAME [flags of cradio bench]
# CASES, such as "B:224:1 L:224:8", sets the cases. CRADIO_PEERS is the folder where setup.sh installed the peers:
# without them, cradio is measured alone.
# Writes results/NAME.json (every round), results/NAME.md (the table) and results/NAME.svg (the plot).
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: bench/run.sh NAME [flags of cradio bench]}
shift
folder=${CRADIO_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/cradio-bench}
build=$(mktemp -d)
trap 'rm -r "$build"' EXIT
CGO_ENABLED=0 go build -o "$build/cradio" ./cmd/cradio

if [ -x "$folder/venv/bin/python" ]; then
	set -- --peers --peers-dir "$folder" --starts 3 "$@"
else
	echo "no peers in $folder (bench/peers/setup.sh installs them): cradio is measured alone" >&2
fi
results=bench/results/$name
# Small cases first: on a disturbed machine there may be no time for the last ones.
cases=${CASES:-B:224:1 L:224:1 B:432:1 B:224:8 L:432:1 L:224:8 B:432:8 B:1024:1 L:432:8}
"$build/cradio" bench --rounds 7 --limit 20m --case "${cases// /,}" --json "$results.json" "$@" >"$build/table.md"
mv "$build/table.md" "$results.md"
cat "$results.md"
"$build/cradio" bench plot "$results.json" --out "$results.svg"
