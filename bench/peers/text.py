"""Text towers: cradio against open_clip in PyTorch, in alternation.

    go test -c -o text.test ./radio/text && python bench/peers/text.py ./text.test [--rounds 3] [--threads 2] [--tower clip|siglip]

The 80 prompts of a class through the text towers of the adaptors clip (ViT-H-14) and siglip (SO400M) in full size, random weights, from
ids, one batch. PyTorch runs open_clip's own modules, in float32 and under bfloat16 autocast. It prints the seconds of each round, and
the ratio of the medians. Run it on an idle machine. Needs open_clip_torch.
"""
import argparse
import os
import re
import statistics
import subprocess
import time

import open_clip
import torch
from open_clip.model import CLIP, CustomTextCLIP

parser = argparse.ArgumentParser()
parser.add_argument("binary", help="what go test -c has built of radio/text")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--tower", choices=["clip", "siglip"], default="clip")
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


def theirs(autocast):
    began = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        model.encode_text(ids)
    return time.perf_counter() - began


def ours(dtype):
    out = subprocess.run([opt.binary, "-test.run", "^$", "-test.bench", f"^BenchmarkPrompts$/^{opt.tower}$/^{dtype}$", "-test.benchtime", "1x"],
                         check=True, text=True, stdout=subprocess.PIPE, env=os.environ | {"GOMAXPROCS": str(opt.threads)}).stdout
    return int(re.search(r"(\d+) ns/op", out)[1]) / 1e9


with torch.inference_mode():
    times = {name: [] for name in ("PyTorch float32", "cradio float32", "PyTorch bfloat16", "cradio bfloat16", "cradio int8")}
    theirs(False), theirs(True)
    for _ in range(opt.rounds):
        for name, seconds in times.items():
            peer, dtype = name.split()
            seconds.append(theirs(dtype == "bfloat16") if peer == "PyTorch" else ours(dtype))
        print("   ".join(f"{name} {seconds[-1]:.2f} s" for name, seconds in times.items()), flush=True)
median = {name: statistics.median(seconds) for name, seconds in times.items()}
print(f"medians, {opt.tower}, 80 prompts, PyTorch {torch.__version__}, open_clip {open_clip.__version__}:")
for name, seconds in median.items():
    base = median["PyTorch bfloat16" if "bfloat16" in name else "PyTorch float32"]
    print(f"  {name} {seconds:.2f} s, {base / seconds:.2f} × as fast as PyTorch's")
