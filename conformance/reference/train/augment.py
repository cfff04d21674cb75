"""Augmentations with their random numbers given: what Pillow makes of one small picture, bit for bit, and of its mask.

Fields: crop (top, left, height, width), size (height, width), flip, and factors of brightness, contrast, saturation, hue in the order named.
"""
from pathlib import Path

import numpy as np
import PIL
import PIL.Image
import PIL.ImageEnhance
import torch

CASES = [
    dict(crop=(0, 0, 31, 41), size=(31, 41)),
    dict(crop=(3, 5, 20, 27), size=(32, 32)),
    dict(crop=(1, 2, 29, 11), size=(24, 40), flip=True),
    dict(crop=(7, 9, 5, 6), size=(48, 16)),
    dict(crop=(0, 0, 31, 41), size=(16, 16), flip=True),
    dict(jitter=[("brightness", 1.37)]), dict(jitter=[("brightness", 0.21)]), dict(jitter=[("contrast", 1.6)]), dict(jitter=[("contrast", 0.35)]),
    dict(jitter=[("saturation", 1.9)]), dict(jitter=[("saturation", 0.1)]), dict(jitter=[("hue", 0.1)]), dict(jitter=[("hue", -0.37)]),
    dict(crop=(2, 3, 25, 30), size=(32, 48), flip=True, jitter=[("contrast", 1.2), ("hue", 0.04), ("brightness", 0.8), ("saturation", 1.3)]),
]


def jitter(image, kind, factor):
    """As torchvision's transforms do it to Pillow images."""
    if kind == "hue":
        h, s, v = image.convert("HSV").split()
        shifted = ((np.array(h).astype(np.int32) + int(factor * 255)) % 256).astype(np.uint8)
        return PIL.Image.merge("HSV", (PIL.Image.fromarray(shifted), s, v)).convert("RGB")
    return {"brightness": PIL.ImageEnhance.Brightness, "contrast": PIL.ImageEnhance.Contrast, "saturation": PIL.ImageEnhance.Color}[kind](image).enhance(factor)


def apply(image, mask, crop=None, size=None, flip=False, jitter_=()):
    if crop:
        t, l, h, w = crop
        image, mask = (x.crop((l, t, l + w, t + h)) for x in (image, mask))
        image, mask = image.resize(size[::-1], PIL.Image.BICUBIC), mask.resize(size[::-1], PIL.Image.NEAREST)
    if flip:
        image, mask = (x.transpose(PIL.Image.FLIP_LEFT_RIGHT) for x in (image, mask))
    for kind, factor in jitter_:
        image = jitter(image, kind, factor)
    return image, mask


def make(b):
    image = PIL.Image.open(Path(__file__).resolve().parents[2] / "images/astronaut.png").convert("RGB").crop((170, 30, 170 + 41, 30 + 31))
    mask = PIL.Image.fromarray((np.add.outer(np.arange(31) // 5, np.arange(41) // 7) % 6).astype(np.uint8))
    tensors = {"input/image": torch.from_numpy(np.array(image)), "input/mask": torch.from_numpy(np.array(mask))}
    for i, case in enumerate(CASES):
        args = {("jitter_" if k == "jitter" else k): v for k, v in case.items()}
        out, m = apply(image, mask, **args)
        tensors[f"truth/{i}/image"] = torch.from_numpy(np.array(out))
        if "crop" in case:
            tensors[f"truth/{i}/mask"] = torch.from_numpy(np.array(m))
    b.values("augment/pillow", tensors, cases=CASES, pillow=PIL.__version__, layout="uint8 (H, W, 3) and (H, W); bicubic for the picture, nearest for its mask; crop, resize, flip, jitter in this order; equal bit for bit")
