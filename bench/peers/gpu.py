"""What PyTorch reaches on a GPU with encoders of C-RADIOv2's shapes, in bfloat16.

    python bench/peers/gpu.py [--seconds 110] [--device cpu --tiny]     (the last two: a dry run)

An encoder is at its best here: all weights in bfloat16, one block compiled by torch.compile (and eager, for comparison), the whole
forward pass captured in a CUDA graph, inputs on the device. Weights are random, of which speed does not depend. The shapes come in
order of interest; what the time does not suffice for is left out, and says so.
"""
import argparse
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

from capture import captured

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=110)
parser.add_argument("--device", default="cuda")
parser.add_argument("--tiny", action="store_true")
opt = parser.parse_args()
began = time.monotonic()
gpu = opt.device == "cuda"
torch.set_grad_enabled(False)


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        batch, tokens, dim = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, dim))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


def seconds(run, rounds=9):
    """The median of rounds of enough calls to fill 20 ms, by events of the device."""
    if not gpu:
        start = time.monotonic()
        run()
        return time.monotonic() - start

    def once(n):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(n):
            run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1e3 / n

    n = max(1, int(0.02 / once(1)))
    return statistics.median(once(n) for _ in range(rounds))


def measure(name, dim, blocks, heads, size, batch):
    tokens = (size // 16) ** 2 + 8
    flops = batch * blocks * (24 * tokens * dim * dim + 4 * tokens * tokens * dim)
    model = nn.ModuleList(Block(dim, heads) for _ in range(blocks)).to(opt.device, torch.bfloat16)
    x = torch.randn(batch, tokens, dim, device=opt.device, dtype=torch.bfloat16)
    for kind in ("eager", "compiled"):
        if opt.seconds - (time.monotonic() - began) < 12:
            print(f"{name} {size} px, batch {batch}, {kind}: no time left", flush=True)
            continue
        torch._dynamo.reset()
        forward = Block.forward if kind == "eager" else torch.compile(Block.forward, dynamic=False)

        def run():
            y = x
            for block in model:
                y = forward(block, y)
            return y

        took = seconds(captured(run) if gpu else run)
        print(f"{name} {size} px, batch {batch}, {kind}: {took * 1e3:.3f} ms {batch / took:.1f} images/s {flops / took / 1e12:.1f} TFLOP/s", flush=True)


B, L = ("B", 768, 12, 12), ("L", 1024, 24, 16)
shapes = [(L, 432, 64), (L, 432, 1), (B, 224, 1), (B, 224, 64), (L, 224, 64), (B, 432, 64), (L, 224, 1), (B, 432, 1), (L, 432, 8), (L, 1024, 8), (B, 224, 8), (L, 224, 8), (B, 432, 8)]
if opt.tiny:
    shapes = [(("tiny", 64, 2, 1), 32, 1)]
for model, size, batch in shapes:
    measure(*model, size, batch)
