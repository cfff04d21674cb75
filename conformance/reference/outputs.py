"""Checks that Python reads all output formats of `cradio embed`, and that they hold the same numbers.

    go build -o cradio ./cmd/cradio && python conformance/reference/outputs.py ./cradio

Needs numpy, pandas, pyarrow, duckdb, safetensors and ml_dtypes, and no network. It embeds images of conformance/images, and one
file that is not an image, with the smallest synthetic model. It prints a line for each format and type, and ends with an error
at the first difference.

Passed with numpy 2.4.6, pandas 3.1.1, pyarrow 26.0.1, duckdb 2.0.1, safetensors 0.8.0 and
ml_dtypes 0.6.0 on Python 3.11.7 and Linux, November 2026.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import ml_dtypes
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from safetensors.numpy import load_file
from safetensors import safe_open

IMAGES = Path(__file__).resolve().parents[1] / "images"
FACTS = ("model", "identity", "settings", "dtype", "layout", "synthetic", "note", "cradio")
TYPES = {"float32": np.float32, "float16": np.float16, "float64": np.float64, "bfloat16": ml_dtypes.bfloat16}


def main(cradio):
    folder = Path(tempfile.mkdtemp())
    bad = folder / "text.jpg"
    bad.write_text("hello")
    images = [str(bad), str(IMAGES / "chelsea.jpg"), str(IMAGES / "gray.jpg"), str(bad), str(IMAGES / "rgba.png")]

    def embed(name, dtype, *more):
        out = folder / f"{dtype}-{name}"
        model = ["--dtype", "float64"] if dtype == "float64" else []
        p = subprocess.run([cradio, "embed", *images, "--model", "synthetic:nano", "--size", "48x64", "--out", str(out), "--out-dtype", dtype, *model, *more],
                           capture_output=True, text=True)
        assert p.returncode == 1, p.stderr  # some images failed
        return out

    for dtype, numpy_type in TYPES.items():
        wide = embed("wide.jsonl", "float64" if dtype == "float64" else "float32", "--features")
        want = [json.loads(line) for line in wide.open()]
        summary = np.array([w["summary"] for w in want], np.float32 if dtype != "float64" else np.float64).astype(numpy_type)
        features = np.array([w["features"] for w in want], np.float32 if dtype != "float64" else np.float64).astype(numpy_type)
        paths = [w["path"] for w in want]
        assert summary.shape == (3, 192) and features.shape == (3, 12, 64)

        def same(what, a, b):
            assert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), (what, dtype, a, b)

        f = embed("x.safetensors", dtype, "--features")
        arrays = load_file(f)
        same(f, arrays["summary"], summary)
        same(f, arrays["features"], features)
        assert arrays["grid"].tolist() == [[3, 4]] * 3 and arrays["original_sizes"][0].tolist() == [300, 451]
        with safe_open(f, "numpy") as opened:
            meta = opened.metadata()
        assert json.loads(meta["paths"]) == paths and len(meta["identity"]) == 64 and all(meta[k] for k in FACTS) and meta["dtype"] == dtype
        print("safetensors", dtype)
        if dtype == "bfloat16":
            continue

        lines = [json.loads(line) for line in embed("x.jsonl", dtype, "--features").open()]
        same("jsonl", np.array([x["summary"] for x in lines]).astype(numpy_type), summary)
        same("jsonl", np.array([x["features"] for x in lines]).astype(numpy_type), features)
        same("jsonl by float32", np.array([x["features"] for x in lines], np.float32).astype(numpy_type), features) if dtype != "float64" else None
        assert lines[0]["original_height"] == 300 and lines[0]["dtype"] == dtype and lines[0]["layout"] == "nlc"
        print("jsonl", dtype)

        z = np.load(embed("x.npz", dtype, "--features"))
        same("npz", z["summary"], summary)
        same("npz", z["features"], features)
        assert z["paths"].tolist() == paths and z["grid"].tolist() == [[3, 4]] * 3 and {k: str(z[k][0]) for k in FACTS if k != "settings"} == {k: meta[k] for k in FACTS if k != "settings"}
        print("npz", dtype)

        f = embed("x.npy", dtype)
        same("npy", np.load(f, mmap_mode="r"), summary)
        beside = json.load(open(f"{f}.json"))
        assert beside["paths"] == paths and len(beside["failed"]) == 2 and beside["identity"] == meta["identity"]
        f = embed("nan.npy", dtype, "--missing", "nan", "--features")
        rows = np.load(f)
        same("npy", rows[[1, 2, 4]], features)
        assert np.isnan(rows[[0, 3]]).all() and json.load(open(f"{f}.json"))["paths"] == images
        print("npy", dtype)

        f = str(embed("x.parquet", dtype, "--features"))
        good = [1, 2, 4]
        table = pq.read_table(f)
        assert table["path"].to_pylist() == images
        assert [e is None for e in table["error"].to_pylist()] == [False, True, True, False, True]
        for i, row in enumerate(good):
            same("pyarrow", table["summary"][row].values.to_numpy(), summary[i])
            same("pyarrow", table["features"][row].values.to_numpy().reshape(12, 64), features[i])
        facts = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        assert all(facts[k] for k in FACTS) and facts["identity"] == meta["identity"] and json.loads(facts["widths"]) == {"summary": 192, "features": 64}
        frame = pd.read_parquet(f)
        frame = frame[frame.error.isna()]
        same("pandas", np.stack(frame.summary), summary)
        same("pandas", np.stack(frame.features).reshape(3, 12, 64), features)
        assert frame.height.tolist()[0] == 300 and frame.input_width.tolist() == [64] * 3 and frame.rows.tolist() == [3] * 3
        found = duckdb.sql(f"SELECT path, summary, features FROM '{f}' WHERE error IS NULL").fetchnumpy()
        same("duckdb", np.stack(found["summary"]).astype(numpy_type), summary)
        same("duckdb", np.stack(found["features"]).reshape(3, 12, 64).astype(numpy_type), features)
        assert duckdb.sql(f"SELECT count(*) FROM '{f}' WHERE error LIKE '%it is text%' AND summary IS NULL").fetchall() == [(2,)]
        keys = dict(duckdb.sql(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{f}')").fetchall())
        assert keys["identity"] == meta["identity"] and keys["dtype"] == dtype
        print("parquet", dtype)


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))
