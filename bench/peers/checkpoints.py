"""The model folders of the benchmark, and their contents.

A model folder is like those on the Hugging Face hub (config.json, model.safetensors), with synthetic weights. It also holds the
files that export.py makes: `224.onnx`, `224-int8.onnx`, `224-int8.xml` and so on, for each size.
"""
import json
import sys
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "conformance" / "reference"))


def folder(case):
    """The model folder of a case."""
    return Path(case["folder"]) / case["model"]


def load(folder, size):
    """The PyTorch module of a model folder. Its weights are views of the mapped file."""
    import reference as R
    from safetensors.torch import load_file

    from model import Radio
    cfg = R.Config(json.loads((Path(folder) / "config.json").read_text()))
    return Radio(cfg, load_file(Path(folder) / "model.safetensors"), size).eval()


def values(n):
    """(n,) float32 in [0, 1]: the top byte of index·2654435761 mod 2³², divided by 255. values in bench/entrant.go is the same."""
    index = np.arange(n, dtype=np.uint32)
    return (index * np.uint32(2654435761) >> np.uint32(24)).astype(np.float32) / np.float32(255)


def pixels(batch, size):
    """(B, 3, size, size): Pixels in bench/entrant.go is the same."""
    return values(batch * 3 * size * size).reshape(batch, 3, size, size)
