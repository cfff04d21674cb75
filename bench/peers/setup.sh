#!/usr/bin/env bash
# Installs the peers, and makes their model files: setup.sh [FOLDER]
# FOLDER (default ~/.cache/cradio-bench) gets venv/ and models/, about 9 GB. Existing files are kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/cradio-bench}
mkdir -p "$folder"

[ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
python=$folder/venv/bin/python
torch=$(grep '^torch==' "$here/requirements.txt")
"$python" -c 'import torch' 2>/dev/null ||
	"$python" -m pip install -q "$torch" --index-url https://download.pytorch.org/whl/cpu ||
	echo "no CPU build of $torch found: installing the one from PyPI"
"$python" -m pip install -q -r "$here/requirements.txt"

"$python" "$here/export.py" "$folder/models" B:224,432,1024 L:224,432
