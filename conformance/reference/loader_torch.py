"""Writes loader/testdata/torch: small files of torch.save, in both of its formats, and their contents according to torch.

Run from this folder:  python loader_torch.py      (needs torch and numpy)
Files that end in .bad.pth are hostile or damaged. Reading them must be an error.
"""
import argparse
import collections
import datetime
import io
import json
import os
import pathlib
import pickle
import struct
import zipfile

import numpy as np
import torch

TO = pathlib.Path("../../loader/testdata/torch")
TO.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)

base = torch.arange(24, dtype=torch.float32)
grid = base.view(4, 6)
shared = torch.arange(10, dtype=torch.int64)
parameter = torch.nn.Parameter(torch.tensor([1.5, -2.0]))
parameter.note = "an attribute"
tensors = {
    "f32": grid.clone(), "f16": grid.half(), "bf16": grid.bfloat16(), "f64": grid.double() / 3,
    "i64": shared, "i32": shared.int(), "i16": shared.short(), "i8": shared.char() - 5, "u8": shared.byte(), "bool": shared > 4,
    "u16": shared.to(torch.uint16), "u32": shared.to(torch.uint32), "u64": shared.to(torch.uint64),
    "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3), "one": torch.ones(1, 1, 1),
    "transposed": grid.t(), "column": grid[:, 2], "steps": base[1::3], "block": grid[1:3, 2:5], "expanded": base[3:4].expand(2, 3),
    "view": base[4:8], "overlapping": base.as_strided((3, 4), (2, 1), 1), "transposed half": grid.half().t(), "integers": shared.view(2, 5).t(),
    "channels_last": torch.arange(24.0).view(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    "parameter": torch.nn.Parameter(torch.tensor([0.5])), "with attribute": parameter, "dotted.name": torch.zeros(2),
}
unread = {
    "c64": torch.tensor([1 + 2j]), "f8": torch.ones(3).to(torch.float8_e4m3fn), "sparse": torch.eye(3).to_sparse(),
    "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), "meta": torch.empty(2, 2, device="meta"),
    "negated": torch._neg_view(torch.ones(3)),
}


def listed(t):
    numbers = t.detach()
    if t.dtype.is_floating_point:
        numbers = numbers.float()
    return {"shape": list(t.shape), "numbers": numbers.contiguous().flatten().tolist()}


def save(name, value, **more):
    torch.save(value, TO / name, **more)
    return value


state = collections.OrderedDict(tensors | unread | {"version": 3, "_extra_state": None})
state._metadata = collections.OrderedDict({"": {"version": 1}})
save("state.pth", state)
legacy = collections.OrderedDict((k, v) for k, v in state.items() if k != "meta")
save("legacy.pth", legacy, _use_new_zipfile_serialization=False)
for protocol in (3, 4, 5):
    save(f"protocol{protocol}.pth", {"f32": grid, "bytes": b"\x00\xff"}, pickle_protocol=protocol)
(TO / "state.json").write_text(json.dumps({k: listed(v) for k, v in tensors.items()}) + "\n")

run = {
    "epoch": 3, "arch": "vit", "state_dict": {"a.weight": grid, "b": {"weight": base[:2], "deep": {"bias": base[5:6]}}, "count": 7},
    "optimizer": {"state": {0: {"step": torch.tensor(5.0), "exp_avg": base[:3]}}, "param_groups": [{"lr": 1e-3, "params": [0]}]},
    "args": argparse.Namespace(
        lr=1e-3, betas=(0.9, 0.999), name="run 1", resume=None, amp=True, size=[224, 448], output=pathlib.PosixPath("/data/out"),
        device=torch.device("cuda", 1), cpu=torch.device("cpu"), dtype=torch.bfloat16, shape=torch.Size([3, 4]), seed=np.int64(7),
        scale=np.float32(0.5), classes={"a", "b"} & {"a"}, window=slice(0, 4), at=datetime.datetime(2026, 11, 27, 1, 2, 3),
        nested=argparse.Namespace(teachers=[{"name": "clip", "weight": 1.0}]), bad=float("nan"), layout=torch.strided,
        tensor=base[:3], big=2**70, mean=np.array([0.5, 0.25])),
    "torch": torch.__version__, "rng": torch.get_rng_state()[:8].clone(), "numpy_rng": ("MT19937", np.arange(4, dtype=np.uint32), 4, 0, 0.0),
}
save("run.pth.tar", run)
save("run-legacy.pth.tar", run, _use_new_zipfile_serialization=False)
save("list.pth", [grid, base])
save("tensor.pth", grid)
save("several.pth", {"first": {"w": base}, "second": {"w": base}})
save("one.pth", {"epoch": 1, "weights": {"w": base}})

# Invalid files: a valid file with another pickle, or with other entries.
sound = io.BytesIO()
torch.save({"w": base}, sound)
entries = {i.filename: zipfile.ZipFile(sound).read(i) for i in zipfile.ZipFile(sound).infolist()}
folder = next(iter(entries)).split("/")[0]


def write(name, changes, compress=zipfile.ZIP_STORED):
    with zipfile.ZipFile(TO / name, "w", compress) as z:
        for path, data in (entries | {f"{folder}/{k}": v for k, v in changes.items()}).items():
            if data is not None:
                z.writestr(zipfile.ZipInfo(path), data, compress)


class Attack:
    def __reduce__(self):
        return os.system, ("echo attacked > attacked",)


def chain():  # __import__("os").system("…"), by way of getattr
    return (b"\x80\x02c__builtin__\ngetattr\n(c__builtin__\n__import__\n(U\x02ostRU\x06systemtR(U\x04exittR.")


write("rezipped.pth", {})
write("big-endian.pth", {"byteorder": b"big", "data/0": base.numpy().astype(">f4").tobytes()})
write("byteorder.bad.pth", {"byteorder": b"middle"})
write("compressed.bad.pth", {}, zipfile.ZIP_DEFLATED)
write("no-storage.bad.pth", {"data/0": None})
write("short-storage.bad.pth", {"data/0": entries[f"{folder}/data/0"][:-1]})
write("no-pickle.bad.pth", {"data.pkl": None})
write("half-pickle.bad.pth", {"data.pkl": entries[f"{folder}/data.pkl"][:-9]})
write("script.bad.pth", {"constants.pkl": b"\x80\x02).", "code/__torch__.py": b"class M(Module):\n"})
write("system.bad.pth", {"data.pkl": pickle.dumps({"w": Attack()}, 2)})
write("stack-global.bad.pth", {"data.pkl": pickle.dumps({"w": Attack()}, 4)})
write("inst.bad.pth", {"data.pkl": b"(S'exit'\niposix\nsystem\n."})
write("chain.bad.pth", {"data.pkl": chain()})
write("memo-bomb.bad.pth", {"data.pkl": b"\x80\x02](" + b"K\x01" * 20000 + b"eq\x000" + b"cbuiltins\nlist\nh\x00\x85R0" * 1000 + b"N."})
write("laughs.bad.pth", {"data.pkl": b"\x80\x02}U\x01a)" + b"2\x86" * 200 + b"s."})


def tensor(offset, shape, strides, count=24):
    def numbers(values):
        return b"(" + b"".join(b"\x8a\x09" + struct.pack("<q", v) + b"\x00" for v in values) + b"t"
    return (b"\x80\x02}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu" +
            numbers([count])[1:-1] + b"tQ" + numbers([offset])[1:-1] + numbers(shape) + numbers(strides) + b"\x89NtRs.")


write("cycle.bad.pth", {"data.pkl": tensor(0, [24], [1]).replace(b"}", b"}q\x00", 1)[:-1] + b"U\x01ah\x00s."})
write("outside.bad.pth", {"data.pkl": tensor(1, [24], [1])})
write("strides-outside.bad.pth", {"data.pkl": tensor(0, [2, 2], [23, 1])})
write("overflow.bad.pth", {"data.pkl": tensor(0, [2**40, 2**40], [0, 0])})
write("stride-overflow.bad.pth", {"data.pkl": tensor(0, [3, 3], [2**62, 2**62])})
write("offset-overflow.bad.pth", {"data.pkl": tensor(2**63 - 1, [2], [1])})
write("count.bad.pth", {"data.pkl": tensor(0, [25], [1], count=25)})
write("repeated.pth", {"data.pkl": tensor(0, [2**20, 2**20], [0, 0])})
module = io.BytesIO()
torch.save(torch.nn.Linear(2, 2), module)
(TO / "module.bad.pth").write_bytes(module.getvalue())
with open(TO / "legacy.pth", "rb") as f:
    (TO / "legacy-cut.bad.pth").write_bytes(f.read()[:-5])
