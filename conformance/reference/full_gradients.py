"""Gradient bundles of full-size models: chosen rows of the gradient of every parameter, and of the image.

    python full_gradients.py [--out DIR] [--seed TEXT] [--only NAME]

A bundle `full/NAME-grad` is laid out like `nano/NAME-grad`, with one difference: for a parameter of more than 4096
elements `truth/KEY` holds the rows (entries of the first axis) that `rows/KEY` (int64) lists; of the position table
(1, R·R, D) and of other tensors whose first axis is 1, rows of the second axis. PyTorch's own error is measured on those rows.
"""
import argparse
import copy
from pathlib import Path

import numpy as np
import torch

import make as M
import reference as R


def chosen(name, v):
    """The axis and the rows that are kept of a gradient; None: all of it."""
    if v.numel() <= 4096:
        return None
    axis = 1 if v.shape[0] == 1 else 0
    n = v.shape[axis]
    if name == "input":
        return None
    if axis == 1:  # position table: rows that the picture reads, those with a gradient
        return axis, v[0].abs().sum(1).topk(16).indices.sort().values
    return axis, torch.linspace(0, n - 1, 4).round().long()


def gradients(b, seed, variant, h, w, batch):
    name = f"full/{variant}-grad"
    if not b.wants(name):
        return
    hf = M.FULL[variant]
    cfg = R.Config(copy.deepcopy(hf), True)
    u8 = M.pixels(f"{seed}input.grad.{variant}", batch, h, w)
    x, tensors, grads = M.image(u8), {"pixels": u8}, {}
    for dtype in (torch.float64, torch.float32):
        state = R.checkpoint(cfg, seed, dtype)
        for v in state.values():
            if v.is_floating_point():
                v.requires_grad_()
        xi = x.to(dtype).requires_grad_()
        taps = R.Model(cfg, state)(xi)
        loss = 0
        for out in ("summary", "features"):
            weight = torch.from_numpy(R.signed(f"{seed}loss.{out}", tuple(taps[out].shape), 1.0))
            tensors["weight/" + out] = weight
            loss = loss + (taps[out] * weight.to(dtype)).sum()
        loss.backward()
        grads[dtype] = {"input": xi.grad, "loss": loss.detach().reshape(1)}
        grads[dtype] |= {k: v.grad for k, v in state.items() if v.requires_grad and v.grad is not None}
    truth, single = grads[torch.float64], grads[torch.float32]
    err, size = {}, {}
    for k, v in truth.items():
        g, c = single[k], chosen(k, v)
        if c is not None:
            axis, rows = c
            v, g = v.index_select(axis, rows), g.index_select(axis, rows)
            tensors[f"rows/{k}"] = rows
        tensors[f"truth/{k}"] = M.kept(v)
        err[k], size[k] = M.error(g, v), v.square().mean().sqrt().item()
    b.write(name, tensors, config=hf, seed=seed, align_corners=True, height=h, width=w, batch=batch,
            torch_error=dict(float32=err, rms_of_truth=size))


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1])
    p.add_argument("--seed", default="")
    p.add_argument("--only", default="")
    o = p.parse_args()
    torch.set_num_threads(2)
    b = M.Bundles(o.out, o.only)
    gradients(b, o.seed, "B", 96, 144, 2)
    gradients(b, o.seed, "L", 64, 64, 1)
