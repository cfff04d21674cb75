"""Writes pillow.json: SHA-256 of what Pillow makes of random augmentations of one picture and its mask, and of every colour.

    python make.py        needs Pillow and NumPy; uses ../../../conformance/reference/train/augment.py
"""
import hashlib
import json
import random
import sys
from pathlib import Path

import numpy as np
import PIL.Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "conformance/reference/train"))
from augment import apply, jitter  # noqa: E402


def digest(image):
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def cases(n):
    r = random.Random(13)
    for _ in range(n):
        h, w = r.randint(1, 70), r.randint(1, 90)
        ch, cw = r.randint(1, h), r.randint(1, w)
        strengths = [("brightness", r.uniform(0, 2.5)), ("contrast", r.uniform(0, 2.5)), ("saturation", r.uniform(0, 2.5)), ("hue", r.uniform(-0.5, 0.5))]
        r.shuffle(strengths)
        yield dict(of=[h, w], crop=[r.randint(0, h - ch), r.randint(0, w - cw), ch, cw], size=[r.randint(1, 80), r.randint(1, 80)],
                   flip=r.random() < 0.5, jitter=strengths[:r.randint(0, 4)])


def main():
    photo = PIL.Image.open(HERE.parents[2] / "conformance/images/astronaut.png").convert("RGB")
    out = dict(pillow=PIL.__version__, cases=[], colours={})
    for case in cases(200):
        h, w = case["of"]
        image = photo.crop((100, 20, 100 + w, 20 + h))
        mask = PIL.Image.fromarray((np.add.outer(np.arange(h) // 3, np.arange(w) // 4) % 7).astype(np.uint8))
        a, m = apply(image, mask, case["crop"], case["size"], case["flip"], case["jitter"])
        out["cases"].append(case | dict(image=digest(a), mask=digest(m)))
    every = PIL.Image.fromarray(np.arange(2**24, dtype="<u4").view(np.uint8).reshape(4096, 4096, 4)[..., :3])  # red is the lowest byte
    for kind, factor in [("hue", 0.0), ("hue", 0.23), ("hue", -0.5), ("saturation", 0.37), ("saturation", 1.7), ("brightness", 1.21), ("contrast", 0.63)]:
        out["colours"][f"{kind} {factor}"] = digest(jitter(every, kind, factor))
    (HERE / "pillow.json").write_text(json.dumps(out, separators=(",", ":")).replace("},{", "},\n{") + "\n")


main()
