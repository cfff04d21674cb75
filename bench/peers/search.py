"""Searching 1,000,000 vectors of 1024: cradio against numpy and FAISS, in alternation.

    go test -c -o index.test ./radio/index && python bench/peers/search.py ./index.test FOLDER [--rounds 5] [--threads 2] [--json FILE]

FOLDER needs 5.5 GB, memory 10 GB. An index of random vectors is made in it, unless one is there. Random vectors are the hardest case for
cradio's bounds, but for vectors that are all nearly the same: cosines are closer together than those of pictures.

    numpy       a product of all vectors and the query, and argpartition
    faiss       faiss.IndexFlatIP: float32, every vector
    faiss-sq8   faiss.IndexScalarQuantizer in 8 bits, if asked for: it reads as little as cradio, and is not exact
    cradio      index.Search: codes of 8 bits, and then cosines in float64

Vectors have length 1 for all but cradio, which does without. A time is the mean of a few queries, one after another, all of which are
other ones in each round; the ten nearest are compared with those in float64. Rounds in which the machine was disturbed are repeated: see
gate.py.
"""
import argparse
import glob
import json
import os
import platform
import subprocess
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin after their work slow down whoever is next

import faiss
import numpy as np
import torch

import gate

K = 10

parser = argparse.ArgumentParser()
parser.add_argument("binary", help="what go test -c has built of radio/index")
parser.add_argument("folder", help="where the index is, or is made")
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--queries", type=int, default=8, help="of a round")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--entrants", default="numpy,faiss,cradio", help="and faiss-sq8")
parser.add_argument("--json", help="file to write")
opt = parser.parse_args()
torch.set_num_threads(opt.threads)
faiss.omp_set_num_threads(opt.threads)

if not glob.glob(os.path.join(opt.folder, "set.jsonl")):
    subprocess.run([opt.binary, "-test.run", "^TestMake$", "-make", opt.folder, "-rows", str(opt.rows), "-width", str(opt.width)], check=True)
path, = glob.glob(os.path.join(opt.folder, "*", "0-summary.float32"))
x = np.fromfile(path, np.float32).reshape(-1, opt.width)
for i in range(0, len(x), 65536):
    x[i:i + 65536] /= np.linalg.norm(x[i:i + 65536], axis=1, keepdims=True)

random = np.random.default_rng(7)
queries = random.standard_normal((opt.rounds * 3, opt.queries, opt.width), dtype=np.float32)
queries /= np.linalg.norm(queries, axis=2, keepdims=True)

entrants, found = {}, {}


def entrant(name, search):
    state = {"round": 0}
    found[name] = {}

    def run():
        q = queries[state["round"] % len(queries)]
        results, seconds = search(q)
        found[name][state["round"] % len(queries)] = results
        state["round"] += 1
        time.sleep(0.3)  # for those that spin nevertheless
        return seconds / len(q)
    entrants[name] = run


def timed(one):
    def search(q):
        began = time.perf_counter()
        results = [one(v) for v in q]
        return results, time.perf_counter() - began
    return search


def by_numpy(v):
    s = x @ v
    top = np.argpartition(s, -K)[-K:]
    return top[np.argsort(-s[top])]


wanted = opt.entrants.split(",")
if "numpy" in wanted:
    entrant("numpy", timed(by_numpy))
for name, make in (("faiss", lambda: faiss.IndexFlatIP(opt.width)),
                   ("faiss-sq8", lambda: faiss.IndexScalarQuantizer(opt.width, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT))):
    if name in wanted:
        f = make()
        f.train(x[:100_000])
        f.add(x)
        entrant(name, timed(lambda v, f=f: f.search(v[None], K)[1][0]))
if "cradio" in wanted:
    worker = subprocess.Popen([opt.binary, "-test.run", "^TestAnswer$", "-answer", opt.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"GOMAXPROCS": str(opt.threads)})
    print("cradio: opened in %.2f s" % json.loads(worker.stdout.readline())["opened"])

    def ours(q):
        results, seconds = [], 0.0
        for v in q:
            worker.stdin.write(json.dumps({"query": v.tolist(), "k": K}) + "\n")
            worker.stdin.flush()
            a = json.loads(worker.stdout.readline())
            results.append(np.array(a["items"]))
            seconds += a["seconds"]
        return results, seconds
    entrant("cradio", ours)

    def busy(before=gate._busy):
        """The worker is no other process."""
        fields = open(f"/proc/{worker.pid}/stat").read().rsplit(")", 1)[1].split()
        everything, own = before()
        return everything, own + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    gate._busy = busy

for run in entrants.values():  # once before, for what is made at first use
    run()
times, discarded = gate.Gate().rounds(entrants, opt.rounds)

used = sorted(set().union(*(f.keys() for f in found.values())))
q = queries[used].reshape(-1, opt.width).astype(np.float64)
best = np.full((len(q), K), -np.inf)
which = np.zeros((len(q), K), np.int64)
raw = np.memmap(path, np.float32, "r").reshape(-1, opt.width)
for i in range(0, len(raw), 65536):
    block = raw[i:i + 65536].astype(np.float64)
    s = q @ (block / np.linalg.norm(block, axis=1, keepdims=True)).T
    s, w = np.concatenate([best, s], 1), np.concatenate([which, np.broadcast_to(np.arange(i, i + len(block)), s.shape)], 1)
    top = np.argpartition(s, -K, 1)[:, -K:]
    best, which = np.take_along_axis(s, top, 1), np.take_along_axis(w, top, 1)
recall = {}
for name, f in found.items():
    hits = [len(set(r) & set(which[used.index(n) * opt.queries + i])) for n, results in f.items() for i, r in enumerate(results)]
    recall[name] = sum(hits) / (K * len(hits))

m = gate.medians(times)
print(f"{len(x)} × {opt.width}, {opt.threads} threads; medians of {len(next(iter(times.values())))} rounds of {opt.queries} queries, {discarded} disturbed: "
      + ", ".join(f"{name} {1000 * t:.1f} ms (recall@{K} {recall[name]:.4f})" for name, t in m.items()))
if "cradio" in m:
    for name in m:
        if name != "cradio":
            print(f"{name} / cradio: {m[name] / m['cradio']:.2f}")
if opt.json:
    with open(opt.json, "w") as f:
        json.dump({"numpy": np.__version__, "faiss": faiss.__version__, "machine": platform.processor() or platform.machine(), "threads": opt.threads, "rows": len(x),
                   "width": opt.width, "queries": opt.queries, "seconds": times, "disturbed_rounds": discarded, "medians": m, "recall": recall}, f, indent=1)
