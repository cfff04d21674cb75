"""Reading a photograph: radio/image beside Pillow, on one file of 12 megapixels, in turns.

    go test -c -o image.test ./radio/image
    python bench/peers/images.py ./image.test [--photo FILE] [--rounds 9] [--repeats 3]

Run it in the repository's root, with Pillow and numpy. Each round is a process of Pillow's (which has one thread), one of ours with one core and
one of ours with all; each does every step once to warm up. Figures are medians over the rounds, of the clock and of the processor's time, which
other processes disturb less. Without --photo, the file is the portrait in conformance/images enlarged, with finer detail and a sensor's noise.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

STEPS = ("decode", "draft", "resize")
TO = (1024, 768)


def make(path, seed=1):
    """A photograph of 12 megapixels: the portrait enlarged, with finer detail and a sensor's noise."""
    import numpy as np
    from PIL import Image

    portrait = Image.open("conformance/images/astronaut.png").convert("RGB")
    large = np.asarray(portrait.resize((4000, 3000), Image.BICUBIC)).astype(np.float32)
    middle = portrait.resize((1000, 750))
    detail = np.asarray(middle).astype(np.float32) - np.asarray(middle.resize((250, 188)).resize((1000, 750), Image.BICUBIC))
    large += 0.5 * np.tile(detail, (4, 4, 1)) + np.random.default_rng(seed).normal(0, 7, large.shape)
    Image.fromarray(large.clip(0, 255).astype(np.uint8)).save(path, "JPEG", quality=92)


def pillow(path, repeats):
    from PIL import Image

    def decode():
        image = Image.open(path)
        image.load()
        return image

    def draft():
        image = Image.open(path)
        image.draft("RGB", TO)
        image.load()

    image = decode()
    times = {}
    for name, step in zip(STEPS, (decode, draft, lambda: image.resize(TO, Image.BICUBIC))):
        step()
        clock, work = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            step()
        times[name] = [1e3 * (time.perf_counter() - clock) / repeats, 1e3 * (time.process_time() - work) / repeats]
    print(json.dumps(times))


def ours(binary, path, repeats, cores):
    environment = dict(os.environ, CRADIO_PHOTO=str(path), **({"GOMAXPROCS": str(cores)} if cores else {}))
    command = [binary, "-test.run=-", f"-test.bench=^BenchmarkPhoto$/^({'|'.join(STEPS)})$", f"-test.benchtime={repeats}x"]
    out = subprocess.run(command, env=environment, cwd="radio/image", check=True, capture_output=True, text=True).stdout
    times = {}
    for name, clock, work in re.findall(r"BenchmarkPhoto/(\w+)\S*\s+\d+\s+([\d.]+) ns/op\s+([\d.]+) cpu-ns/op", out):
        times[name] = [float(clock) / 1e6, float(work) / 1e6]
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--photo")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--pillow", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.pillow:
        return pillow(args.photo, args.repeats)
    with tempfile.TemporaryDirectory() as folder:
        photo = args.photo or pathlib.Path(folder) / "photo.jpg"
        if not args.photo:
            make(photo)
        photo, binary = pathlib.Path(photo).resolve(), str(pathlib.Path(args.binary).resolve())
        entrants = {
            "Pillow": lambda: json.loads(subprocess.run([sys.executable, __file__, "-", "--pillow", "--photo", photo, "--repeats", str(args.repeats)], check=True, capture_output=True).stdout),
            "one core": lambda: ours(binary, photo, args.repeats, 1),
            "all cores": lambda: ours(binary, photo, args.repeats, None),
        }
        rounds = [{name: run() for name, run in entrants.items()} for _ in range(args.rounds)]
        print(f"{photo.stat().st_size} bytes, {args.rounds} rounds of {args.repeats}")
    for i, unit in enumerate(("clock", "processor")):
        for step in STEPS:
            medians = {name: statistics.median(r[name][step][i] for r in rounds) for name in entrants}
            ratio = {name: statistics.median(r[name][step][i] / r["Pillow"][step][i] for r in rounds) for name in entrants}
            print(f"{unit:9} {step:6}", *(f"  {name} {medians[name]:6.1f} ms ({ratio[name]:.2f})" for name in entrants))


if __name__ == "__main__":
    main()
