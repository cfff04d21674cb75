"""A folder of photographs to summaries: `cradio embed` beside Pillow with PyTorch, ONNX Runtime and OpenVINO, in turns.

    go build -o cradio ./cmd/cradio
    python bench/peers/folder.py ./cradio [--dtype bfloat16,int8] [--photos 200] [--rounds 5] [--draft] [--json FILE]

Run it in the repository's root, with the Python of setup.sh. Every photograph has 12 megapixels and is resized to 224 x 224 by bicubic
resampling, which gives the same pixels everywhere; then C-RADIOv2-B, with synthetic weights, on all cores. With --draft every entrant reads
JPEG files no finer than it needs (`--fast-decode`, Pillow's draft).

A peer reads images in a DataLoader. It is given the number of workers and the batch size that are its fastest, found first on a part of the
folder. Its time begins when its libraries are loaded, its model is compiled, and its workers are running. cradio's is that of the whole
process, from its start to the written file. Its batch size is chosen in the same way. The summaries are compared with cradio's.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PEERS = ("torch-compile", "onnxruntime", "openvino")
SIZE = 224
BATCHES = (1, 8)
WORKERS = (0, 1, 2)
DISTINCT = 20  # photographs that are made; further names are links to them
LIMIT = {"float32": 1e-4, "bfloat16": 0.1, "int8": 0.3}  # of a summary's difference, relative, as in bench/summary.go


def make(folder, count):
    import images

    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        path = folder / f"{i:03}.jpg"
        if path.exists():
            continue
        if i < DISTINCT:
            images.make(path.with_suffix(".part"), seed=i)
            path.with_suffix(".part").rename(path)
        else:
            os.link(folder / f"{i % DISTINCT:03}.jpg", path)
    return sorted(folder.glob("*.jpg"))[:count]


class Photos:
    """A Dataset of (3, SIZE, SIZE) bytes."""

    def __init__(self, paths, draft):
        self.paths, self.draft = paths, draft

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        import numpy as np
        from PIL import Image

        image = Image.open(self.paths[i])
        if self.draft:
            image.draft("RGB", (SIZE, SIZE))
        image = image.convert("RGB").resize((SIZE, SIZE), Image.BICUBIC)
        return np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1))


class Python:
    """A peer with a DataLoader, in this process."""

    def __init__(self, name, models, dtype, threads, draft):
        import worker

        module = __import__(worker.PEERS[name])
        self.make = getattr(module, "Compiled", None) or module.Peer
        self.case = dict(folder=models, model="B", size=SIZE, dtype=dtype, threads=threads)
        self.draft, self.batch, self.peer = draft, 0, None

    def prepare(self, paths, batch, workers):
        import torch.utils.data as data

        if batch != self.batch:
            self.peer = None  # free the last one first
            self.peer, self.batch = self.make(dict(self.case, batch=batch)), batch
        extra = dict(persistent_workers=True, prefetch_factor=4, multiprocessing_context="fork") if workers else {}
        self.loader = data.DataLoader(Photos(paths, self.draft), batch, num_workers=workers, **extra)
        self.embed(most=2 * max(1, workers))

    def embed(self, most=None):
        """The summaries (N, C), and the time that they took."""
        import numpy as np

        summaries = []
        start = time.perf_counter()
        for n, batch in enumerate(self.loader):
            if n == most:
                break
            self.peer.feed(batch.float().div_(255).numpy())
            summaries.append(np.array(self.peer.run()))
        return np.concatenate(summaries), time.perf_counter() - start


def serve(args):
    """Answers {"prepare": paths, "batch": …, "workers": …} and {"run": FILE.npy}, one on each line."""
    import numpy as np

    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = Python(args.serve, str(args.models), args.dtype, args.threads, args.draft)
    for line in sys.stdin:
        ask, reply = json.loads(line), {}
        try:
            if "prepare" in ask:
                peer.prepare(ask["prepare"], ask["batch"], ask["workers"])
                reply = dict(versions=peer.peer.versions)
            else:
                summaries, reply["seconds"] = peer.embed()
                np.save(ask["run"], summaries)
        except Exception as e:
            reply = dict(error=f"{type(e).__name__}: {e}"[:500])
        print(json.dumps(reply), file=out, flush=True)


class Peer:
    """A peer in a process of its own, which is idle when it is not asked."""

    def __init__(self, name, args, dtype):
        command = [sys.executable, __file__, "-", "--serve", name, "--models", args.models, "--dtype", dtype, "--threads", str(args.threads)]
        environment = dict(os.environ, CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS=str(args.threads))
        self.process = subprocess.Popen(command + ["--draft"] * args.draft, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)
        self.choices = [dict(batch=b, workers=w) for b in BATCHES for w in WORKERS]

    def ask(self, **ask):
        print(json.dumps(ask), file=self.process.stdin, flush=True)
        reply = json.loads(self.process.stdout.readline() or '{"error": "the process ended"}')
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply

    def prepare(self, paths, choice):
        self.versions = self.ask(prepare=list(map(str, paths)), **choice)["versions"]

    def run(self, out):
        return self.ask(run=str(out))["seconds"]


class Ours:
    """`cradio embed`, a process for each run."""

    def __init__(self, args, dtype):
        self.command = [args.binary, "embed", "--quiet", "--model", str(pathlib.Path(args.models) / "B"), "--size", str(SIZE), "--dtype", dtype]
        self.command += ["--fast-decode"] * args.draft
        subprocess.run([args.binary, "pack", self.command[4], "--dtype", dtype], check=True, capture_output=True)
        self.choices = [dict(batch=b) for b in BATCHES]
        self.versions = {"cradio": subprocess.run([args.binary, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]}

    def prepare(self, paths, choice):
        self.paths, self.batch = paths, choice["batch"]

    def run(self, out):
        listing = out.with_suffix(".txt")
        listing.write_text("\n".join(map(str, self.paths)))
        start = time.perf_counter()
        subprocess.run(self.command + ["--batch", str(self.batch), "--out", out, f"@{listing}"], check=True)
        return time.perf_counter() - start


def measure(args, dtype, paths, scratch):
    """One dtype: the choices, the times of every round, and the differences of the summaries."""
    import numpy as np

    entrants, result = {}, dict(dtype=dtype, entrants={}, rounds=[])
    for name in ("cradio", *PEERS):
        try:
            e = Ours(args, dtype) if name == "cradio" else Peer(name, args, dtype)
            part, times = paths[:args.part], []
            for choice in e.choices:
                e.prepare(part, choice)
                times.append(min(e.run(scratch / f"{name}.npy") for _ in range(2)))
                print(f"{dtype}: {name}: {choice}: {times[-1]:.2f} s for {len(part)}", file=sys.stderr)
            choice = e.choices[times.index(min(times))]
            e.prepare(paths, choice)
        except RuntimeError as error:
            result["entrants"][name] = dict(error=str(error))
            continue
        entrants[name] = e
        result["entrants"][name] = dict(choice=choice, versions=e.versions)
    for r in range(args.rounds):
        names = list(entrants)
        names = names[r % len(names):] + names[:r % len(names)]
        result["rounds"].append({name: entrants[name].run(scratch / f"{name}.npy") for name in names})
        print(f"{dtype}: round {r + 1}: " + ", ".join(f"{k} {v:.2f} s" for k, v in result["rounds"][-1].items()), file=sys.stderr)
    ours = np.load(scratch / "cradio.npy")
    for name in entrants:
        theirs = np.load(scratch / f"{name}.npy").astype(np.float64)
        about = result["entrants"][name]
        about["difference"] = float(np.sqrt(np.mean((theirs - ours) ** 2) / np.mean(ours.astype(np.float64) ** 2)))
        about["seconds"] = statistics.median(r[name] for r in result["rounds"])
        about["ratio"] = statistics.median(r[name] / r["cradio"] for r in result["rounds"])
    return result


def table(results):
    print("| | " + " | ".join(("cradio", *PEERS)) + " | ratio to the fastest |\n|" + "---|" * (len(PEERS) + 3))
    for r in results:
        cells, ratios = [], []
        for name in ("cradio", *PEERS):
            e = r["entrants"][name]
            if "error" in e:
                cells.append("–")
                continue
            differs = e["difference"] > LIMIT[r["dtype"]]
            cells.append(f"{e['seconds']:.1f} s" + " (differs)" * differs)
            if name != "cradio" and not differs:
                ratios.append(e["ratio"])
        print(f"| {r['dtype']} | " + " | ".join(cells) + f" | {min(ratios):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "cradio-bench"
    parser.add_argument("binary")
    parser.add_argument("--dtype", default="bfloat16,int8")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--part", type=int, default=32, help="photographs for the choice of batch size and workers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--draft", action="store_true")
    parser.add_argument("--models", default=str(cache / "models"))
    parser.add_argument("--folder", type=pathlib.Path, default=cache / "photos", help="where the photographs are made, and kept")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return serve(args)
    paths = make(args.folder, args.photos)
    with tempfile.TemporaryDirectory() as scratch:
        results = [measure(args, dtype, paths, pathlib.Path(scratch)) for dtype in args.dtype.split(",")]
    if args.json:
        cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
        args.json.write_text(json.dumps(dict(cpu=cpu, threads=args.threads, photos=len(paths), draft=args.draft, results=results), indent=1) + "\n")
    table(results)


if __name__ == "__main__":
    main()
