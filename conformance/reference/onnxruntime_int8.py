"""Measures the error of ONNX Runtime's dynamic int8 on the bundles of full/: the limit of our own int8.

    python onnxruntime_int8.py [--only TEXT] [--again]

Each model is exported to ONNX at the size of its bundle. onnxruntime.quantization.quantize_dynamic quantises its weights to
symmetric int8, and activations to uint8 with one scale per tensor and run. Weights have one scale per output channel, or one
per tensor. The error with the smaller rms is written to MANIFEST.json, as `onnxruntime_int8` of summary and features, if it is
missing there. Needs torch, onnx, onnxruntime and onnxscript. -g needs 15 GB of memory, and 9 GB of disk under TMPDIR.
"""
import argparse
import logging
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import onnx
import onnxruntime as ort
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

import make as M
import reference as R

OUTPUTS = ("summary", "features")
THREADS = 2


class Graph(torch.nn.Module):
    """(B, 3, H, W) in [0, 1] -> summary (B, C) and features (B, N, D)."""

    def __init__(self, cfg, state):
        super().__init__()
        self.model = R.Model(cfg, state)

    def forward(self, x):
        taps = self.model(x)
        return tuple(taps[name] for name in OUTPUTS)


def apart(step, *args):
    """Runs a step in a separate process, since exporter and quantiser do not free gigabytes of memory."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), quiet) as pool:
        return pool.submit(step, *args).result()


def quiet():
    torch.set_num_threads(THREADS)
    logging.disable(logging.WARNING)


def export(entry, x, path):
    """Writes the model of the bundle in float32, with external weights: -H and -g exceed the size limit of an ONNX file."""
    cfg = R.Config(entry["config"], entry["align_corners"])
    with torch.no_grad():
        program = torch.onnx.export(Graph(cfg, R.checkpoint(cfg, entry["seed"])).eval(), (x,), dynamo=True, opset_version=20,
                                    input_names=["pixels"], output_names=OUTPUTS, verbose=False)
    program.save(path, external_data=True)
    return 1 + 4 * cfg.blocks  # patch embedding; qkv, proj, fc1 and fc2 of each block


def quantise(source, path, per_channel, matrices):
    quantize_dynamic(source, path, weight_type=QuantType.QInt8, per_channel=per_channel, use_external_data_format=True)
    found = sum(node.op_type == "MatMulInteger" for node in onnx.load(path, load_external_data=False).graph.node)
    if found != matrices:
        raise ValueError(f"{path.name}: {found} of {matrices} weight matrices were quantised, want all")


def measure(path, x, tensors):
    """The error of a graph on the rows in the bundle."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    got = dict(zip(OUTPUTS, map(torch.from_numpy, session.run(OUTPUTS, {"pixels": x.numpy()}))))
    got["features"] = got["features"][:, tensors["feature_rows"]]
    return {name: M.error(got[name], tensors["truth/" + name]) for name in OUTPUTS}


def dynamic_int8(entry, tensors, folder):
    """The errors of both quantisations, by name."""
    x = M.image(tensors["pixels"].permute(2, 0, 1)[None])
    plain = folder / "float32.onnx"
    matrices = apart(export, entry, x, plain)
    for name, e in apart(measure, plain, x, tensors).items():
        mark = entry["torch_error"]["float32"][name]["rms"]
        if not e["rms"] < 3 * mark:
            raise ValueError(f"{name} of the exported graph has an rms error of {e['rms']:.3g} in float32, PyTorch's is {mark:.3g}: "
                             "it is not the bundle's model; was it made by another version of reference.py?")
    errors = {}
    for per_channel in (True, False):
        with tempfile.TemporaryDirectory(dir=folder) as sub:
            path = Path(sub) / "int8.onnx"
            apart(quantise, plain, path, per_channel, matrices)
            errors["per channel" if per_channel else "per tensor"] = apart(measure, path, x, tensors)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=Path(__file__).resolve().parent.parent, help="folder of the bundles (default: the folder above)")
    parser.add_argument("--only", default="", help="measure only bundles whose name contains this")
    parser.add_argument("--again", action="store_true", help="measure again, also bundles that have the error")
    args = parser.parse_args()
    b = M.Bundles(args.out, args.only)
    for name, entry in sorted(b.entries.items()):
        if not name.startswith("full/") or not b.wants(name) or ("onnxruntime_int8" in entry and not args.again):
            continue
        tensors, _ = R.load(b.out / f"{name}.safetensors")
        with tempfile.TemporaryDirectory() as folder:
            errors = dynamic_int8(entry, tensors, Path(folder))
        entry["onnxruntime_int8"] = {n: min((e[n] for e in errors.values()), key=lambda e: e["rms"]) for n in OUTPUTS}
        b.save()
        for kind, e in errors.items():
            for n in OUTPUTS:
                truth = tensors["truth/" + n].double().square().mean().sqrt().item()
                print(f"{name}, scales {kind}: {n} max {e[n]['max']:.4g}, rms {e[n]['rms']:.4g}, {e[n]['rms'] / truth:.3%} of the reference", flush=True)


if __name__ == "__main__":
    main()
