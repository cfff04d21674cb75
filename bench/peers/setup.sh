#!/usr/bin/env bash
# Installs the peers, and makes the files that they run: setup.sh [FOLDER]
# FOLDER (default ~/.cache/cradio-bench) gets venv/ and models/, some 9 GB in all. What is there is kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/cradio-bench}
mkdir -p "$folder"

[ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
python=$folder/venv/bin/python
torch=$(grep '^torch==' "$here/requirements.txt")
"$python" -c 'import torch' 2>/dev/null ||
	"$python" -m pip install -q "$torch" --index-url https://download.pytorch.org/whl/cpu ||
	echo "no CPU build of $torch to be had: taking PyPI's"
"$python" -m pip install -q -r "$here/requirements.txt"

"$python" "$here/export.py" "$folder/models" B:224,432,1024 L:224,432
