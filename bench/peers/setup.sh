#!/usr/bin/env bash
# Installs the peers, and makes their model files: setup.sh [FOLDER]
# FOLDER (default ~/.cache/cradio-bench) gets venv/ and models/, about 9 GB. Existing files are kept.
# PYTHON is the interpreter, python3 unless it is set: macOS has an older one than the peers want.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/cradio-bench}
mkdir -p "$folder"

python=$folder/venv/bin/python
if [ ! -x "$python" ]; then
	base=${PYTHON:-python3}
	"$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
		echo "$base is $("$base" --version 2>&1): the peers need Python 3.11 or later; set PYTHON to one" >&2
		exit 1
	}
	"$base" -m venv "$folder/venv"
fi
torch=$(grep '^torch==' "$here/requirements.txt")
"$python" -c 'import torch' 2>/dev/null ||
	"$python" -m pip install -q "$torch" --index-url https://download.pytorch.org/whl/cpu ||
	echo "no CPU build of $torch found: installing the one from PyPI"
"$python" -m pip install -q -r "$here/requirements.txt"

"$python" "$here/export.py" "$folder/models" B:224,432,1024 L:224,432
