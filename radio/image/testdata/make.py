"""Picture files that Pillow can write or that are written here byte by byte, and what Python makes of every file in pictures/.

Run with numpy, Pillow 13 and transformers 5: python make.py. Nothing in the Go tests needs Python.

Files that no script here writes: cjpeg-*.jpg, by libjpeg-turbo's cjpeg -sample/-scans/-arithmetic; tiffcp-*.tif, by libtiff's tiffcp.
"""
import hashlib
import io
import json
import pathlib
import struct
import warnings
import zlib

import numpy as np
import PIL
import transformers
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from transformers import CLIPImageProcessorPil
from transformers.image_transforms import convert_to_rgb

HERE = pathlib.Path(__file__).parent
PICTURES = HERE / "pictures"
warnings.simplefilter("ignore")


def pattern(h, w):
    """The picture that the Go tests compute too: (h, w, 3), hard edges and slow slopes."""
    y, x, c = np.mgrid[0:h, 0:w, 0:3].astype(np.int64)
    return ((x * (3 + c) + y * (5 - c) + (x * y * (c + 1)) // 7 + 90 * ((x // 4 + y // 3 + c) % 2)) % 256).astype(np.uint8)


PHOTO = Image.fromarray(pattern(21, 33))
SMALL = Image.fromarray(pattern(13, 17))
RNG = np.random.default_rng(7)


def put(name, data):
    (PICTURES / name).write_bytes(data)


def save(name, image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    put(name, out.getvalue())
    return out.getvalue()


def with_alpha(image):
    image = image.copy().convert("LA" if image.mode == "L" else "RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def jpeg():
    for sampling in ("4:4:4", "4:2:2", "4:2:0", "4:1:1"):
        for progressive in (False, True):
            save(f"jpeg-{sampling.replace(':', '')}{'-progressive' * progressive}.jpg", PHOTO, "JPEG", quality=70, subsampling=sampling, progressive=progressive)
    for w, h in ((1, 1), (2, 3), (3, 2), (5, 9), (16, 16)):
        save(f"jpeg-420-{w}x{h}.jpg", PHOTO.crop((0, 0, w, h)), "JPEG", quality=60)
    save("jpeg-quality1.jpg", PHOTO, "JPEG", quality=1)
    save("jpeg-quality100.jpg", PHOTO, "JPEG", quality=100)
    save("jpeg-rgb.jpg", PHOTO, "JPEG", keep_rgb=True)
    save("jpeg-gray-progressive.jpg", PHOTO.convert("L"), "JPEG", progressive=True)
    save("jpeg-restart-progressive.jpg", PHOTO, "JPEG", progressive=True, restart_marker_blocks=1)
    plain = save("jpeg-restart.jpg", PHOTO, "JPEG", restart_marker_rows=1)
    cmyk = save("jpeg-cmyk.jpg", PHOTO.convert("CMYK"), "JPEG", quality=80)
    at = cmyk.index(b"Adobe")
    put("jpeg-ycck.jpg", cmyk[: at + 11] + b"\x02" + cmyk[at + 12 :])
    put("jpeg-cmyk-unmarked.jpg", cmyk[: at - 4] + cmyk[at + 12 :])
    unmarked = plain[:2] + plain[20:]
    put("jpeg-unmarked.jpg", unmarked)
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
    put("jpeg-adobe-rgb.jpg", unmarked[:2] + adobe + b"\x00" + unmarked[2:])
    put("jpeg-adobe-ycc.jpg", unmarked[:2] + adobe + b"\x01" + unmarked[2:])
    put("jpeg-fill-and-trailer.jpg", plain.replace(b"\xff\xda", b"\xff\xff\xff\xda", 1) + b"trailer")
    for o in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = o
        save(f"orientation-{o}.jpg", SMALL, "JPEG", exif=exif)
    xmp = '<rdf:Description tiff:Orientation="%d"/>'
    save("orientation-xmp-6.jpg", SMALL, "JPEG", xmp=(xmp % 6).encode())
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp % 8)
    save("orientation-xmp-8.png", SMALL, "PNG", pnginfo=info)
    exif = Image.Exif()
    exif[0x0112] = 5
    save("orientation-5-alpha.png", with_alpha(SMALL), "PNG", exif=exif)
    save("orientation-5.webp", SMALL, "WEBP", exif=exif, lossless=True)
    save("orientation-5.tif", SMALL, "TIFF", exif=exif)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(depth, kind, values, palette=None, transparency=None):
    h, w = values.shape[:2]
    rows = b""
    for row in values:
        if depth == 16:
            packed = np.asarray(row, ">u2").tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in np.ravel(row))
            packed = bytes(int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))
        rows += b"\0" + packed
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, 0))
    out += chunk(b"PLTE", palette) if palette else b""
    out += chunk(b"tRNS", transparency) if transparency else b""
    return out + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png():
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    for kind, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))):
        for depth in depths:
            values = RNG.integers(0, 1 << depth, (5, 11, channels[kind]))
            values[::2] %= 300
            palette = RNG.integers(0, 256, 3 << depth, np.uint8).tobytes() if kind == 3 else None
            put(f"png-type{kind}-{depth}bit.png", png_file(depth, kind, values, palette))
            if kind == 3:
                put(f"png-type3-{depth}bit-short.png", png_file(depth, kind, values, palette[:-3]))
                put(f"png-type3-{depth}bit-alpha.png", png_file(depth, kind, values, palette, bytes([100, 0, 255][: 1 << depth])))
            if kind in (0, 2):
                put(f"png-type{kind}-{depth}bit-key.png", png_file(depth, kind, values, None, np.asarray(values[0, 0], ">u2").tobytes()))
    frames = [with_alpha(SMALL), SMALL.convert("RGBA")]
    save("png-animated.png", frames[0], "PNG", save_all=True, append_images=frames[1:])


