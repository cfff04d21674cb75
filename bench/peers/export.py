"""Makes the files that the peers run: python export.py FOLDER B:224,432,1024 L:224,432

For each model, it writes FOLDER/B/config.json, and model.safetensors with synthetic weights. For each size, it writes an ONNX
graph with a dynamic batch size, the same in dynamic int8 by ONNX Runtime, and in static int8 by NNCF, for OpenVINO. Existing
files are kept.
"""
import argparse
import importlib.util
import shutil
from pathlib import Path

import torch

import checkpoints


def checkpoint(folder, name):
    import json

    import reference as R
    folder.mkdir(parents=True, exist_ok=True)
    source = checkpoints.REPOSITORY / "radio" / "configs" / f"{name}.json"
    if not (folder / "model.safetensors").exists():
        R.save(folder / "part.tmp", R.checkpoint(R.Config(json.loads(source.read_text()))))
        (folder / "part.tmp").rename(folder / "model.safetensors")
    shutil.copyfile(source, folder / "config.json")


def onnx(folder, size):
    path = folder / f"{size}.onnx"
    if path.exists():
        return path
    example = torch.from_numpy(checkpoints.pixels(2, size))
    with torch.no_grad():
        program = torch.onnx.export(
            checkpoints.load(folder, size), (example,), dynamo=True, opset_version=20, input_names=["pixels"],
            output_names=["summary", "features"], dynamic_shapes={"x": {0: torch.export.Dim("batch")}}, verbose=False)
    program.save(folder / "part.onnx", external_data=False)
    (folder / "part.onnx").rename(path)
    return path


def onnx_int8(folder, size):
    """Dynamic quantisation of onnxruntime.quantization: weights per channel, activations per tensor and run."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    path = folder / f"{size}-int8.onnx"
    if not path.exists():
        quantize_dynamic(folder / f"{size}.onnx", folder / "part.onnx", weight_type=QuantType.QInt8, per_channel=True)
        (folder / "part.onnx").rename(path)


def openvino_int8(folder, size):
    """Static quantisation by NNCF, calibrated on a few synthetic images."""
    import nncf
    import openvino
    path = folder / f"{size}-int8.xml"
    if path.exists():
        return
    model = openvino.Core().read_model(folder / f"{size}.onnx")
    data = nncf.Dataset([checkpoints.pixels(1, size) * scale for scale in (1, 0.75, 0.5)])
    openvino.save_model(nncf.quantize(model, data, model_type=nncf.ModelType.TRANSFORMER, subset_size=3), path)


INT8_SIZES = 432  # larger ones take long to quantise, and are compared in float32 and bfloat16 only


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", nargs="+", metavar="MODEL:SIZE,…")
    parser.add_argument("--no-int8", action="store_true")
    args = parser.parse_args()
    for model in args.models:
        name, _, sizes = model.partition(":")
        folder = args.folder / name
        checkpoint(folder, name)
        for size in map(int, sizes.split(",")):
            print(f"{name} at {size} px", flush=True)
            onnx(folder, size)
            if not args.no_int8 and size <= INT8_SIZES:
                onnx_int8(folder, size)
                if importlib.util.find_spec("openvino"):  # x86 alone, see requirements.txt
                    openvino_int8(folder, size)


if __name__ == "__main__":
    main()
