"""Writes radio/testdata/exact.safetensors: the results of Python's preprocessing for conformance/images.

    python conformance/reference/exact.py

It runs the two steps in RADIO's README: CLIPImageProcessor with do_resize=True, then bilinear interpolation to the nearest
supported size. Each tensor is named "image size step". size is that of preprocessor_config.json, as JSON. Needs torch,
transformers, Pillow and safetensors.
"""
import json
from pathlib import Path

import PIL.Image
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

ROOT = Path(__file__).resolve().parents[2]


def nearest(v, step):
    return max(step, int(round(v / step) * step))


out = {}
for name in ("chelsea.jpg", "gray.jpg", "rgba.png", "one-pixel.png", "wide.png", "odd-420.jpg"):
    for size, steps in (({"shortest_edge": 40}, (16, 32)), ({"height": 50, "width": 90}, (16,))):
        for step in steps:
            processor = CLIPImageProcessorPil(do_resize=True, size=size, resample=3, do_center_crop=False, do_normalize=False, do_rescale=True,
                                              do_convert_rgb=True)
            image = PIL.Image.open(ROOT / "conformance" / "images" / name)
            x = processor(images=image, return_tensors="pt").pixel_values
            h, w = (nearest(v, step) for v in x.shape[-2:])
            if h * w > 10000:
                continue
            x = F.interpolate(x, (h, w), mode="bilinear", align_corners=False)
            out[f"{name} {json.dumps(size)} {step}"] = x[0].contiguous()

path = ROOT / "radio" / "testdata" / "exact.safetensors"
path.parent.mkdir(exist_ok=True)
save_file(out, path, {"torch": torch.__version__})
print(f"{len(out)} tensors, {path.stat().st_size} bytes")
