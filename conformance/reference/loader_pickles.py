"""Writes loader/pickle/testdata: the same values in every protocol of Python's pickle, and as JSON.

Run from this folder:  python loader_pickles.py      (needs numpy)
"""
import argparse
import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import types
import uuid

import numpy as np

TO = pathlib.Path("../../loader/pickle/testdata")
TO.mkdir(exist_ok=True)

west = datetime.timezone(datetime.timedelta(hours=-7))
shared = [1, 2]
VALUES = {  # name: (value, the same as JSON)
    "none": (None, None),
    "bools": ([True, False], [True, False]),
    "ints": ([0, 1, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**63 - 1, -(2**63), 2**63, -(2**64), 10**30],) * 2,
    "floats": ([0.0, 1.5, -2.5e-300, 1e22, float("nan"), float("inf"), float("-inf")],
               [0.0, 1.5, -2.5e-300, 1e22, "NaN", "Infinity", "-Infinity"]),
    "complex": (1.5 - 2j, "(1.5-2i)"),
    "texts": (["", "a", "日本 \U0001f408", "quote ' \" \\ \n\t\r", "é\x7f", "x" * 300],) * 2,
    "bytes": ([b"", b"ab\xff\x00", b"y" * 300], ["0 bytes", "4 bytes", "300 bytes"]),
    "bytearray": (bytearray(b"abc\xff"), "4 bytes"),
    "tuples": ((), [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]),
    "lists": ([[], [1, [2, [3]]]], [[], [1, [2, [3]]]]),
    "sets": ([{7}, frozenset({"a"}), set(), frozenset()], [[7], ["a"], [], []]),
    "dict": ({"z": 1, "a": {"b": []}, 3: "int", None: 0, (1, "x"): 1, 2.5: 2, True: 3},
             {"z": 1, "a": {"b": []}, "3": "int", "None": 0, '(1, "x")': 1, "2.5": 2, "True": 3}),
    "ordered": (collections.OrderedDict([("b", 1), ("a", 2)]), {"b": 1, "a": 2}),
    "default": (collections.defaultdict(list, {"x": [1]}), {"x": [1]}),
    "counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "deque": (collections.deque([1, 2], maxlen=5), [1, 2]),
    "namespace": (argparse.Namespace(lr=0.1, name="x", nested=types.SimpleNamespace(t=(1, None))),
                  {"lr": 0.1, "name": "x", "nested": {"t": [1, None]}}),
    "paths": ([pathlib.PurePosixPath("/data/run 1"), pathlib.PurePosixPath("a/b"), pathlib.PurePosixPath(),
               pathlib.PureWindowsPath("C:\\data\\x")], ["/data/run 1", "a/b", ".", "C:\\data\\x"]),
    "dates": ([datetime.date(2026, 11, 27), datetime.time(1, 2, 3, 4), datetime.datetime(2026, 11, 27, 14, 5, 6),
               datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.timezone.utc),
               datetime.datetime(2026, 1, 2, tzinfo=west), datetime.timedelta(days=2, seconds=61),
               datetime.timedelta(seconds=-0.5)],
              ["2026-11-27", "01:02:03.000004", "2026-11-27T14:05:06", "2026-01-02T03:04:05.000678+00:00",
               "2026-01-02T00:00:00-07:00", "2 days, 0:01:01", "-1 day, 23:59:59.500000"]),
    "exact": ([decimal.Decimal("1.50"), fractions.Fraction(1, 3)], ["1.50", "1/3"]),
    "uuid": (uuid.UUID(int=5), {"int": 5}),
    "slices": ([slice(1, None, 2), range(3)], ["slice(1, None, 2)", "range(0, 3, 1)"]),
    "classes": ([int, collections.OrderedDict, np.float32, Ellipsis],
                ["builtins.int", "collections.OrderedDict", "numpy.float32", "builtins.Ellipsis"]),
    "shared": ([shared, shared], [[1, 2], [1, 2]]),
    "scalars": ([np.float64(1.5), np.float32(0.5), np.float16(-2), np.int64(-3), np.uint8(200), np.bool_(True), np.str_("é")],
                [1.5, 0.5, -2.0, -3, 200, True, "é"]),
    "arrays": ([np.arange(6, dtype=np.int16).reshape(2, 3), np.array([1.5, -2], ">f4"), np.zeros((0, 2)), np.float64([[1]]).T,
                np.array(["a", "bc"])],
               [[[0, 1, 2], [3, 4, 5]], [1.5, -2.0], "numpy array <f8 (0, 2)", [[1.0]], ["a", "bc"]]),
}
VALUES["tuples"] = (VALUES["tuples"][1], [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]])

want = {}
for name, (value, as_json) in VALUES.items():
    want[name] = as_json
for protocol in range(6):
    with open(TO / f"values{protocol}.pickle", "wb") as f:
        pickle.dump({name: value for name, (value, _) in VALUES.items()}, f, protocol=protocol)
(TO / "values.json").write_text(json.dumps(want, indent=1, ensure_ascii=False) + "\n")
