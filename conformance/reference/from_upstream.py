"""Makes a bundle from the original model and your own checkpoint, for `cradio conformance --bundles DIR --model MODEL`.

    python from_upstream.py MODEL --out DIR [--size 432 432] [--picture FILE] [--name NAME]

MODEL is a folder that huggingface_hub has downloaded, with config.json, the weights, and the model's Python code. This script
runs that code: read it first. If the hub can be reached, MODEL can also be a name such as nvidia/C-RADIOv2-B. cradio then
needs the folder to which it was downloaded.

Needs torch, numpy, transformers, timm, einops, safetensors, Pillow, and scikit-image for the default image. It keeps the
weights in float32 and in float64 in memory: 12 bytes per parameter.
"""
import argparse
import contextlib
import copy
import json
from pathlib import Path

import numpy as np
import PIL.Image
import safetensors.torch
import torch
import torch.nn.functional as F
import transformers

import make as M


def open_model(name):
    """The original model in float32, with exactly the weights in its files, and its config.json."""
    folder = Path(name)
    if not folder.is_dir():
        import huggingface_hub
        folder = Path(huggingface_hub.snapshot_download(name, ignore_patterns=["*.pth.tar", "*.bin"]))
    model = transformers.AutoModel.from_pretrained(folder, trust_remote_code=True, dtype=torch.float32).eval().float()
    state = {}
    for path in sorted(folder.glob("*.safetensors")):
        state |= safetensors.torch.load_file(path)
    absent = model.load_state_dict(state, strict=False)  # in any precision that the config has set
    if absent.missing_keys:
        raise SystemExit(f"{folder}: the checkpoint lacks {', '.join(absent.missing_keys)}")
    print("not used by the model:", ", ".join(absent.unexpected_keys) or "nothing")
    return model, json.loads((folder / "config.json").read_text())


@contextlib.contextmanager
def float64_throughout():
    """Upstream sometimes converts to float32, by Tensor.float(). The reference must not."""
    narrow = torch.Tensor.float
    torch.Tensor.float = lambda t, *a, **k: t if t.dtype == torch.float64 else narrow(t, *a, **k)
    try:
        yield
    finally:
        torch.Tensor.float = narrow


@contextlib.contextmanager
def align_corners(seen):
    """Records in `seen` how the position embeddings are resized."""
    resize = F.interpolate

    def watched(*args, **kwargs):
        seen.append(bool(kwargs.get("align_corners")))
        return resize(*args, **kwargs)

    F.interpolate = watched
    try:
        yield
    finally:
        F.interpolate = resize


def run(model, x):
    """The outputs, and the input and output tokens of every block, with the names of reference.py."""
    inner, taps, hooks = model.radio_model, {}, []

    def tap(name, module):
        hooks.append(module.register_forward_hook(lambda _module, _inputs, out: taps.__setitem__(name, out)))

    tap("tokens", inner.model.patch_generator)
    for i, block in enumerate(inner.model.blocks):
        tap(f"block.{i}", block)
    inner.input_conditioner.dtype = x.dtype
    with torch.no_grad():
        out = model(x)
    for hook in hooks:
        hook.remove()
    adaptors = dict(out) if isinstance(out, dict) else {"backbone": out}
    taps["summary"], taps["features"] = adaptors.pop("backbone")
    for name, (summary, features) in adaptors.items():
        taps[f"adaptor.{name}.summary"], taps[f"adaptor.{name}.features"] = summary, features
    return taps


def bundle(b, name, model, config, picture):
    h, w, _ = picture.shape
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
    prefix, step = model.radio_model.num_summary_tokens, model.radio_model.min_resolution_step
    if h % step or w % step:
        raise SystemExit(f"size {h} {w}: must be multiples of {step}")
    patches = h // model.radio_model.patch_size * (w // model.radio_model.patch_size)
    features, tokens = M.chosen_rows(prefix, patches)
    last = len(model.radio_model.model.blocks) - 1

    def keep(taps):
        out = {"summary": taps["summary"]}
        for key in ["tokens"] + [f"block.{i}" for i in sorted({0, 1, last // 3, 2 * last // 3, last})]:
            out[key] = taps[key][:, tokens]
        for key in taps:
            if key.endswith("features"):
                out[key] = taps[key][:, features]
            elif key.startswith("adaptor."):
                out[key] = taps[key]
        return out

    seen = []
    with align_corners(seen):
        got = {"float32": keep(run(model, x))}
    with torch.autocast("cpu", torch.bfloat16):
        got["autocast_bfloat16"] = keep(run(model, x))
    with float64_throughout():
        truth = keep(run(copy.deepcopy(model).double(), x.double()))
    error = {kind: {k: M.error(v[k], truth[k]) for k in truth} for kind, v in got.items()}
    error["rms_of_truth"] = {k: v.double().square().mean().sqrt().item() for k, v in truth.items()}
    tensors = {"pixels": torch.from_numpy(picture), "feature_rows": features, "token_rows": tokens}
    tensors |= {f"truth/{k}": M.kept(v) for k, v in truth.items()}
    b.write(name, tensors, config=config, seed="", synthetic=False, align_corners=seen[0] if seen else True, height=h, width=w,
            batch=1, versions=dict(torch=torch.__version__, transformers=transformers.__version__), torch_error=error)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--out", required=True, help="folder for the bundle; an entry is added to its MANIFEST.json")
    parser.add_argument("--size", nargs=2, type=int, default=(432, 432), metavar=("H", "W"))
    parser.add_argument("--picture", help="image file (default: the astronaut of scikit-image)")
    parser.add_argument("--name", help="name of the bundle (default: the last part of MODEL)")
    opt = parser.parse_args()
    height, width = opt.size
    if opt.picture:
        image = np.array(PIL.Image.open(opt.picture).convert("RGB").resize((width, height), PIL.Image.BICUBIC))
    else:
        image = M.photo(height, width)
    original, conf = open_model(opt.model)
    bundle(M.Bundles(opt.out), f"upstream/{opt.name or Path(opt.model).name}-{height}x{width}", original, conf, image)
