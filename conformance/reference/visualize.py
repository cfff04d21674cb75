"""Records the results of upstream's examples/visualize_features.py, for the tests of radio/show.

    python conformance/reference/visualize.py RADIO --out radio/show/testdata/visualize.json

RADIO is a checkout of https://github.com/NVlabs/RADIO. The script runs only the functions get_robust_pca and get_pca_map, since
the file imports many other packages. The features are random with a fixed seed. A few directions have most of the variance,
and there are some outliers. The grid has 5×9 patches of 12 numbers. Recorded, without and with a foreground
(remove_first_component):

    features   (45, 12)
    axes       (3, 12): the components, each with the sign that makes its largest entry positive. Upstream's sign is arbitrary
    low, high  (3): the scores that become 0 and 1 of a colour, minus the score of the mean, which upstream does not subtract
    colours    (45, 3): 0 to 1, red first, before they are enlarged. Upstream's files have blue first, because of OpenCV

Counts are odd, since for an even number torch.median returns the lower of the middle two, which changes with the sign.

The foreground in upstream is the patches below 0.2 of the first component's range, for either sign. `side` and `at` describe
them after the sign is fixed.
"""
import argparse
import ast
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROWS, COLS, WIDTH = 5, 9, 12


def upstream(checkout):
    """The two functions, without the imports of the file."""
    tree = ast.parse((Path(checkout) / "examples" / "visualize_features.py").read_text())
    tree.body = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in ("get_robust_pca", "get_pca_map")]
    space = dict(torch=torch, F=F)
    exec(compile(tree, "visualize_features.py", "exec"), space)
    return space


def features():
    rng = np.random.default_rng(7)
    mix, _ = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))
    latent = rng.normal(size=(ROWS * COLS, WIDTH)) * 0.55 ** np.arange(WIDTH)
    grid = np.arange(ROWS * COLS)
    inside = (abs(grid // COLS - 2) < 2) & (abs(grid % COLS - 3.5) < 2)
    latent[:, 0] = np.where(inside, 3, -1) + 0.3 * latent[:, 0]  # an object in the middle
    latent[[5, 31], 1:] *= 5
    return torch.tensor(latent @ mix + 2).float().double()


def signs(axes):
    """(12, 3): -1 where the largest entry of a column is negative."""
    return torch.sign(axes.gather(0, axes.abs().argmax(0, keepdim=True)))[0]


def record(space, x, **options):
    torch.manual_seed(0)
    axes, low, high = space["get_robust_pca"](x, **options)
    colours = space["get_pca_map"](x.reshape(ROWS, COLS, WIDTH), (ROWS, COLS), "nearest", pca_stats=(axes, low, high))
    s = signs(axes)
    low, high = torch.where(s > 0, low, -high), torch.where(s > 0, high, -low)
    colours = torch.tensor(colours).reshape(-1, 3)
    return dict(axes=(axes * s).T, low=low, high=high, colours=torch.where(s > 0, colours, 1 - colours)), axes * s


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("radio", help="checkout of NVlabs/RADIO")
    p.add_argument("--out", required=True)
    args = p.parse_args()
    space = upstream(args.radio)
    x = features()
    plain, _ = record(space, x)
    skipped, _ = record(space, x, skip=1)
    front, _ = record(space, x, remove_first_component=True)
    torch.manual_seed(0)
    first = torch.pca_lowrank(x, q=3, niter=20)[2][:, :1]  # as at the start of get_robust_pca
    positive = bool(signs(first)[0] > 0)
    cases = dict(plain=plain, skipped=skipped, foreground=front)
    mean = x.mean(0)
    below = (x @ first)[:, 0]
    chosen = (below - below.min()) / (below.max() - below.min()) < 0.2
    assert chosen.sum() % 2 == 1, chosen.sum()
    for name, c in cases.items():
        at = x[chosen].mean(0) if name == "foreground" else mean
        c["low"], c["high"] = c["low"] - c["axes"] @ at, c["high"] - c["axes"] @ at
    front.update(side="low" if positive else "high", at=0.2 if positive else 0.8, mask=chosen.int())
    out = dict(rows=ROWS, cols=COLS, width=WIDTH, features=x.float(), cases=cases)
    plainly = lambda v: np.round(np.asarray(v, dtype=np.float64), 7).tolist() if isinstance(v, torch.Tensor) else v
    tidy = json.loads(json.dumps(out, default=plainly))
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    Path(args.out).write_text(json.dumps(tidy, separators=(",", ":")) + "\n")
    print(args.out, Path(args.out).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
