#!/usr/bin/env bash
# Fetches NVRTC, the compiler of CUDA C, into a folder, and prints the path of its library. It is the wheel
# of NVIDIA at the Python package index, 23 MB; nothing is installed. Version 12.0.76 writes PTX 8.0, which
# every driver from 525 (CUDA 12.0) on loads.
set -euo pipefail
to=${1:?usage: fetch.sh FOLDER}
wheel=nvidia_cuda_nvrtc_cu12-12.0.76-py3-none-manylinux1_x86_64.whl
sum=8dd4458a7d8bf8fd2b01a34a9069856d53a9b4c0af2037b77c12b270daf9c828
library=nvidia/cuda_nvrtc/lib/libnvrtc.so.12
mkdir -p "$to"
if [ ! -e "$to/$library" ]; then
	python3 -m pip download -q --no-deps --only-binary=:all: --platform manylinux1_x86_64 -d "$to" nvidia-cuda-nvrtc-cu12==12.0.76 >&2
	sha256sum --check --quiet <<<"$sum  $to/$wheel" >&2
	python3 -m zipfile -e "$to/$wheel" "$to"
	rm "$to/$wheel"
fi
echo "$to/$library"
