#!/usr/bin/env bash
# Assembles every module with ptxas, for each architecture that it is for, and prints a table: registers of a
# thread, bytes that spill to local memory, static shared memory of a block. It fails where ptxas would let
# products of Hopper (wgmma) wait for each other, or has to add a fence. No GPU is needed. ptxas is in a
# wheel of NVIDIA at the Python package index, 41 MB, which is kept in the folder; nothing is installed.
#
#	cuda/kernels/assemble.sh FOLDER >cuda/kernels/assembled.txt
set -euo pipefail
to=${1:?usage: assemble.sh FOLDER}
wheel=nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl
sum=5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0
ptxas=$to/nvidia/cuda_nvcc/bin/ptxas
mkdir -p "$to"
if [ ! -e "$ptxas" ]; then
	python3 -m pip download -q --no-deps --only-binary=:all: --platform manylinux2010_x86_64 -d "$to" nvidia-cuda-nvcc-cu12==12.9.86 >&2
	sha256sum --check --quiet <<<"$sum  $to/$wheel" >&2
	python3 -m zipfile -e "$to/$wheel" "$to"
	rm "$to/$wheel"
	chmod +x "$ptxas"
fi
cd "$(dirname "$0")"
out=$(mktemp) log=$(mktemp)
trap 'rm -f "$out" "$log"' EXIT
printf '%-12s %-26s %5s %9s %7s %7s\n' module kernel sm registers spilled shared
for module in *.ptx; do
	case $module in
	*.60.ptx) targets='60 70 75 80 86 89 90' ;;
	*.80.ptx) targets='80 86 89 90 100 120' ;;
	*.90a.ptx) targets='90a' ;;
	esac
	for target in $targets; do
		"$ptxas" -arch=sm_"$target" -v "$module" -o "$out" >"$log" 2>&1
		if grep -E 'C75[0-9]{2}' "$log" >&2; then exit 1; fi
		awk -v module="${module%.ptx}" -v target="$target" '
			/Compiling entry function/ { split($0, name, "\047"); kernel = name[2] }
			/bytes spill stores/ { for (i = 1; i < NF; i++) if ($(i + 1) == "bytes" && $(i + 2) == "spill") spilled += $i }
			/Used [0-9]+ registers/ {
				shared = 0
				for (i = 1; i <= NF; i++) { if ($i == "Used") registers = $(i + 1); if ($i ~ /^smem/) shared = $(i - 2) }
				printf "%-12s %-26s %5s %9d %7d %7d\n", module, kernel, target, registers, spilled, shared
				spilled = 0
			}' "$log" | sort
	done
done
