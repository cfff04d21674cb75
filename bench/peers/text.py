"""Text towers: cradio against open_clip in PyTorch, in alternation.

    go test -c -o text.test ./radio/text && python bench/peers/text.py ./text.test [--rounds 3] [--threads 2] [--tower clip|siglip] [--json FILE]

The 80 prompts of a class through the text towers of the adaptors clip (ViT-H-14) and siglip (SO400M) in full size, random weights, from
ids, one batch. PyTorch runs open_clip's own modules, in float32 and under bfloat16 autocast. It prints the seconds of each round, and
the ratio of the medians. A round that something else disturbed is repeated: see gate.py. Needs open_clip_torch.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import time

import gate
import open_clip
import torch
from open_clip.model import CLIP, CustomTextCLIP

parser = argparse.ArgumentParser()
parser.add_argument("binary", help="what go test -c has built of radio/text")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--tower", choices=["clip", "siglip"], default="clip")
parser.add_argument("--entrants", default="torch,cradio,torch16,bfloat16,int8")
parser.add_argument("--tries", type=int, default=3, help="times the rounds to try, where some are disturbed")
parser.add_argument("--json", help="write the rounds to this file")
opt = parser.parse_args()
torch.set_num_threads(opt.threads)
torch.manual_seed(1)

vision = dict(image_size=8, layers=1, width=16, head_width=8, patch_size=4)  # is not run
prompts = [template("golden retriever") for template in open_clip.zero_shot_metadata.OPENAI_IMAGENET_TEMPLATES]
if opt.tower == "clip":
    text = dict(context_length=77, vocab_size=49408, width=1024, heads=16, layers=24)
    model = CLIP(1024, vision, text, quick_gelu=True)
    ids = open_clip.tokenize(prompts)
else:
    text = dict(context_length=64, vocab_size=32000, width=1152, heads=16, layers=27, mlp_ratio=3.7362, no_causal_mask=True, proj_bias=True,
                pool_type="last", norm_kwargs=dict(eps=1e-6))
    model = CustomTextCLIP(1152, vision, text)
    ids = open_clip.tokenize(prompts, context_length=64) % 32000
model.eval()


def theirs(autocast, ids=ids):
    began = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        model.encode_text(ids)
    return time.perf_counter() - began


def ours(dtype):
    out = subprocess.run([opt.binary, "-test.run", "^$", "-test.bench", f"^BenchmarkPrompts$/^{opt.tower}$/^{dtype}$", "-test.benchtime", "1x"],
                         check=True, text=True, stdout=subprocess.PIPE, env=os.environ | {"GOMAXPROCS": str(opt.threads)}).stdout
    return int(re.search(r"(\d+) ns/op", out)[1]) / 1e9


entrants = {"torch": lambda: theirs(False), "cradio": lambda: ours("float32"), "torch16": lambda: theirs(True), "bfloat16": lambda: ours("bfloat16"), "int8": lambda: ours("int8")}
names = opt.entrants.split(",")
with torch.inference_mode():
    for name in names:
        if name.startswith("torch"):
            theirs(name == "torch16", ids[:4])  # the first pass allocates
    times, discarded = gate.Gate().rounds({name: entrants[name] for name in names}, opt.rounds, opt.tries)
m = gate.medians(times)
ratios = {f"{peer} / {own}": m[peer] / m[own] for own, peer in (("cradio", "torch"), ("bfloat16", "torch16"), ("bfloat16", "torch"), ("int8", "torch")) if own in m and peer in m}
print(f"medians, {opt.tower}, 80 prompts, PyTorch {torch.__version__}, open_clip {open_clip.__version__}: " + ", ".join(f"{name} {t:.2f} s" for name, t in m.items()),
      f"({len(next(iter(times.values())))} rounds, {discarded} disturbed)")
for name, r in ratios.items():
    print(f"{name}: {r:.2f}")
if opt.json:
    with open(opt.json, "w") as f:
        json.dump({"tower": opt.tower, "prompts": len(prompts), "torch": torch.__version__, "open_clip": open_clip.__version__, "machine": platform.processor() or platform.machine(),
                   "cradio_cpu": os.environ.get("CRADIO_CPU", ""), "threads": opt.threads, "seconds": times, "disturbed_rounds": discarded, "medians": m, "ratios": ratios}, f, indent=1)
