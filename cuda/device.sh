#!/usr/bin/env bash
# All that needs a GPU, in one run of a few minutes: first whether results are right, then times, then PyTorch's times.
# Binaries are built beforehand, on a machine that needs no GPU:
#
#	CGO_ENABLED=1 CGO_CFLAGS="$(cuda/driver/headers.sh HEADERS)" cuda/device.sh build .dev
#	OUT=results cuda/device.sh run .dev          # on the machine with the GPU, in the same tree
#
# Each step has a limit of its own, all of them have $TOTAL seconds, and each writes OUT/STEP.txt while it runs. A step that takes times is left out where a
# check before it failed. OUT/summary.txt comes last. STEPS="facts suite" runs fewer. MODE=sim, with binaries that
# were built with TAGS=nvidia,cudasim, is a dry run in the emulator: it shows that the script works.
set -euo pipefail
usage="usage: device.sh build FOLDER | OUT=FOLDER device.sh run FOLDER"
cd "$(dirname "$0")/.."
mkdir -p "${2:?$usage}"
binaries=$(cd "$2" && pwd)

case $1 in
build)
	go test -c -tags "${TAGS:-nvidia}" -ldflags '-s -w' -o "$binaries/cuda.test" ./cuda
	go build -tags "${TAGS:-nvidia}" -ldflags '-s -w' -o "$binaries/cradio" ./cmd/cradio
	exit
	;;
run) ;;
*)
	echo "$usage" >&2
	exit 2
	;;
esac

mkdir -p "${OUT:?$usage}"
out=$(cd "$OUT" && pwd)
mode=${MODE:-gpu}
began=$SECONDS
total=${TOTAL:-460} # seconds for all steps
declare -A result took
order=()

# step NAME LIMIT COMMAND…
step() {
	local name=$1 limit=$2 at=$SECONDS
	shift 2
	[[ " ${STEPS:-$name} " == *" $name "* ]] || return 0
	limit=$((limit < total - at + began ? limit : total - at + began))
	if [ "$limit" -lt 5 ]; then
		echo "== $name: left out, there is no time left"
		return 0
	fi
	result[$name]=0
	timeout -k 5 "$limit" "$@" >"$out/$name.txt" 2>&1 || result[$name]=$?
	took[$name]=$((SECONDS - at))
	order+=("$name")
	echo "== $name: exit ${result[$name]} after ${took[$name]} s"
}

right() { [ "${result[suite]:-0}" = 0 ] && [ "${result[nano]:-0}" = 0 ]; }
learns() { right && [ "${result[training]:-0}" = 0 ]; }

facts() {
	nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm,power.limit --format=csv || echo "no nvidia-smi"
	uname -sr
	nproc
	python3 -c 'import torch; print("torch", torch.__version__, torch.version.cuda)' || echo "no PyTorch"
}
export -f facts

tests() { (cd cuda && "$binaries/cuda.test" -test.v "$@"); }
export -f tests
export binaries

if [ "$mode" = sim ]; then
	step facts 20 bash -c facts
	step suite 120 bash -c 'tests -test.run "Suite/bfloat16_frozen"'
	step command 60 "$binaries/cradio" embed conformance/images/gray.jpg --model synthetic:nano --size 48 --json --device cuda
	step hopper 120 bash -c 'tests -test.run "SuiteOnHopper"'
	step training 120 bash -c 'tests -test.run "Training/(losses|norms|optim)"'
	right && step speed 120 bash -c 'tests -test.run - -test.bench Forward/nano -test.benchtime 1x'
	right && step tiles 60 bash -c 'tests -test.run - -test.bench Tiles/nano -test.benchtime 1x'
	learns && step steps 60 bash -c 'tests -test.run - -test.bench Step/nano -test.benchtime 1x'
else
	step facts 20 bash -c facts
	step suite 60 bash -c 'tests -test.run Suite -test.skip OnHopper'
	step nano 60 bash -c 'tests -test.run Nano -test.skip OnHopper'
	step training 60 bash -c 'tests -test.run Training'
	step full 60 bash -c 'tests -test.run Full -test.skip OnHopper -full'
	step command 30 bash -c 'for i in 1 2; do time "$binaries/cradio" embed conformance/images/astronaut.png --model synthetic:B --json --device cuda --dtype bfloat16 | wc -c; done'
	if right; then
		step speed 100 bash -c 'tests -test.run - -test.bench Forward/[BL] -test.benchtime 1s'
		step tiles 50 bash -c 'tests -test.run - -test.bench Tiles/H -test.benchtime 20ms' # on Hopper: else it skips
		learns && step steps 40 bash -c 'tests -test.run - -test.bench Step/B -test.benchtime 5x'
		step peers 120 python3 bench/peers/gpu.py --seconds 110
	fi
	if command -v compute-sanitizer >/dev/null; then
		step sanitize 60 bash -c 'cd cuda && compute-sanitizer --tool memcheck "$binaries/cuda.test" -test.run "Suite/bfloat16_frozen"'
	fi
fi

{
	echo "$mode: $((SECONDS - began)) s"
	for name in "${order[@]}"; do echo "$name: exit ${result[$name]}, ${took[$name]} s"; done
	cat "$out/facts.txt" 2>/dev/null || true
	grep -hE '^ *--- FAIL|SKIPPED|geometric mean|ERROR SUMMARY' "$out"/{suite,hopper,nano,training,full,sanitize,speed,steps}.txt 2>/dev/null | sort | uniq -c || true
	grep -hE 'images/s|µs' "$out"/{speed,steps,tiles,peers}.txt 2>/dev/null || true
} | tee "$out/summary.txt"
for name in "${order[@]}"; do [ "${result[$name]}" = 0 ] || exit 1; done
