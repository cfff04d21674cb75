"""Writes loader/testdata/dtypes.safetensors: a tensor (4, 2) of every type of the safetensors reference library.

Run from this folder:  python loader_dtypes.py      (needs numpy and safetensors)
The header starts with spaces, and its metadata is null. The script checks that the reference library reads this too.
"""
import json
import pathlib
import struct

import numpy as np
from safetensors import safe_open

TO = pathlib.Path("../../loader/testdata/dtypes.safetensors")
BITS = {
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E8M0": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "BOOL": 8, "C64": 64, "I8": 8, "I16": 16, "I32": 32, "I64": 64, "U8": 8, "U16": 16, "U32": 32, "U64": 64, "BF16": 16,
}
REAL = {"F16": np.float16, "F32": np.float32, "F64": np.float64}

numbers = np.arange(8)
tensors = {d: bytes(range(bits)) for d, bits in BITS.items()}  # 8 elements of n bits are n bytes
tensors |= {d: numbers.astype(t).tobytes() for d, t in REAL.items()}
tensors["BF16"] = b"".join(x.tobytes()[2:] for x in numbers.astype(np.float32))
tensors["F32 again"] = tensors["F32"]

header, at = {"__metadata__": None}, 0
for name, data in tensors.items():
    header[name] = {"dtype": name.split()[0], "shape": [4, 2], "data_offsets": [at, at + len(data)]}
    at += len(data)
text = "  " + json.dumps(header)
text += " " * (-len(text) % 8)
TO.write_bytes(struct.pack("<Q", len(text)) + text.encode() + b"".join(tensors.values()))

with safe_open(TO, "np") as f:
    assert sorted(f.keys()) == sorted(tensors)
    for name in tensors:
        assert f.get_slice(name).get_shape() == [4, 2]
