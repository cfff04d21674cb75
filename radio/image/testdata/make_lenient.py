"""Damaged, unusual and wrapped image files of some hundred bytes, and what Pillow makes of each: lenient.json.

Run with numpy and Pillow 13: python make_lenient.py. Nothing in the Go tests needs Python.
"""
import base64
import hashlib
import io
import json
import pathlib
import struct
import warnings
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

warnings.simplefilter("ignore")
CASES = {}
RNG = np.random.default_rng(7)
W, H = 7, 5
BAD = b"\1\2\3\4"


def put(name, data):
    assert name not in CASES, name
    CASES[name] = data


def chunk(kind, data, crc=None, size=None):
    crc = struct.pack(">I", zlib.crc32(kind + data)) if crc is None else crc
    return struct.pack(">I", len(data) if size is None else size) + kind + data + crc


def ihdr(w=W, h=H, depth=8, kind=2, interlace=0, compression=0, method=0, more=b""):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, compression, method, interlace) + more)


def rows(w, h, depth, kind, filters=(0, 1, 2, 3, 4)):
    size = (w * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind] + 7) // 8
    return b"".join(bytes([filters[y % len(filters)]]) + RNG.integers(0, 256, size, np.uint8).tobytes() for y in range(h))


RAW = rows(W, H, 8, 2)
ROW = len(RAW) // H
Z = zlib.compress(RAW)
END = chunk(b"IEND", b"")


def png(before=b"", z=Z, after=b"", end=END, head=ihdr()):
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", z) + after + end


def png_chunks():
    exif = b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
    kinds = {b"tEXt": b"k\0v", b"zTXt": b"k\0\0" + zlib.compress(b"v"), b"gAMA": struct.pack(">I", 45455), b"pHYs": bytes(9), b"sRGB": b"\0",
             b"cHRM": bytes(32), b"iCCP": b"n\0\0" + zlib.compress(b"x" * 99), b"eXIf": exif, b"tIME": bytes(7), b"abCd": b"q", b"ABCD": b"q", b"tRNS": RAW[1:2].rjust(6, b"\0")}
    for kind, data in kinds.items():
        name = kind.decode()
        for where in ("before", "after"):
            put(f"png {name} {where}, wrong checksum", png(**{where: chunk(kind, data, BAD)}))
            put(f"png {name} {where}, empty", png(**{where: chunk(kind, b"")}))
        put(f"png {name} after, cut off", png(after=chunk(kind, data, size=len(data) + 50), end=b""))
    put("png IHDR, wrong checksum", png(head=ihdr()[:-4] + BAD))
    put("png IHDR, long", png(head=ihdr(more=b"zz")))
    put("png IHDR, short", png(head=chunk(b"IHDR", ihdr()[8:-5])))
    put("png IHDR, filter method 1", png(head=ihdr(method=1)))
    put("png IHDR, compression method 1", png(head=ihdr(compression=1)))
    put("png IHDR, kind 5", png(head=ihdr(kind=5)))
    put("png IHDR, RGB of 4 bits", png(head=ihdr(depth=4)))
    put("png IHDR second", png(head=chunk(b"tEXt", b"a\0b") + ihdr()))
    put("png IHDR missing", png(head=b""))
    put("png no chunk", png(before=b"\0\0\0\1\0\0\0\0\0\0\0\0"))
    put("png IEND, wrong checksum", png(end=chunk(b"IEND", b"", BAD)))
    put("png IEND missing", png(end=b""))
    put("png IEND cut", png(end=END[:6]))
    put("png IEND first", png(before=END))
    put("png trailer", png(end=END + b"trailing bytes"))
    put("png junk for IEND", png(end=bytes(range(20))))
    put("png text for IEND", png(end=b"some text that follows"))
    for n, tail in {"0": b"", "2": b"\0\x80", "300": b"\xff" * 300}.items():
        put(f"png tRNS of {n} bytes for a palette", png(chunk(b"PLTE", bytes(range(48))) + chunk(b"tRNS", tail), zlib.compress(rows(W, H, 4, 3)), head=ihdr(depth=4, kind=3)))
    for n in (1, 3):
        put(f"png tRNS of {n} bytes for grey", png(chunk(b"tRNS", bytes(n)), zlib.compress(rows(W, H, 1, 0)), head=ihdr(depth=1, kind=0)))
    put("png tRNS of 5 bytes", png(chunk(b"tRNS", bytes(5))))
    put("png tRNS after the pixels of a palette", png(chunk(b"PLTE", bytes(range(48))), zlib.compress(rows(W, H, 4, 3)), after=chunk(b"tRNS", b"\0\x80"), head=ihdr(depth=4, kind=3)))
    for kind in (0, 4):
        put(f"png PLTE in kind {kind}", png(chunk(b"PLTE", bytes(9)), zlib.compress(rows(W, H, 8, kind)), head=ihdr(kind=kind)))
    for n in (0, 4, 768, 769, 771):
        put(f"png PLTE of {n} bytes", png(chunk(b"PLTE", (bytes(range(256)) * 4)[:n]), zlib.compress(rows(W, H, 8, 3)), head=ihdr(kind=3)))
    put("png PLTE missing", png(z=zlib.compress(rows(W, H, 8, 3)), head=ihdr(kind=3)))
    big = zlib.compress(bytes((1 << 20) + 5000), 9)
    put("png zTXt of more than 1 MiB", png(chunk(b"zTXt", b"k\0\0" + big)))
    put("png zTXt with method 1", png(chunk(b"zTXt", b"k\0\1" + Z)))
    put("png iCCP without a name", png(chunk(b"iCCP", b"k")))


