"""Nearest neighbours: cradio against PyTorch's matmul + topk, in alternation.

    go test -c -o eval.test ./radio/eval && python bench/peers/knn.py ./eval.test [--rounds 5] [--threads 2] [--json FILE]

10,000 queries among 50,000 rows of 768, k = 20, cosine similarity: each side normalises the rows, and finds the neighbours. PyTorch
takes the queries in blocks, as memory demands; of several sizes of a block, the fastest counts. Rounds in which the machine was
disturbed are repeated: see gate.py. With --bfloat16 PyTorch's products in bfloat16 are measured too, for information: their
neighbours are not exact.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import time

import torch

import gate

parser = argparse.ArgumentParser()
parser.add_argument("binary", help="what go test -c has built of radio/eval")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--bfloat16", action="store_true", help="also PyTorch's products in bfloat16")
parser.add_argument("--json", help="file to write")
opt = parser.parse_args()
torch.set_num_threads(opt.threads)
generator = torch.Generator().manual_seed(1)
train, queries = (torch.rand(n, 768, generator=generator) - 0.5 for n in (50_000, 10_000))


def search(block, dtype=torch.float32):
    began = time.perf_counter()
    a = torch.nn.functional.normalize(train, dim=1).to(dtype).T
    for q in torch.nn.functional.normalize(queries, dim=1).to(dtype).split(block):
        (q @ a).topk(20, 1)
    return time.perf_counter() - began


def ours():
    out = subprocess.run([opt.binary, "-test.run", "^$", "-test.bench", "^BenchmarkNearest$", "-test.benchtime", "1x"], check=True, text=True,
                         stdout=subprocess.PIPE, env=os.environ | {"GOMAXPROCS": str(opt.threads)}).stdout
    return int(re.search(r"(\d+) ns/op", out)[1]) / 1e9


with torch.inference_mode():
    block = min((256, 1000, 2500), key=search)
    entrants = {"torch": lambda: search(block), "cradio": ours}
    if opt.bfloat16:
        entrants["torch16"] = lambda: search(block, torch.bfloat16)
    times, discarded = gate.Gate().rounds(entrants, opt.rounds)
m = gate.medians(times)
print(f"medians of {len(times['cradio'])} rounds, {discarded} disturbed: " + ", ".join(f"{name} {t:.2f} s" for name, t in m.items()), f"(PyTorch {torch.__version__}, blocks of {block})")
if len(m) > 1:
    print(f"torch / cradio: {m['torch'] / m['cradio']:.2f}")
if opt.json:
    with open(opt.json, "w") as f:
        json.dump({"torch": torch.__version__, "machine": platform.processor() or platform.machine(), "threads": opt.threads, "block": block, "seconds": times,
                   "disturbed_rounds": discarded, "medians": m, "ratio": m["torch"] / m["cradio"] if len(m) > 1 else None}, f, indent=1)
