"""Loads heads that cradio saved into the torch.nn.Module of their kind, with strict=True, and compares their outputs.

    go test ./radio/head -run TestForTorch -write DIR
    python torch_heads.py DIR

Each folder of DIR has head.json, head.safetensors and example.safetensors: the sources, by their names, and the output at
inference. The modules below are what users of PyTorch write; `pool` is timm's. Folders of adapters are
loaded by PEFT and merged. Needs torch, safetensors, timm and peft.
"""
import json
import sys
from functools import partial
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

import statement as S


def norm(spec, dim, module):
    n = spec.get("norm")
    return None if n is None else module(dim, eps=n.get("eps", 1e-5), momentum=n.get("momentum", 0.1), affine=n.get("affine", False))


class Linear(nn.Module):
    def __init__(self, spec):
        super().__init__()
        d = sum(spec["widths"])
        self.norm = norm(spec, d, nn.BatchNorm1d)
        self.head = nn.Linear(d, spec["outputs"])

    def forward(self, xs, grid):
        x = torch.cat(xs, -1)
        return self.head(x if self.norm is None else self.norm(x))


class MLP(nn.Module):
    def __init__(self, spec):
        super().__init__()
        d, e = sum(spec["widths"]), spec["hidden"][0]
        self.norm = norm(spec, d, nn.BatchNorm1d)
        self.fc1, self.fc2 = nn.Linear(d, e), nn.Linear(e, spec["outputs"])

    def forward(self, xs, grid):
        x = torch.cat(xs, -1)
        return self.fc2(F.gelu(self.fc1(x if self.norm is None else self.norm(x))))


class Attentive(nn.Module):
    def __init__(self, spec):
        super().__init__()
        from timm.layers import AttentionPoolLatent
        d = spec["widths"][0]
        hidden = spec.get("hidden", [4 * d])[0]
        self.pool = AttentionPoolLatent(d, num_heads=spec["num_heads"], mlp_ratio=hidden / d, norm_layer=partial(nn.LayerNorm, eps=1e-6))
        self.head = nn.Linear(d, spec["outputs"])

    def forward(self, xs, grid):
        return self.head(self.pool(xs[0]))


class Segment(nn.Module):
    def __init__(self, spec):
        super().__init__()
        d = sum(spec["widths"])
        self.bn = norm(spec, d, nn.BatchNorm2d) or nn.BatchNorm2d(d)
        self.conv_seg = nn.Conv2d(d, spec["outputs"], 1)

    def forward(self, xs, grid):
        return self.conv_seg(self.bn(S.planes(torch.cat(xs, -1), grid)))


class Fused(nn.Module):
    def __init__(self, spec):
        super().__init__()
        e = spec["hidden"][0]
        self.linear = nn.ModuleList(nn.Linear(d, e) for d in spec["widths"])
        self.fuse = nn.Conv2d(e * len(spec["widths"]), e, 1)
        self.bn = norm(spec, e, nn.BatchNorm2d) or nn.BatchNorm2d(e)
        self.conv_seg = nn.Conv2d(e, spec["outputs"], 1)

    def forward(self, xs, grid):
        x = torch.cat([S.planes(linear(x), grid) for linear, x in zip(self.linear, xs)], 1)
        return self.conv_seg(F.relu(self.bn(self.fuse(x))))


class Stage(nn.Module):
    def __init__(self, d, e, spec):
        super().__init__()
        self.conv = nn.Conv2d(d, e, 3, padding=1, bias=False)
        self.bn = norm(spec, e, nn.BatchNorm2d) or nn.BatchNorm2d(e)

    def forward(self, x):
        return F.interpolate(F.relu(self.bn(self.conv(x))), scale_factor=2, mode="bilinear", align_corners=False)


class Upsampling(nn.Module):
    def __init__(self, spec):
        super().__init__()
        widths = [spec["widths"][0], *spec["hidden"]]
        self.stage = nn.ModuleList(Stage(d, e, spec) for d, e in zip(widths, widths[1:]))
        self.conv_seg = nn.Conv2d(widths[-1], spec["outputs"], 1)

    def forward(self, xs, grid):
        x = S.planes(xs[0], grid)
        for stage in self.stage:
            x = stage(x)
        return self.conv_seg(x)


class Depth(nn.Module):
    def __init__(self, spec):
        super().__init__()
        d = sum(spec["widths"])
        self.bn = norm(spec, d, nn.BatchNorm2d)
        self.conv_depth = nn.Conv2d(d, spec["outputs"], 1)
        self.bins = spec["depth"]

    def forward(self, xs, grid):
        levels, classes = [x for x in xs if x.ndim == 3], [x for x in xs if x.ndim == 2]
        if classes:  # (B, N, D) and (B, C), of any widths
            levels = [torch.cat([t, c[:, None].expand(-1, t.shape[1], -1)], -1) for t, c in zip(levels, classes)]
        p, b = self.state_dict(), self.bins
        return S.depth(levels, None, grid, p, b["low"], b["high"], bins="log" if b.get("log") else "linear", norm=b.get("weights", "linear"),
                       upsample=b.get("upsample", 1), training=None if self.bn is None else False, buffers=p)


KINDS = dict(linear=Linear, mlp=MLP, attentive=Attentive, segment=Segment, fused=Fused, upsampling=Upsampling, depth=Depth)


def compare(folder):
    spec = json.loads((folder / "head.json").read_text())
    module = KINDS[spec["kind"]](spec).eval()
    module.load_state_dict(load_file(folder / "head.safetensors"), strict=True)
    example = load_file(folder / "example.safetensors")
    grid = tuple(example["grid"].tolist())
    with torch.no_grad():
        y = module([example["source/" + name] for name in spec["input"]], grid)
    if y.ndim == 4:
        y = y.flatten(2).transpose(1, 2)
    off = ((y - example["output"]).abs().max() / example["output"].abs().max()).item()
    print(f"{folder.name:14} {spec['kind']:11} strict=True, output {tuple(y.shape)} off by {off:.1e} of its largest value")
    assert off < 1e-5, folder


class Tree(nn.Module):
    """Modules by dotted names, with the weights of base.safetensors."""

    def __init__(self, state):
        super().__init__()
        for name, w in state.items():
            *path, leaf = name.removesuffix(".weight").split(".")
            at = self
            for part in path:
                if not hasattr(at, part):
                    at.add_module(part, nn.Module())
                at = getattr(at, part)
            linear = nn.Linear(w.shape[1], w.shape[0], bias=False)
            linear.weight = nn.Parameter(w)
            at.add_module(leaf, linear)


def compare_adapter(folder):
    from peft import PeftModel
    base, merged = load_file(folder / "base.safetensors"), load_file(folder / "merged.safetensors")
    with torch.no_grad():
        model = PeftModel.from_pretrained(Tree(base), folder).merge_and_unload()
    state = model.state_dict()
    assert state.keys() == merged.keys()
    off = max(((state[k] - v).abs().max() / v.abs().max()).item() for k, v in merged.items())
    changed = sum(not torch.equal(base[k], v) for k, v in merged.items())
    print(f"{folder.name:14} adapter     PEFT merges {changed} of {len(base)} modules, off by {off:.1e} of the largest value")
    assert off < 1e-6 and changed, folder


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).iterdir()):
        if (path / "adapter_config.json").exists():
            compare_adapter(path)
        elif (path / "head.json").exists():
            compare(path)