def gif_patched(data, **fields):
    """Moves the first frame and resizes the screen."""
    b = bytearray(data)
    at = 13 + (3 << ((b[10] & 7) + 1) if b[10] & 128 else 0)
    while b[at] != 0x2C:
        at += 2
        while b[at]:
            at += b[at] + 1
        at += 1
    for field, value in fields.items():
        where = {"screen_w": 6, "screen_h": 8, "x": at + 1, "y": at + 3}[field]
        b[where : where + 2] = struct.pack("<H", value)
    return bytes(b)


def gif():
    for colors in (2, 5, 64, 256):
        save(f"gif-{colors}.gif", PHOTO.quantize(colors), "GIF", interlace=0)
    save("gif-interlaced.gif", PHOTO.quantize(64), "GIF", interlace=1)
    save("gif-gray.gif", PHOTO.convert("L"), "GIF")
    small = SMALL.quantize(30)
    sources = {"": save("gif-plain.gif", small, "GIF"), "-transparent": save("gif-transparent.gif", small, "GIF", transparency=3)}
    for name, data in sources.items():
        put(f"gif-offset{name}.gif", gif_patched(data, x=5, y=7, screen_w=40, screen_h=30))
        put(f"gif-beyond-screen{name}.gif", gif_patched(data, x=5, y=7))
    save("gif-animated.gif", small, "GIF", save_all=True, append_images=[PHOTO.crop((9, 5, 26, 18)).quantize(30)])


def bmp_file(w, h, bits, data, compression=0, palette=b"", header=40, colors=0, after=b"", top_down=False):
    if header == 12:
        info = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, w, -h if top_down else h, 1, bits, compression, len(data), 0, 0, colors, 0)
    body = info + after + palette
    return b"BM" + struct.pack("<IHHI", 14 + len(body) + len(data), 0, 0, 14 + len(body)) + body + data


