#!/usr/bin/env bash
# Fetches NVIDIA's header cuda.h into a folder, and prints the flags of the C compiler that find it. It is in a
# wheel of NVIDIA at the Python package index, 3.5 MB; nothing is installed. With "13" the headers of CUDA 13.
#
#	CGO_ENABLED=1 CGO_CFLAGS="$(cuda/driver/headers.sh FOLDER)" go build -tags nvidia ./cmd/cradio
set -euo pipefail
to=${1:?usage: headers.sh FOLDER [12|13]}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$to"
to=$(cd "$to" && pwd)
case ${2:-12} in
12)
	wheel=nvidia-cuda-runtime-cu12==12.9.79
	file=nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl
	sum=25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3
	include=nvidia/cuda_runtime/include
	;;
13)
	wheel=nvidia-cuda-runtime==13.5.37
	file=nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl
	sum=df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d
	include=nvidia/cu13/include
	;;
*)
	echo "usage: headers.sh FOLDER [12|13]" >&2
	exit 2
	;;
esac
if [ ! -e "$to/$include/cuda.h" ]; then
	python3 -m pip download -q --no-deps --only-binary=:all: --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 -d "$to" "$wheel" >&2
	(cd "$to" && sha256sum --check --quiet <<<"$sum  $file" >&2)
	python3 -m zipfile -e "$to/$file" "$to"
	rm "$to/$file"
fi
if [ "${2:-12}" = 13 ]; then
	mkdir -p "$to/before"
	cp "$here/cuda13.h" "$to/before/cuda.h"
	echo -n "-I$to/before "
fi
echo "-I$to/$include"
