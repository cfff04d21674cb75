"""Nearest neighbours: cradio against PyTorch's matmul + topk, in alternation.

    go test -c -o eval.test ./radio/eval && python bench/peers/knn.py ./eval.test [--rounds 5] [--threads 2]

10,000 queries among 50,000 rows of 768, k = 20, cosine similarity: each side normalises the rows, and finds the neighbours. PyTorch
takes the queries in blocks, as memory demands; of several sizes of a block, the fastest counts. It prints the seconds of each round,
and the ratio of the medians. Run it on an idle machine.
"""
import argparse
import os
import re
import statistics
import subprocess
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("binary", help="what go test -c has built of radio/eval")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
opt = parser.parse_args()
torch.set_num_threads(opt.threads)
generator = torch.Generator().manual_seed(1)
train, queries = (torch.rand(n, 768, generator=generator) - 0.5 for n in (50_000, 10_000))


def search(block):
    began = time.perf_counter()
    a = torch.nn.functional.normalize(train, dim=1).T
    for q in torch.nn.functional.normalize(queries, dim=1).split(block):
        (q @ a).topk(20, 1)
    return time.perf_counter() - began


def ours():
    out = subprocess.run([opt.binary, "-test.run", "^$", "-test.bench", "^BenchmarkNearest$", "-test.benchtime", "1x"], check=True, text=True,
                         stdout=subprocess.PIPE, env=os.environ | {"GOMAXPROCS": str(opt.threads)}).stdout
    return int(re.search(r"(\d+) ns/op", out)[1]) / 1e9


with torch.inference_mode():
    block = min((256, 1000, 2500), key=search)
    peer, own = [], []
    for _ in range(opt.rounds):
        peer.append(search(block))
        own.append(ours())
        print(f"PyTorch {peer[-1]:.2f} s (blocks of {block})   cradio {own[-1]:.2f} s", flush=True)
p, o = statistics.median(peer), statistics.median(own)
print(f"medians: PyTorch {torch.__version__} {p:.2f} s, cradio {o:.2f} s: {p / o:.2f} × as fast")
