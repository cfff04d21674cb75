"""JPEG files at the edges of the fast paths, in jpeg/, and Pillow's decoding of them and of every JPEG in pictures/, whole and by
Image.draft, in jpeg.json.

Run with numpy and Pillow 13: python make_jpeg.py. Nothing in the Go tests needs Python.
"""
import hashlib
import io
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

HERE = pathlib.Path(__file__).parent
FILES = HERE / "jpeg"
FILES.mkdir(exist_ok=True)
RNG = np.random.default_rng(11)


def picture(h, w):
    """Slopes, hard edges and some noise."""
    y, x, c = np.mgrid[0:h, 0:w, 0:3].astype(np.int64)
    v = x * (2 + c) + y * (4 - c) + 80 * ((x // 9 + y // 7 + c) % 2) + RNG.integers(0, 12, (h, w, 3))
    return Image.fromarray((v % 256).astype(np.uint8))


def save(name, image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    (FILES / f"{name}.jpg").write_bytes(out.getvalue())
    return out.getvalue()


def absurd(data, everywhere):
    """The file with quantisation tables that overflow 16 bits, but for the first entry of each where it need not."""
    data, at = bytearray(data), 0
    while (at := data.find(b"\xff\xdb", at)) >= 0:
        n = int.from_bytes(data[at + 2 : at + 4], "big")
        for i in range(at + 4, at + 2 + n, 65):
            data[i + 1 + (not everywhere) : i + 65] = bytes([255]) * (64 - (not everywhere))
        at += n
    return bytes(data)


# One vector of samples, of chroma, of pixels, and one to either side.
for w in (15, 16, 17, 31, 32, 33, 63, 64, 65, 66):
    save(f"420-{w}x{w // 2 + 3}", picture(w // 2 + 3, w), quality=85, subsampling="4:2:0")
for sampling in ("4:2:2", "4:4:4", "4:1:1"):
    save(f"{sampling.replace(':', '')}-67x19", picture(19, 67), quality=85, subsampling=sampling)
save("gray-67x19", picture(19, 67).convert("L"), quality=85)
save("cmyk-67x19", picture(19, 67).convert("CMYK"), quality=85)
# More rows than the planes keep, with one goroutine and with two.
save("420-tall", picture(701, 37), quality=60, subsampling="4:2:0")
save("420-large", picture(421, 221), quality=40, subsampling="4:2:0", restart_marker_blocks=5)
save("422-large", picture(331, 203), quality=40, subsampling="4:2:2", restart_marker_rows=1)
save("gray-large", picture(331, 203).convert("L"), quality=40)
save("420-large-progressive", picture(331, 203), quality=30, subsampling="4:2:0", progressive=True)
for everywhere in (False, True):
    for sampling in ("4:4:4", "4:2:0"):
        data = save("plain", picture(41, 35), quality=90, subsampling=sampling)
        (FILES / f"overflow{sampling.replace(':', '')}{'-everywhere' * everywhere}.jpg").write_bytes(absurd(data, everywhere))
(FILES / "plain.jpg").unlink()


def digest(image):
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


cases = {}
for path in sorted([*FILES.glob("*.jpg"), *(HERE / "pictures").glob("*.jpg")]):
    if path.stem in ("cjpeg-arithmetic", "cjpeg-unfinished"):
        continue
    image = Image.open(path)
    w, h = image.size
    case = cases[f"{path.parent.name}/{path.name}"] = {"height": h, "width": w, "rgb": digest(image), "draft": []}
    if path.stem.startswith("overflow"):
        continue
    for scale in (1, 2, 4, 8):
        for less in (0, 1):
            size = max(w // scale - less, 1), max(h // scale - less, 1)
            image = Image.open(path)
            image.draft(image.mode, size)
            case["draft"].append({"to": [size[1], size[0]], "height": image.size[1], "width": image.size[0], "rgb": digest(image)})
(HERE / "jpeg.json").write_text(json.dumps({"python": {"pillow": PIL.__version__}, "cases": cases}, indent=0) + "\n")