def png_pixels():
    put("png IDAT, wrong checksum", png().replace(chunk(b"IDAT", Z), chunk(b"IDAT", Z, BAD)))
    for n in (2, 4, 6, 9, 12, 40):
        put(f"png IDAT, {n} bytes missing", png(end=b"")[:-4 - n])
    put("png IDAT, a byte too many", png(z=zlib.compress(RAW + b"x")))
    put("png IDAT, rows too many", png(z=zlib.compress(RAW + RAW)))
    put("png IDAT, bytes after the stream", png(z=Z + b"more"))
    put("png IDAT, wrong sum", png(z=Z[:-4] + BAD))
    put("png IDAT, no sum", png(z=Z[:-4]))
    put("png IDAT, a byte too few", png(z=zlib.compress(RAW[:-1])))
    put("png IDAT, a row too few", png(z=zlib.compress(RAW[:-ROW])))
    put("png IDAT, filter 5", png(z=zlib.compress(b"\5" + RAW[1:])))
    put("png IDAT, no zlib", png(z=b"\x79" + Z[1:]))
    put("png IDAT, dictionary", png(z=b"\x78\xbb" + Z[2:]))
    put("png IDAT, damaged", png(z=Z[:20] + b"\xff" * 9 + Z[29:]))
    for name, stream in {"": Z, ", wrong sum": Z[:-4] + BAD}.items():
        for at in ((len(Z) - 4,), (len(Z) - 2,), (0, 0, 9, 9), tuple(range(1, len(Z), 7))):
            cuts = [0, *at, len(stream)]
            parts = b"".join(chunk(b"IDAT", stream[a:b]) for a, b in zip(cuts, cuts[1:]))
            put(f"png IDAT in {len(cuts) - 1} parts from {at[0]}{name}", png().replace(chunk(b"IDAT", Z), parts))
    put("png IDAT interrupted", png().replace(chunk(b"IDAT", Z), chunk(b"IDAT", Z[:30]) + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", Z[30:])))
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for kind, depth in ((0, 1), (0, 16), (2, 8), (3, 2), (4, 8), (6, 16)):
        for w, h in ((1, 1), (3, 2), (9, 10)):
            sizes = [(-(-(w - x) // dx), -(-(h - y) // dy)) for x, y, dx, dy in passes]
            data = b"".join(rows(pw, ph, depth, kind, (4, 3, 1)) for pw, ph in sizes if pw > 0 and ph > 0)
            put(f"png interlaced, kind {kind} of {depth} bits, {w}x{h}", png(chunk(b"PLTE", bytes(range(12))) if kind == 3 else b"", zlib.compress(data), head=ihdr(w, h, depth, kind, 2)))
    fctl = lambda n, w=W: chunk(b"fcTL", struct.pack(">IIIIIHHBB", n, w, H, 0, 0, 1, 10, 0, 0))
    actl, fdat = chunk(b"acTL", struct.pack(">II", 2, 0)), lambda n: chunk(b"fdAT", struct.pack(">I", n) + Z)
    put("apng", png(actl + fctl(0), after=fctl(1) + fdat(2)))
    put("apng, cut", png(actl + fctl(0), after=fctl(1) + fdat(2)[:30], end=b""))
    put("apng, wrong number", png(actl + fctl(1), after=fctl(2) + fdat(3)))
    put("apng, fdAT before fcTL", png(actl + fctl(0), after=fdat(9)))
    put("apng, beyond", png(actl + fctl(0, W + 1)))
    put("apng, first frame of a part", png(actl + fctl(0, W - 1), z=zlib.compress(rows(W - 1, H, 8, 2))))


def orientation():
    def exif(turn):
        e = Image.Exif()
        e[0x0112] = turn
        return e.tobytes()

    def profile(turn, name=b"exif"):
        digits = exif(turn).hex()
        lines = "\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
        return b"\n%s\n%8d\n%s\n" % (name, len(digits) // 2, lines.encode())

    key = b"Raw profile type exif\0"
    for turn in (1, 3, 6, 8):
        put(f"turn {turn}, eXIf", png(chunk(b"eXIf", exif(turn)[6:])))
        put(f"turn {turn}, eXIf at the end", png(after=chunk(b"eXIf", exif(turn)[6:])))
        put(f"turn {turn}, profile in tEXt", png(chunk(b"tEXt", key + profile(turn))))
        put(f"turn {turn}, profile in zTXt", png(chunk(b"zTXt", key + b"\0" + zlib.compress(profile(turn)))))
        put(f"turn {turn}, profile in zTXt at the end", png(after=chunk(b"zTXt", key + b"\0" + zlib.compress(profile(turn)))))
        put(f"turn {turn}, profile in iTXt", png(chunk(b"iTXt", key + b"\1\0\0\0" + zlib.compress(profile(turn)))))
        put(f"turn {turn}, profile named APP1", png(chunk(b"zTXt", key.replace(b"exif", b"APP1") + b"\0" + zlib.compress(profile(turn, b"generic profile")))))
        xmp = b'<rdf:Description tiff:Orientation="%d"/>' % turn
        for name, text in {"": b"\0\0\0\0" + xmp, ", compressed": b"\1\0\0\0" + zlib.compress(xmp), ", not UTF-8": b"\0\0\0\0\xff" + xmp}.items():
            put(f"turn {turn}, XMP{name}", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0" + text)))
    put("turn, eXIf before a profile", png(chunk(b"tEXt", key + profile(3)) + chunk(b"eXIf", exif(6)[6:])))
    put("turn, the last eXIf", png(chunk(b"eXIf", exif(3)[6:]) + chunk(b"eXIf", exif(6)[6:])))
    put("turn, eXIf with a prefix", png(chunk(b"eXIf", exif(6))))
    put("turn, XMP beside EXIF without one", png(chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0\0\0\0\0") + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>6</tiff:Orientation>")))
    put("turn, the first of two in XMP", png(chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>6</tiff:Orientation> tiff:Orientation="3"')))
    put("turn, 9 in XMP", png(chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0tiff:Orientation="9" tiff:Orientation="6"')))


def pnm():
    for kind, channels in ((2, 1), (3, 3), (5, 1), (6, 3)):
        for most in (1, 15, 100, 255, 256, 1000, 65535):
            v = RNG.integers(0, most + 1, 5 * 3 * channels)
            v[-3:] = 0, most, most // 2
            body = " ".join(map(str, v)).encode() + b"\n" if kind < 4 else v.astype(">u2" if most > 255 else "u1").tobytes()
            put(f"P{kind}, maximum {most}", b"P%d\n5 3\n%d\n" % (kind, most) + body)
        put(f"P{kind}, cut", b"P%d\n5 3\n255\n" % kind + body[: 15 * channels - 1 if kind > 4 else 40])
        put(f"P{kind}, comments", b"P%d # one\n5 # two\n3\n# three\n15\n" % kind + (b"1 " if kind < 4 else b"\1") * 15 * channels + b"more")
    put("P5, above the maximum", b"P5 3 1 100\n\x63\x65\xff")
    put("P6, two bytes above the maximum", b"P6 1 1 1000\n\x03\xe7\x03\xe9\xff\xff")
    bits = "".join(map(str, RNG.integers(0, 2, 33))).encode()
    put("P1", b"P1\n11 3\n" + b" ".join(bits[i : i + 1] for i in range(33)))
    put("P1, no spaces", b"P1\n11 3\n" + bits + b"\n")
    put("P1, comments", b"P1 #c\n11 3\n#x\n" + bits[:9] + b"#0101\n" + bits[9:] + b"#end")
    put("P1, cut", b"P1\n11 3\n" + bits[:-1])
    put("P1, surplus", b"P1\n11 3\n" + bits + b" 01 2")
    put("P4", b"P4\n11 3\n" + RNG.integers(0, 256, 6, np.uint8).tobytes())
    put("P4, cut", b"P4\n11 3\n" + bytes(5))
    for name, head in {"CRLF": b"P5\r\n3 1\r\n255\r\n", "tabs": b"P5\t3\t1\t255\t", "comment within a number": b"P5\n1#c\n1 1\n255\n", "comment after the maximum": b"P5\n3 1\n255#c\n\n",
                       "maximum 0": b"P5 3 1 0\n", "maximum 65536": b"P5 3 1 65536\n", "width 0": b"P5 0 1 255\n", "11 digits": b"P5 00000000003 1 255\n", "10 digits": b"P5 0000000003 1 255\n",
                       "no height": b"P5 3", "comment in the mark": b"P5#c\n3 1 255\n", "real maximum": b"P5 3 1 255.0\n"}.items():
        put(f"P5, {name}", head + bytes(range(30)))
    for name, body in {"negative": b"-1 2 3", "above the maximum": b"300 2 3", "letters": b"1a 2 3", "11 digits": b"00000000001 2 3", "joined by a comment": b"1#c\n2 2 3"}.items():
        put(f"P2, {name}", b"P2 3 1 255\n" + body)
    put("PAM", b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nENDHDR\nabc")


def jpeg():
    y, x, c = np.mgrid[0:13, 0:19, 0:3]
    photo = Image.fromarray(((x * 9 + y * 5 + x * y * (c + 1) // 3) % 256).astype(np.uint8))

    def save(image, **options):
        out = io.BytesIO()
        image.save(out, "JPEG", **options)
        return out.getvalue()

    def without(data, drop):
        at, out = 2, b"\xff\xd8"
        while data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
            out += b"" if drop(data[at + 1], data[at + 4]) else data[at:end]
            at = end
        return out + data[at:]

    tables = lambda marker, _: marker == 0xC4
    avi = b"\xff\xe0\x00\x10AVI1\0\0" + bytes(8)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        data = save(photo, subsampling=subsampling)
        put(f"jpeg without tables, {subsampling}", without(data, tables))
        put(f"jpeg of an AVI, {subsampling}", b"\xff\xd8" + avi + without(data, lambda marker, _: marker in (0xC4, 0xE0))[2:])
    for table in (0x00, 0x01, 0x10, 0x11):
        put(f"jpeg without table {table:02x}", without(data, lambda marker, first: marker == 0xC4 and first == table))
    put("jpeg without tables, restarts", without(save(photo, restart_marker_rows=1), tables))
    put("jpeg without tables, grey", without(save(photo.convert("L")), tables))
    put("jpeg without tables, progressive", without(save(photo, progressive=True), tables))
    put("jpeg without tables, padded", without(data, tables) + bytes(40))
    put("jpeg, zeros for the end marker", data[:-2] + bytes(40))
    put("jpeg, cut", data[:-20])
    put("jpeg, arithmetic marker", data.replace(b"\xff\xc0", b"\xff\xc9", 1))


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def recorded(data):
    out = dict(data=base64.b64encode(data).decode())
    try:
        rgb = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
        alpha = np.array(Image.open(io.BytesIO(data)).convert("RGBA"))[..., 3]
        turned = np.array(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    except Exception as error:
        return out | dict(refused=f"{type(error).__name__}: {error}"[:80].split("<")[0])
    return out | dict(height=rgb.shape[0], width=rgb.shape[1], rgb=digest(rgb), alpha=digest(alpha), oriented=digest(turned))


if __name__ == "__main__":
    for write in (png_chunks, png_pixels, orientation, pnm, jpeg):
        write()
    cases = {name: recorded(data) for name, data in CASES.items()}
    (pathlib.Path(__file__).parent / "lenient.json").write_text(json.dumps(dict(pillow=PIL.__version__, cases=cases), indent=1) + "\n")
    print(len(cases), "cases,", sum("refused" in c for c in cases.values()), "refused")
