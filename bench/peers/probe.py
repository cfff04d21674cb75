"""Linear probes on cached features: cradio against two loops in PyTorch, in alternation.

    go test -c -o eval.test ./radio/eval && python bench/peers/probe.py ./eval.test [--rounds 5] [--threads 2] [--json FILE]

50,000 rows of 2304 float32, 100 classes, 10 epochs of AdamW in shuffled batches of 1024. The entrants:

    dataloader   what most people write: TensorDataset, DataLoader, nn.Linear, cross_entropy, torch.optim.AdamW(fused=True)
    loop         the same by hand: one permutation an epoch, index_select
    cradio       eval.FitProbe, from float32 features
    bfloat16     eval.FitProbe, from the same features in bfloat16
    rates13      thirteen learning rates at once
    torch16      the loop from bfloat16 features under autocast, for information

Data are drawn with torch, written to a file, and mapped by cradio. Reading it is in no time. Accuracies on 10,000 other rows are
printed: they should agree. CRADIO_CPU and ATEN_CPU_CAPABILITY, ONEDNN_MAX_CPU_ISA, MKL_ENABLE_INSTRUCTIONS limit the instructions.
"""
import argparse
import json
import os
import platform
import re
import struct
import subprocess
import tempfile
import time

import torch

import gate

ROWS, TEST, WIDTH, CLASSES, EPOCHS, BATCH, RATE = 50_000, 10_000, 2304, 100, 10, 1024, 1e-3

parser = argparse.ArgumentParser()
parser.add_argument("binary", help="what go test -c has built of radio/eval")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--entrants", default="dataloader,loop,cradio,bfloat16,rates13", help="and torch16")
parser.add_argument("--json", help="file to write")
opt = parser.parse_args()
torch.set_num_threads(opt.threads)

generator = torch.Generator().manual_seed(1)
centres = torch.randn(CLASSES, WIDTH, generator=generator)


def draw(n):
    """Classes that overlap, in noise of all directions."""
    y = torch.randint(CLASSES, (n,), generator=generator)
    return (0.06 * centres[y] + torch.randn(n, WIDTH, generator=generator)).contiguous(), y


x, y = draw(ROWS)
test, test_y = draw(TEST)
x16 = x.bfloat16()


def write(path):
    """A safetensors file, by hand: the peers' Python need not have the library."""
    tensors = {"train.float32": ("F32", x), "train.bfloat16": ("BF16", x16), "train.labels": ("I64", y),
               "test.float32": ("F32", test), "test.bfloat16": ("BF16", test.bfloat16()), "test.labels": ("I64", test_y)}
    header, at = {}, 0
    for name, (kind, t) in tensors.items():
        size = t.numel() * t.element_size()
        header[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64 + 56)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, t in tensors.values():
            f.write(memoryview(t.view(torch.uint8 if t.dtype != torch.bfloat16 else torch.int16).numpy()).cast("B"))


accuracy = {}


def train(name, batches, autocast=False):
    torch.manual_seed(0)
    began = time.perf_counter()
    model = torch.nn.Linear(WIDTH, CLASSES)
    adam = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, EPOCHS * -(-ROWS // BATCH))
    for _ in range(EPOCHS):
        for a, b in batches():
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                z = model(a)
            loss = torch.nn.functional.cross_entropy(z.float(), b)
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()
    took = time.perf_counter() - began
    with torch.no_grad():
        accuracy[name] = 100 * float((model(test).argmax(1) == test_y).double().mean())
    return took


def by_hand(features):
    order = torch.randperm(ROWS)
    for i in range(0, ROWS, BATCH):
        j = order[i:i + BATCH]
        yield features.index_select(0, j), y.index_select(0, j)


loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=BATCH, shuffle=True)


def ours(name):
    out = subprocess.run([opt.binary, "-test.run", "^$", "-test.bench", f"^BenchmarkProbe$/^{name}$", "-test.benchtime", "1x", "-probe", path], check=True, text=True,
                         stdout=subprocess.PIPE, env=os.environ | {"GOMAXPROCS": str(opt.threads)}).stdout
    accuracy[name] = float(re.search(r"([\d.]+) %accuracy", out)[1])
    return int(re.search(r"(\d+) ns/op", out)[1]) / 1e9


entrants = {"dataloader": lambda: train("dataloader", lambda: loader), "loop": lambda: train("loop", lambda: by_hand(x)), "cradio": lambda: ours("float32"),
            "bfloat16": lambda: ours("bfloat16"), "rates13": lambda: ours("rates13"), "torch16": lambda: train("torch16", lambda: by_hand(x16), autocast=True)}
with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/dev/shm")) as folder:
    path = os.path.join(folder, "features.safetensors")
    write(path)
    times, discarded = gate.Gate().rounds({name: entrants[name] for name in opt.entrants.split(",")}, opt.rounds)
m = gate.medians(times)
print("medians: " + ", ".join(f"{name} {t:.2f} s" for name, t in m.items()), f"({len(next(iter(times.values())))} rounds, {discarded} disturbed)")
print("accuracies: " + ", ".join(f"{name} {a:.2f} %" for name, a in accuracy.items()))
ratios = {}
for own, peer in (("cradio", "loop"), ("cradio", "dataloader"), ("bfloat16", "loop"), ("bfloat16", "dataloader"), ("bfloat16", "torch16")):
    if own in m and peer in m:
        ratios[f"{peer} / {own}"] = m[peer] / m[own]
if "rates13" in m and "cradio" in m:
    ratios["rates13 / cradio"] = m["rates13"] / m["cradio"]
for name, r in ratios.items():
    print(f"{name}: {r:.2f}")
gflop = 4e-9 * ROWS * WIDTH * CLASSES * EPOCHS
print(f"{gflop:.0f} GFLOP: " + ", ".join(f"{name} {gflop * (13 if name == 'rates13' else 1) / t:.0f} GFLOP/s" for name, t in m.items()))
if opt.json:
    with open(opt.json, "w") as f:
        json.dump({"torch": torch.__version__, "machine": platform.processor() or platform.machine(), "cradio_cpu": os.environ.get("CRADIO_CPU", ""), "threads": opt.threads,
                   "seconds": times, "disturbed_rounds": discarded, "medians": m, "ratios": ratios, "accuracy": accuracy}, f, indent=1)
