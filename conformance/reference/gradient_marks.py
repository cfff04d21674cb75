"""Adds PyTorch's error under bfloat16 autocast to the entries of gradient bundles in MANIFEST.json.

    python gradient_marks.py [--out DIR] [--only NAME]

The model's weights are float32, and the forward pass is under autocast, as in training. The error is that of the gradient of
each tensor of the bundle, in the rows that the bundle keeps, against its truth.
"""
import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

import make as M
import reference as R


def kept_rows(v, rows):
    return v if rows is None else v.index_select(1 if v.shape[0] == 1 else 0, rows)


def marks(path, entry):
    tensors = load_file(path)
    cfg = R.Config(entry["config"], entry["align_corners"])
    state = R.checkpoint(cfg, entry["seed"], torch.float32)
    for v in state.values():
        if v.is_floating_point():
            v.requires_grad_()
    x = M.image(tensors["pixels"]).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        taps = R.Model(cfg, state)(x)
    loss = sum((taps[out].float() * tensors["weight/" + out]).sum() for out in ("summary", "features"))
    loss.backward()
    grads = {"input": x.grad, "loss": loss.detach().reshape(1)}
    grads |= {k: v.grad for k, v in state.items() if v.requires_grad and v.grad is not None}
    truth = {k.removeprefix("truth/"): v for k, v in tensors.items() if k.startswith("truth/")}
    return {k: M.error(kept_rows(grads[k], tensors.get(f"rows/{k}")), v) for k, v in truth.items()}


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1])
    p.add_argument("--only", default="")
    o = p.parse_args()
    torch.set_num_threads(2)
    b = M.Bundles(o.out, o.only)
    for name, entry in b.entries.items():
        if name.endswith("-grad") and b.wants(name):
            entry["torch_error"]["autocast_bfloat16"] = marks(o.out / f"{name}.safetensors", entry)
            print(name, flush=True)
    b.save()
