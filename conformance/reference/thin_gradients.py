"""Keep the gradients of some blocks of full/B-grad and full/L-grad, as this repository does: all of them take 7 MB.

    python thin_gradients.py [--out ..]

full_gradients.py makes the whole files. Tensors outside the blocks stay.
"""
import argparse
import hashlib
import json
import re
import struct
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent)
opt = parser.parse_args()
BLOCKS = {"full/B-grad": {0, 5, 11}, "full/L-grad": {0, 11, 23}}


def kept(name):
    block = re.search(r"\.blocks\.(\d+)\.", name)
    return block is None or int(block[1]) in blocks


manifest = json.loads((opt.out / "MANIFEST.json").read_text())
for bundle, blocks in BLOCKS.items():
    path = opt.out / f"{bundle}.safetensors"
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header, data, at, parts = json.loads(raw[8:8 + size]), raw[8 + size:], 0, []
    thin = {"__metadata__": header.pop("__metadata__")}
    for name, t in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        if kept(name):
            begin, end = t["data_offsets"]
            parts.append(data[begin:end])
            thin[name] = t | {"data_offsets": [at, at + end - begin]}
            at += end - begin
    text = json.dumps(thin, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    raw = struct.pack("<Q", len(text)) + text + b"".join(parts)
    path.write_bytes(raw)
    entry = manifest[bundle]
    entry["bytes"], entry["sha256"] = len(raw), hashlib.sha256(raw).hexdigest()
    for peer, errors in entry["torch_error"].items():
        entry["torch_error"][peer] = {name: e for name, e in errors.items() if kept(name)}
(opt.out / "MANIFEST.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