def bmp():
    w, h = 17, 5
    noise = lambda n: RNG.integers(0, 256, n, np.uint8).tobytes()
    rows = lambda bits: noise((((w * bits + 31) >> 3) & ~3) * h)
    for bits in (1, 4, 8):
        put(f"bmp-{bits}bit.bmp", bmp_file(w, h, bits, rows(bits), palette=noise(4 << bits)))
        put(f"bmp-{bits}bit-os2.bmp", bmp_file(w, h, bits, rows(bits), palette=noise(3 << bits), header=12))
    put("bmp-8bit-10colors.bmp", bmp_file(w, h, 8, rows(8), palette=noise(40), colors=10))
    put("bmp-8bit-10grays.bmp", bmp_file(w, h, 8, rows(8), palette=b"".join(bytes([i, i, i, 0]) for i in range(10)), colors=10))
    for bits in (16, 24, 32):
        for top_down in (False, True):
            put(f"bmp-{bits}bit{'-topdown' * top_down}.bmp", bmp_file(w, h, bits, rows(bits), top_down=top_down))
    put("bmp-16bit-565.bmp", bmp_file(w, h, 16, rows(16), 3, after=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
    masks = ((0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
             (0xFF, 0xFF00, 0xFF0000, 0xFF000000), (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF000000, 0xFF00, 0xFF, 0xFF0000), (0, 0, 0, 0))
    for i, m in enumerate(masks):
        put(f"bmp-32bit-masks{i}.bmp", bmp_file(w, h, 32, rows(32), 3, header=108, after=struct.pack("<IIII", *m) + bytes(52)))
    absolute = bytes([0, 5, 1, 2, 3, 4, 5, 0, 12, 9, 0, 0])
    put("bmp-rle8.bmp", bmp_file(w, h, 8, b"\x11\x07\0\0" + absolute + b"\0\2\3\1\x0e\x0c" + b"\x14\x05\0\0" + b"\x11\x06\0\1", 1, noise(1024)))
    put("bmp-rle4.bmp", bmp_file(w, h, 4, b"\x11\x12\0\0" + b"\0\5\x12\x34\x50\0\x0c\x9a\0\0" + b"\x11\x34\0\0" * 2 + b"\x11\x56\0\0\0\1", 2, noise(64)))


def tiff_file(photometric, bits, planes, order="<", planar=1, tile=None, rows=None, fill=1, compression=1, predictor=1, **tags):
    """planes: (samples, h, w). tags: extra TIFF fields of shorts, by number."""
    _, h, w = planes.shape

    def block(planes, x, y, bw, bh):
        out = b""
        for row in range(y, y + bh):
            values = np.zeros((bw, len(planes)), np.int64)
            part = planes[:, min(row, h - 1), x : x + bw].T
            values[: len(part)] = part
            if predictor == 2:
                values = np.concatenate([values[:1], np.diff(values, axis=0)]) % (1 << bits)
            if bits == 16:
                out += values.astype(order + "u2").tobytes()
                continue
            text = "".join(format(v, f"0{bits}b") for v in values.ravel())
            out += bytes(int(text[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(text), 8))
        if compression == 8:
            out = zlib.compress(out)
        return bytes(int(format(b, "08b")[::-1], 2) for b in out) if fill == 2 else out

    groups = [planes] if planar == 1 else [planes[i : i + 1] for i in range(len(planes))]
    if tile:
        blocks = [block(g, x, y, tile, tile) for g in groups for y in range(0, h, tile) for x in range(0, w, tile)]
    else:
        blocks = [block(g, 0, y, w, min(rows or h, h - y)) for g in groups for y in range(0, h, rows or h)]
    offsets = np.cumsum([8] + [len(b) for b in blocks]).tolist()
    fields = {256: [w], 257: [h], 258: [bits] * len(planes), 259: [compression], 262: [photometric], 266: [fill], 277: [len(planes)], 284: [planar], 317: [predictor]}
    if tile:
        fields |= {322: [tile], 323: [tile], 324: offsets[:-1], 325: [len(b) for b in blocks]}
    else:
        fields |= {273: offsets[:-1], 278: [rows or h], 279: [len(b) for b in blocks]}
    fields |= {int(tag[1:]): values for tag, values in tags.items()}
    at, entries, after = offsets[-1], b"", b""
    end = at + 2 + 12 * len(fields) + 4
    for tag, values in sorted(fields.items()):
        raw = struct.pack(f"{order}{len(values)}H", *values)
        entries += struct.pack(order + "HHI", tag, 3, len(values))
        if len(raw) <= 4:
            entries += raw.ljust(4, b"\0")
        else:
            entries += struct.pack(order + "I", end + len(after))
            after += raw
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", at)
    return head + b"".join(blocks) + struct.pack(order + "H", len(fields)) + entries + bytes(4) + after


def tiff():
    planes = lambda n, bits: RNG.integers(0, 1 << bits, (n, 9, 19))
    for photometric in (0, 1):
        for bits in (1, 2, 4, 8):
            put(f"tiff-gray{photometric}-{bits}bit.tif", tiff_file(photometric, bits, planes(1, bits)))
    for order in "<>":
        put(f"tiff-gray-16bit-{'le' if order == '<' else 'be'}.tif", tiff_file(1, 16, planes(1, 16) % 400, order))
        put(f"tiff-rgb-16bit-{'le' if order == '<' else 'be'}.tif", tiff_file(2, 16, planes(3, 16), order, rows=2, compression=8, predictor=2))
    put("tiff-gray-1bit-reversed.tif", tiff_file(1, 1, planes(1, 1), fill=2))
    for bits in (1, 2, 4, 8):
        put(f"tiff-palette-{bits}bit.tif", tiff_file(3, bits, planes(1, bits), t320=RNG.integers(0, 65536, 3 << bits).tolist()))
    put("tiff-gray-alpha.tif", tiff_file(1, 8, planes(2, 8), t338=[2]))
    put("tiff-rgb-tiled.tif", tiff_file(2, 8, planes(3, 8), tile=16))
    put("tiff-rgb-tiled-predictor.tif", tiff_file(2, 8, planes(3, 8), tile=16, compression=8, predictor=2))
    put("tiff-rgb-planar.tif", tiff_file(2, 8, planes(3, 8), planar=2, rows=4))
    put("tiff-rgb-planar-tiled.tif", tiff_file(2, 8, planes(3, 8), planar=2, tile=16, compression=8))
    put("tiff-rgb-planar-16bit.tif", tiff_file(2, 16, planes(3, 16), planar=2, tile=16, compression=8))
    for extra in ([0], [1], [2], [2, 0]):
        put(f"tiff-rgb-extra{''.join(map(str, extra))}.tif", tiff_file(2, 8, planes(3 + len(extra), 8), t338=extra))
    put("tiff-rgba-undescribed.tif", tiff_file(2, 8, planes(4, 8)))
    put("tiff-rgba-16bit-premultiplied.tif", tiff_file(2, 16, planes(4, 16), t338=[1]))
    put("tiff-cmyk.tif", tiff_file(5, 8, planes(4, 8), rows=3))
    put("tiff-cmyk-16bit.tif", tiff_file(5, 16, planes(4, 16)))
    for compression in ("tiff_lzw", "packbits", "tiff_deflate", "jpeg"):
        save(f"tiff-{compression}.tif", PHOTO, "TIFF", compression=compression)
    for compression in ("group3", "group4"):
        save(f"tiff-{compression}.tif", PHOTO.convert("1"), "TIFF", compression=compression)


def webp():
    for w, h in ((1, 1), (2, 3), (5, 4), (33, 21)):
        save(f"webp-lossy-{w}x{h}.webp", PHOTO.crop((0, 0, w, h)), "WEBP", quality=60)
    save("webp-lossless.webp", PHOTO, "WEBP", lossless=True)
    save("webp-lossless-alpha.webp", with_alpha(PHOTO), "WEBP", lossless=True)
    save("webp-lossy-alpha.webp", with_alpha(PHOTO), "WEBP", quality=60)
    noisy = SMALL.convert("RGBA")
    noisy.putalpha(Image.fromarray(RNG.integers(0, 256, (13, 17), np.uint8)))
    save("webp-lossy-noisy-alpha.webp", noisy, "WEBP", quality=60)
    island = Image.new("RGBA", (33, 21))
    island.paste(SMALL, (9, 5))
    for lossless in (False, True):
        save(f"webp-animated{'-lossless' * lossless}.webp", island, "WEBP", save_all=True, append_images=[with_alpha(PHOTO)], lossless=lossless)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def decoded():
    """What Pillow makes of each picture, by SHA-256 of (H, W, 3) bytes, or its refusal."""
    out = {}
    for path in sorted(PICTURES.iterdir()):
        try:
            rgb = np.array(Image.open(path).convert("RGB"))
        except Exception as error:
            out[path.name] = dict(refused=f"{type(error).__name__}")
            continue
        turned = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        white = convert_to_rgb(Image.open(path), return_numpy=True)
        out[path.name] = dict(height=rgb.shape[0], width=rgb.shape[1], rgb=digest(rgb), oriented=digest(np.array(turned)), on_white=digest(white))
    return out


def resized():
    """Image.resize of pattern(h, w): passes in both orders, one-pixel sides, growing and shrinking."""
    cases = [(1, 1, 5, 7), (7, 1, 3, 9), (1, 9, 8, 4), (40, 30, 20, 30), (40, 30, 40, 11), (90, 31, 40, 57), (90, 60, 33, 31), (90, 60, 34, 32),
             (30, 90, 57, 40), (64, 64, 16, 16), (13, 17, 100, 90), (2100, 3, 17, 9), (2100, 3, 2100, 9), (3, 2100, 9, 17), (300, 301, 1, 1)]
    return [dict(h=h, w=w, to=[th, tw], filter=f, sha256=digest(np.array(Image.fromarray(pattern(h, w)).resize((tw, th), f))))
            for h, w, th, tw in cases for f in range(6)]


def pixels():
    """CLIPImageProcessorPil's float32 output (3, H, W) for pattern(h, w)."""
    clip = dict(size={"height": 16, "width": 24}, do_center_crop=False)
    settings = [
        dict(clip, do_normalize=False), clip, dict(clip, do_rescale=False), dict(clip, do_rescale=False, do_normalize=False),
        dict(clip, rescale_factor=1 / 127.5, image_mean=[1.0, 1.0, 1.0], image_std=[0.5, 0.25, 0.3]),
        dict(size={"shortest_edge": 19}, crop_size={"height": 24, "width": 17}), dict(size=21, crop_size=13, resample=2), dict(do_resize=False, crop_size=40), {},
    ]
    return [dict(h=h, w=w, config=c, shape=list(o.shape), sha256=digest(o.astype(np.float32)))
            for h, w in ((31, 47), (50, 20)) for c in settings
            for o in [CLIPImageProcessorPil(**c)(images=Image.fromarray(pattern(h, w)), return_tensors="np")["pixel_values"][0]]]


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for write in (jpeg, png, gif, bmp, tiff, webp):
        write()
    expected = dict(pillow=PIL.__version__, transformers=transformers.__version__, decoded=decoded(), resized=resized(), pixels=pixels())
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(len(expected["decoded"]), "pictures,", sum("refused" in e for e in expected["decoded"].values()), "refused")
