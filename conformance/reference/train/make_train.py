"""Makes the bundles in conformance/train: references for heads, losses, optimisers, LoRA and evaluation. See the README.md there.

    python make_train.py [heads losses norms optim lora finetune evaluate augment] [--out DIR] [--seed TEXT]

Needs torch and numpy; `evaluate` also scikit-learn and torchmetrics, `augment` also Pillow. Uses ../reference.py, ../make.py and ../../images.
"""
import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import make as M       # noqa: E402
import reference as R  # noqa: E402

import statement as S  # noqa: E402


# ---------------------------------------------------------------- inputs

def signed(name, *shape, amplitude=1.0, centre=0.0):
    return torch.from_numpy(R.signed("train." + name, shape, amplitude, centre))


def integers(name, bound, *shape):
    return torch.from_numpy((R.splitmix("train." + name, int(np.prod(shape))) % np.uint64(bound)).astype(np.int64).reshape(shape))


def keep(name, p, *shape):
    """A mask of 0 and 1 (uint8), 1 with probability 1 - p."""
    u = R.splitmix("train." + name, int(np.prod(shape))).astype(np.float64) * 2.0**-24
    return torch.from_numpy((u >= p).astype(np.uint8).reshape(shape))


def labels(name, k, *shape, ignored=0.0, ignore=255):
    y = integers(name + ".class", k, *shape)
    if ignored:
        y[keep(name + ".ignored", ignored, *shape) == 0] = ignore
    return y


def weights(name, gain=1.0, **shapes):
    """Parameters of a head: matrices of amplitude gain·sqrt(3/fan_in), biases 0.1, norm weights 1 ± 0.2."""
    out = {}
    for key, shape in shapes.items():
        key = key.replace("__", ".")
        n = f"{name}.{key}"
        if key.endswith("bias"):
            out[key] = signed(n, *shape, amplitude=0.1)
        elif len(shape) == 1:
            out[key] = signed(n, *shape, amplitude=0.2, centre=1.0)
        else:
            out[key] = signed(n, *shape, amplitude=gain * (3 / np.prod(shape[1:])) ** 0.5)
    return out


# ---------------------------------------------------------------- bundles

FEW = 1024  # values of a tensor that is kept in float64


def kept(truth):
    """A float64 tensor as stored in a bundle. A large one is rounded to float32. In a small one a single rounding decides: a sum of a
    few dozen values is often midway between two float32 numbers, and the error of float64 itself then chooses the one that is stored."""
    return truth.contiguous() if truth.numel() <= FEW else M.kept(truth)


def error(got, want):
    e = (got.double() - kept(want).double()).abs()
    return dict(max=e.max().item(), rms=e.square().mean().sqrt().item())


class Bundles(M.Bundles):
    def __init__(self, out, seed):
        super().__init__(out)
        self.seed = seed

    def case(self, name, fn, inputs, params=None, buffers=None, **facts):
        """Run fn(inputs, params, buffers) -> {"loss": scalar, …} in float64 and float32; keep its outputs, the buffers after it
        and the gradient of the loss for every parameter and every floating-point input whose name does not start with "const."."""
        params, buffers = params or {}, buffers or {}
        got = {}
        for dtype in (torch.float64, torch.float32):
            def cast(t, grad):
                return t.to(dtype, copy=True).requires_grad_(grad) if t.is_floating_point() else t
            x = {k.removeprefix("const."): cast(v, not k.startswith("const.")) for k, v in inputs.items()}
            p = {k: cast(v, True) for k, v in params.items()}
            b = {k: v.to(dtype) for k, v in buffers.items()}
            out = fn(x, p, b)
            out["loss"].backward()
            r = {f"output/{k}": v.detach().reshape(v.shape or (1,)) for k, v in out.items()}
            r |= {f"buffer/{k}": v for k, v in b.items()}
            r |= {f"grad/{k}": v.grad for group in (x, p) for k, v in group.items() if v.requires_grad and v.grad is not None}
            missing = [k for group in (x, p) for k, v in group.items() if v.requires_grad and v.grad is None]
            assert not missing, (name, missing)
            got[dtype] = r
        truth = got[torch.float64]
        for k, v in truth.items():
            assert torch.isfinite(v).all(), (name, k)
        tensors = {f"input/{k.removeprefix('const.')}": v for k, v in inputs.items()}
        tensors |= {f"param/{k}": v for k, v in params.items()} | {f"buffer/{k}": v for k, v in buffers.items()}
        tensors |= {f"truth/{k}": kept(v) for k, v in truth.items()}
        err = {k: error(got[torch.float32][k], v) for k, v in truth.items()}
        zero = [k for k, v in truth.items() if v.abs().max() < 1e-14]  # zero in exact arithmetic, as a bias before a norm: what is computed is noise
        if zero:
            facts["zero"] = zero
        self.write(name, tensors, seed=self.seed, constant=[k[6:] for k in inputs if k.startswith("const.")], **facts,
                   torch_error=dict(float32=err, rms_of_truth={k: v.square().mean().sqrt().item() for k, v in truth.items()}))

    def values(self, name, tensors, **facts):
        """A bundle of plain facts: what was given and what is right."""
        self.write(name, tensors, seed=self.seed, **facts)


# ---------------------------------------------------------------- heads

def heads(b):
    s = b.seed + "heads."

    def classify(name, logits, x, params, k, buffers=None, smoothing=0.1, **facts):
        y = labels(s + name, k, x.shape[0])
        def fn(i, p, bufs):
            z = logits(i, p, bufs)
            return {"logits": z, "loss": S.cross_entropy(z, i["labels"], smoothing=smoothing)}
        b.case(f"heads/{name}", fn, {"x": x, "labels": y}, params, buffers, loss="cross_entropy", label_smoothing=smoothing, **facts)

    x = signed(s + "x", 6, 13, amplitude=3)
    x[:, 4] *= 100  # one channel far out, as trained ViTs have
    classify("linear", lambda i, p, _: S.linear(i["x"], p, "head"), x, weights(s + "linear", head__weight=(7, 13), head__bias=(7,)), 7, head="linear")

    for training in (True, False):
        buf = {"norm.running_mean": signed(s + "rm", 13), "norm.running_var": signed(s + "rv", 13, amplitude=0.5, centre=2.0)}
        classify("linear-norm-" + ("train" if training else "eval"),
                 lambda i, p, bufs: S.linear(S.batch_norm(i["x"], p, "norm", training, bufs, eps=1e-6), p, "head"),
                 x, weights(s + "linear-norm", head__weight=(7, 13), head__bias=(7,)), 7, buf, head="linear", training=training,
                 norm="BatchNorm1d, affine=False, eps 1e-6, momentum 0.1, before the linear layer (MAE's linear probe)")

    params = weights(s + "mlp", fc1__weight=(17, 13), fc1__bias=(17,), fc2__weight=(7, 17), fc2__bias=(7,))
    xs = signed(s + "mlp.x", 6, 13, amplitude=1.5)
    classify("mlp", lambda i, p, _: S.mlp(i["x"], p), xs, params, 7, head="mlp", hidden=[17])
    mask = keep(s + "mlp.mask", 0.3, 6, 17)
    y = labels(s + "mlp-dropout", 7, 6)
    def dropped(i, p, _):
        z = S.mlp(i["x"], p, i["mask"], 0.3)
        return {"logits": z, "loss": S.cross_entropy(z, i["labels"])}
    b.case("heads/mlp-dropout", dropped, {"x": xs, "labels": y, "mask": mask}, params, head="mlp", hidden=[17], dropout=0.3, loss="cross_entropy")

    d, heads_ = 24, 3
    t = signed(s + "tokens", 3, 11, d, amplitude=2)
    pool = weights(s + "attentive", pool__q__weight=(d, d), pool__q__bias=(d,), pool__kv__weight=(2 * d, d), pool__kv__bias=(2 * d,), pool__proj__weight=(d, d),
                   pool__proj__bias=(d,), pool__norm__weight=(d,), pool__norm__bias=(d,), pool__mlp__fc1__weight=(4 * d, d), pool__mlp__fc1__bias=(4 * d,),
                   pool__mlp__fc2__weight=(d, 4 * d), pool__mlp__fc2__bias=(d,), head__weight=(5, d), head__bias=(5,))
    pool["pool.latent"] = signed(s + "attentive.latent", 1, 1, d)
    classify("attentive", lambda i, p, _: S.attentive(i["x"], p, heads_), t, pool, 5, head="attentive", num_heads=heads_, eps=1e-6)

    # Pooled input: summary and the mean of the features, concatenated.
    def pooled(i, p, _):
        z = S.linear(torch.cat([i["summary"], i["features"].mean(1)], -1), p, "head")
        return {"logits": z, "loss": S.cross_entropy(z, i["labels"])}
    b.case("heads/linear-summary-mean", pooled, {"summary": signed(s + "summary", 4, 18, amplitude=3), "features": signed(s + "features", 4, 15, 6, amplitude=3),
                                                "labels": labels(s + "pooled", 5, 4)},
           weights(s + "pooled", head__weight=(5, 24), head__bias=(5,)), head="linear", input="summary, mean of features", loss="cross_entropy")

    # Segmentation: features (B, h*w, D) of a 3 x 5 grid, labels of 37 x 61 pixels.
    grid, size, k, d = (3, 5), (37, 61), 6, 12
    level = [signed(s + f"level{i}", 2, grid[0] * grid[1], d, amplitude=2, centre=i - 1.0) for i in range(3)]
    y = labels(s + "segment", k, 2, *size, ignored=0.2)

    def seg_buffers(name, n):
        return {f"{name}.running_mean": signed(s + f"seg.rm{n}", n), f"{name}.running_var": signed(s + f"seg.rv{n}", n, amplitude=0.5, centre=2.0)}

    def seg_case(name, logits, count, params, buffers, over="valid", extra=None, **facts):
        def fn(i, p, bufs):
            z = logits([i[f"level{j}"] for j in range(count)], i, p, bufs)
            loss = S.cross_entropy(S.resize(z, size), i["labels"], ignore=255, over=over)
            return {"logits": z, "upsampled": S.resize(z, size)[:, :, ::7, ::9], "loss": loss}
        inputs = {f"level{j}": level[j] for j in range(count)} | {"labels": y} | (extra or {})
        b.case(f"heads/{name}", fn, inputs, params, buffers, grid=grid, size=size, loss="cross_entropy", ignore=255, mean_over=over,
               upsampled="bilinear, align_corners=False; every 7th row and 9th column is kept", **facts)

    one = weights(s + "segment", bn__weight=(d,), bn__bias=(d,), conv_seg__weight=(k, d, 1, 1), conv_seg__bias=(k,))
    for training in (True, False):
        for over in ("valid", "all"):
            seg_case(f"segment-{'train' if training else 'eval'}-{over}", lambda ls, i, p, bufs: S.segment(ls, grid, p, bufs, training), 1, one, seg_buffers("bn", d), over,
                     head="segment", training=training)
    two = weights(s + "segment2", bn__weight=(2 * d,), bn__bias=(2 * d,), conv_seg__weight=(k, 2 * d, 1, 1), conv_seg__bias=(k,))
    for first in (False, True):
        mask = {"mask": keep(s + "segment.mask", 0.1 if not first else 0.25, 2, 2 * d, 1, 1)}
        drop = 0.1 if not first else 0.25
        seg_case("segment-levels-dropout-" + ("before" if first else "after"),
                 lambda ls, i, p, bufs: S.segment(ls, grid, p, bufs, True, i["mask"], drop, first), 2, two, seg_buffers("bn", 2 * d), extra=mask,
                 head="segment", levels=2, training=True, dropout=drop, dropout_place="before the norm (DINOv3)" if first else "after the norm (mmseg)")
    e = 10
    fused = weights(s + "fused", linear__0__weight=(e, d), linear__0__bias=(e,), linear__1__weight=(e, d), linear__1__bias=(e,), linear__2__weight=(e, d), linear__2__bias=(e,),
                    fuse__weight=(e, 3 * e, 1, 1), fuse__bias=(e,), bn__weight=(e,), bn__bias=(e,), conv_seg__weight=(k, e, 1, 1), conv_seg__bias=(k,))
    seg_case("segment-fused-levels", lambda ls, i, p, bufs: S.fused_levels(ls, grid, p, bufs, True, i["mask"], 0.1), 3, fused, seg_buffers("bn", e),
             extra={"mask": keep(s + "fused.mask", 0.1, 2, e, 1, 1)}, head="fused levels (SegFormer's all-MLP decoder)", training=True, dropout=0.1)
    ups, bufs = {}, {}
    for i, (cin, cout) in enumerate(((d, 9), (9, 7))):
        ups |= weights(s + f"up{i}", **{f"stage__{i}__conv__weight": (cout, cin, 3, 3), f"stage__{i}__bn__weight": (cout,), f"stage__{i}__bn__bias": (cout,)})
        bufs |= {f"stage.{i}.bn.running_mean": signed(s + f"up.rm{i}", cout), f"stage.{i}.bn.running_var": signed(s + f"up.rv{i}", cout, amplitude=0.5, centre=2.0)}
    ups |= weights(s + "up", conv_seg__weight=(k, 7, 1, 1), conv_seg__bias=(k,))
    seg_case("segment-upsampling", lambda ls, i, p, bb: S.upsampling(ls[0], grid, p, bb, True), 1, ups, bufs, head="upsampling (3x3 convolutions)", training=True)

    # Depth: bins, and plain regression.
    low, high, bins = 0.001, 10.0, 16
    target = signed(s + "depth.target", 2, 1, *size, amplitude=4.0, centre=5.0)
    valid = keep(s + "depth.valid", 0.15, 2, 1, *size).bool()
    target = torch.where(valid, target, torch.zeros(()))
    cls = [signed(s + f"cls{i}", 2, d, amplitude=2) for i in range(2)]
    def depth_case(name, levels, params, buffers=None, **options):
        def fn(i, p, bufs):
            z = S.depth([i[f"level{j}"] for j in range(levels)], [i[f"cls{j}"] for j in range(levels)] if options.get("cls", True) else None, grid, p, low, high,
                        bins=options.get("bins", "linear"), norm=options.get("norm", "linear"), upsample=options.get("upsample", 1),
                        training=options.get("training"), buffers=bufs)
            up = S.resize(z, size)
            v = i["valid"].bool()
            a, g = S.silog(up, i["target"], v), S.gradient_log(up, i["target"], v)
            return {"depth": z, "silog": a, "gradient": g, "loss": a + 0.5 * g}
        inputs = {f"level{j}": level[j] for j in range(levels)}
        if options.get("cls", True):
            inputs |= {f"cls{j}": cls[j] for j in range(levels)}
        b.case(f"heads/{name}", fn, inputs | {"const.target": target, "valid": valid.to(torch.uint8)}, params, buffers, grid=grid, size=size, head="depth", low=low, high=high,
               loss="silog + 0.5·gradient_log, after bilinear resizing", **options)
    conv = weights(s + "depth", gain=2.0, conv_depth__weight=(bins, 2 * d, 1, 1), conv_depth__bias=(bins,))
    depth_case("depth-dinov2", 2, weights(s + "depth4", gain=2.0, conv_depth__weight=(bins, 4 * d, 1, 1), conv_depth__bias=(bins,)), upsample=4)
    depth_case("depth-log-softmax", 1, conv, bins="log", norm="softmax")
    depth_case("depth-sigmoid", 1, conv, norm="sigmoid")
    depth_case("depth-dinov3", 1, weights(s + "depth3", gain=2.0, conv_depth__weight=(bins, d, 1, 1), conv_depth__bias=(bins,), bn__weight=(d,), bn__bias=(d,)), seg_buffers("bn", d),
               cls=False, training=True)
    regress = weights(s + "regress", conv_depth__weight=(1, 2 * d, 1, 1), conv_depth__bias=(1,))
    regress["conv_depth.bias"] += 3
    depth_case("depth-regression", 1, regress)


# ---------------------------------------------------------------- losses

def losses(b):
    s = b.seed + "losses."

    def case(name, loss, inputs, **facts):
        b.case(f"losses/{name}", lambda i, p, bufs: {"loss": loss(i)}, inputs, loss=name, **facts)

    z, y, w = signed(s + "z", 9, 7, amplitude=4), labels(s + "y", 7, 9), signed(s + "w", 7, amplitude=0.7, centre=1.0)
    yi = y.clone()
    yi[[2, 5]] = 255
    case("cross-entropy", lambda i: S.cross_entropy(i["logits"], i["labels"]), {"logits": z, "labels": y})
    case("cross-entropy-smoothing", lambda i: S.cross_entropy(i["logits"], i["labels"], smoothing=0.1), {"logits": z, "labels": y}, label_smoothing=0.1)
    case("cross-entropy-weights", lambda i: S.cross_entropy(i["logits"], i["labels"], i["weight"]), {"logits": z, "labels": y, "const.weight": w})
    case("cross-entropy-weights-smoothing-ignore", lambda i: S.cross_entropy(i["logits"], i["labels"], i["weight"], 0.1, 255),
         {"logits": z, "labels": yi, "const.weight": w}, label_smoothing=0.1, ignore=255)
    case("cross-entropy-all", lambda i: S.cross_entropy(i["logits"], i["labels"], ignore=255, over="all"), {"logits": z, "labels": yi}, ignore=255, mean_over="all")
    soft = signed(s + "soft", 9, 7, amplitude=3).softmax(1)
    case("cross-entropy-soft", lambda i: torch.nn.functional.cross_entropy(i["logits"], i["targets"], label_smoothing=0.05), {"logits": z, "const.targets": soft},
         label_smoothing=0.05, note="targets are probabilities (mixup, distillation)")
    far = torch.tensor([[1e4, 0, -1e4], [-1e4, 1e4, 1e4], [3e4, -3e4, 3e4 - 1], [88.8, -103.3, 0.5], [0, 0, 0]])
    case("cross-entropy-far", lambda i: S.cross_entropy(i["logits"], i["labels"]), {"logits": far, "labels": torch.tensor([2, 1, 0, 0, 1])},
         note="logits far out: nothing overflows, the gradient stays exact")
    big = signed(s + "map", 2, 5, 8, 11, amplitude=4)
    ym = labels(s + "ym", 5, 2, 8, 11, ignored=0.3)
    case("cross-entropy-map", lambda i: S.cross_entropy(i["logits"], i["labels"], i["weight"], ignore=255), {"logits": big, "labels": ym, "const.weight": signed(s + "w5", 5, amplitude=0.7, centre=1.0)},
         ignore=255, layout="logits (B, K, H, W)")
    for name, size in (("upsampled", (37, 61)), ("upsampled-16", (48, 80)), ("resized-down", (2, 4))):
        small = signed(s + "small", 2, 5, 3, 5, amplitude=4)
        yy = labels(s + name, 5, 2, *size, ignored=0.3)
        case(f"cross-entropy-{name}", lambda i: S.cross_entropy(S.resize(i["logits"], size), i["labels"], ignore=255), {"logits": small, "labels": yy}, ignore=255, size=size,
             note="cross entropy of bilinearly resized logits, the gradient at the small ones: one fused operation need not keep the large ones")

    t = (integers(s + "t", 2, 6, 5)).to(torch.uint8)
    zb = signed(s + "zb", 6, 5, amplitude=5)
    zb[0, 0], zb[0, 1] = 100.0, -100.0
    known = keep(s + "known", 0.3, 6, 5)
    case("binary-cross-entropy", lambda i: S.binary_cross_entropy(i["logits"], i["targets"]), {"logits": zb, "targets": t})
    case("binary-cross-entropy-positives", lambda i: S.binary_cross_entropy(i["logits"], i["targets"], pos_weight=i["pos_weight"]),
         {"logits": zb, "targets": t, "const.pos_weight": signed(s + "pw", 5, amplitude=2, centre=3)})
    case("binary-cross-entropy-known", lambda i: S.binary_cross_entropy(i["logits"], i["targets"], i["known"]), {"logits": zb, "targets": t, "known": known},
         note="labels that are not known count nowhere; the mean is over known ones")
    case("sigmoid-focal", lambda i: S.sigmoid_focal(i["logits"], i["targets"]), {"logits": zb, "targets": t}, alpha=0.25, gamma=2.0)
    case("softmax-focal", lambda i: S.softmax_focal(i["logits"], i["labels"]), {"logits": big, "labels": ym}, gamma=2.0, ignore=255)
    case("dice", lambda i: S.dice(i["logits"], i["labels"]), {"logits": big, "labels": ym}, ignore=255, smooth=S.DICE_SMOOTH)
    case("cross-entropy-dice", lambda i: S.cross_entropy(i["logits"], i["labels"], ignore=255) + 0.5 * S.dice(i["logits"], i["labels"]), {"logits": big, "labels": ym},
         ignore=255, note="sum of cross entropy and 0.5 · dice")

    pred, target = signed(s + "pred", 2, 1, 13, 17, amplitude=4, centre=5), signed(s + "target", 2, 1, 13, 17, amplitude=4, centre=5)
    valid = keep(s + "valid", 0.2, 2, 1, 13, 17)
    for name, loss in (("silog", S.silog), ("gradient-log", S.gradient_log)):
        case(name, lambda i: loss(i["pred"], i["target"], i["valid"].bool()), {"pred": pred, "const.target": target, "valid": valid}, eps=S.SILOG_EPS, **({"lambda": S.SILOG_LAMBDA} if name == "silog" else {}))
    F = torch.nn.functional
    near = target + signed(s + "near", 2, 1, 13, 17, amplitude=2)
    case("smooth-l1", lambda i: F.smooth_l1_loss(i["pred"], i["target"], beta=0.5), {"pred": near, "const.target": target}, beta=0.5)
    case("l1", lambda i: F.l1_loss(i["pred"][i["valid"].bool()], i["target"][i["valid"].bool()]), {"pred": near, "const.target": target, "valid": valid})
    case("mse", lambda i: F.mse_loss(i["pred"], i["target"]), {"pred": near, "const.target": target})


# ---------------------------------------------------------------- norms, resizing, dropping

def norms(b):
    s = b.seed + "norms."

    def case(name, shape, training, amplitude=2.0, centre=0.5, eps=1e-5, momentum=0.1, far=None):
        c = shape[1]
        x = signed(s + name, *shape, amplitude=amplitude, centre=centre)
        if far is not None:
            x[:, far] += 1000
        g = signed(s + name + ".g", *shape)
        p = weights(s + name, bn__weight=(c,), bn__bias=(c,))
        bufs = {"bn.running_mean": signed(s + name + ".rm", c), "bn.running_var": signed(s + name + ".rv", c, amplitude=0.5, centre=2.0)}
        def fn(i, p, bb):
            y = S.batch_norm(i["x"], p, "bn", training, bb, momentum, eps)
            return {"y": y, "loss": (y * i["weight"]).sum()}
        b.case(f"norms/{name}", fn, {"x": x, "const.weight": g}, p, bufs, training=training, eps=eps, momentum=momentum, loss="sum(y · weight)")
    for training in (True, False):
        tail = "train" if training else "eval"
        case(f"batchnorm-rows-{tail}", (7, 9), training)
        case(f"batchnorm-planes-{tail}", (3, 5, 4, 7), training)
    case("batchnorm-far", (3, 5, 6, 7), True, far=2)  # a channel whose mean is 1000 times its spread
    case("batchnorm-one-picture", (1, 5, 3, 3), True)
    case("batchnorm-constant", (4, 3, 2, 2), True, amplitude=0.0)  # variance 0: eps decides
    case("batchnorm-momentum", (5, 4), True, eps=1e-3, momentum=0.01)

    def resized(name, shape, size):
        x, g = signed(s + name, *shape, amplitude=2), signed(s + name + ".g", *shape[:2], *size)
        b.case(f"norms/{name}", lambda i, p, bb: {"y": S.resize(i["x"], size), "loss": (S.resize(i["x"], size) * i["weight"]).sum()}, {"x": x, "const.weight": g},
               size=size, loss="sum(y · weight)", operation="bilinear resize, align_corners=False, no antialiasing")
    for name, shape, size in (("resize-up-odd", (2, 3, 3, 5), (17, 23)), ("resize-up-16", (1, 2, 2, 3), (32, 48)), ("resize-up-4", (1, 3, 5, 4), (20, 16)),
                              ("resize-same", (1, 2, 4, 5), (4, 5)), ("resize-down", (1, 2, 9, 11), (4, 3)), ("resize-one", (1, 2, 1, 1), (5, 7)), ("resize-mixed", (1, 2, 6, 3), (3, 9))):
        resized(name, shape, size)

    x, g = signed(s + "drop", 4, 6, 8), signed(s + "drop.g", 4, 6, 8)
    for name, shape, p in (("dropout", (4, 6, 8), 0.25), ("drop-path", (4, 1, 1), 0.4)):
        mask = keep(s + name, p, *shape)
        b.case(f"norms/{name}", lambda i, q, bb: {"y": S.dropout(i["x"], i["mask"], p), "loss": (S.dropout(i["x"], i["mask"], p) * i["weight"]).sum()},
               {"x": x, "const.weight": g, "mask": mask}, p=p, loss="sum(y · weight)")


# ---------------------------------------------------------------- LoRA and fine-tuning of the nano model

LORA = {"attn": ("attn.qkv", "attn.proj"), "all": ("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")}


class LoRAModel(R.Model):
    """R.Model whose linear layers add scale · B·A·x where the state has lora_A (r, In) and lora_B (Out, r)."""
    scale, masks, drop = 1.0, None, 0.0

    def linear(self, x, key):
        y, a = super().linear(x, key), self.state.get("radio_model." + key + ".lora_A.weight")
        if a is None:
            return y
        z = torch.nn.functional.linear(x, a)
        return y + self.scale * torch.nn.functional.linear(z, self.state["radio_model." + key + ".lora_B.weight"])

    def block(self, x, i, taps=None):
        """With masks (blocks, 2, B): drop path on both branches of every block."""
        if self.masks is None:
            return super().block(x, i, taps)
        key = f"model.blocks.{i}."
        d = lambda y, j: S.dropout(y, self.masks[i, j][:, None, None], self.drop)  # noqa: E731
        keepers = lambda name, value: value  # noqa: E731
        x = x + d(self.attention(self.norm(x, key + "norm1"), key + "attn", self.cfg.heads, keepers), 0)
        return x + d(self.linear(torch.nn.functional.gelu(self.linear(self.norm(x, key + "norm2"), key + "mlp.fc1")), key + "mlp.fc2"), 1)


def nano():
    hf = M.NANOS["base"]
    return hf, R.Config(json.loads(json.dumps(hf)), True)


def adapters(cfg, seed, which, r):
    """Adapters with both factors away from zero: a gradient reaches each."""
    shapes, out = R.shapes(cfg), {}
    for i in range(cfg.blocks):
        for name in LORA[which]:
            key = f"radio_model.model.blocks.{i}.{name}"
            o, n = shapes[key + ".weight"]
            out[key + ".lora_A.weight"] = signed(f"{seed}{key}.A", r, n, amplitude=(3 / n) ** 0.5)
            out[key + ".lora_B.weight"] = signed(f"{seed}{key}.B", o, r, amplitude=0.3 * (3 / r) ** 0.5)
    return out


def lora(b):
    hf, cfg = nano()
    h, w, batch = 48, 96, 2
    u8 = M.pixels(b.seed + "input.lora", batch, h, w)
    for which, r, alpha in (("attn", 4, 8.0), ("all", 1, 1.0)):
        params = adapters(cfg, b.seed + "lora.", which, r)
        def fn(i, p, bufs):
            dtype = i["weight.summary"].dtype
            model = LoRAModel(cfg, R.checkpoint(cfg, b.seed, dtype) | p)
            model.scale = alpha / r
            t = model(M.image(i["pixels"]).to(dtype))
            return {"summary": t["summary"], "features": t["features"], "loss": (t["summary"] * i["weight.summary"]).sum() + (t["features"] * i["weight.features"]).sum()}
        inputs = {"pixels": u8, "const.weight.summary": signed(b.seed + "lora.ws", batch, 192), "const.weight.features": signed(b.seed + "lora.wf", batch, 18, 64)}
        b.case(f"lora/nano-{which}", fn, inputs, params, config=hf, align_corners=True, height=h, width=w, rank=r, alpha=alpha, scale=alpha / r, modules=LORA[which],
               loss="sum(summary · weight.summary) + sum(features · weight.features); pixels / 255; base weights are synth v1 of the seed")
        # Merged into the weights the outputs are the same: checked here in float64, to be checked there.
        state = R.checkpoint(cfg, b.seed, torch.float64)
        merged = dict(state)
        for k in [k for k in params if k.endswith("lora_A.weight")]:
            base = k.removesuffix(".lora_A.weight")
            merged[base + ".weight"] = state[base + ".weight"] + alpha / r * params[base + ".lora_B.weight"].double() @ params[k].double()
        one = R.Model(cfg, merged)(M.image(u8).double())["summary"]
        two = LoRAModel(cfg, state | {k: v.double() for k, v in params.items()})
        two.scale = alpha / r
        assert (one - two(M.image(u8).double())["summary"]).abs().max() < 1e-12


def finetune(b):
    """Eight steps of fine-tuning the nano model with a linear head on its summary: what everything together must give.

    A parameter of float32 is rounded at each step, in PyTorch as here. In a bias of five values chance decides how these roundings
    add up. PyTorch's error of a parameter is therefore the larger of two runs: its own, and that of its optimiser in float32 with
    the gradients of a forward and backward pass in float64.
    """
    import optimise as O
    hf, cfg = nano()
    h, w, batch, k, steps = 48, 64, 4, 5, 8
    pixels = M.pixels(b.seed + "input.finetune", batch * steps, h, w).reshape(steps, batch, 3, h, w)
    y = labels(b.seed + "finetune", k, steps, batch)
    drop, options = 0.2, dict(lr=2e-3, weight_decay=0.05, betas=(0.9, 0.999), eps=1e-8)
    decay, warmup, clip, smoothing = 0.75, 3, 60.0, 0.1
    masks = keep(b.seed + "finetune.paths", drop, steps, cfg.blocks, 2, batch)
    head = weights(b.seed + "finetune.head", head__weight=(k, 192), head__bias=(k,))
    frozen = ("input_conditioner", "pos_embed", "patch_generator", "summary_idxs", "feature_normalizer")
    shown = ["head.weight", "head.bias", "radio_model.model.blocks.0.attn.qkv.weight", "radio_model.model.blocks.1.norm1.weight", "radio_model.model.blocks.2.mlp.fc2.bias"]
    got = {}
    for kind, freeze in (("all", 0), ("last1", cfg.blocks - 1)):
        for dtype, compute in ((torch.float64, torch.float64), (torch.float32, torch.float32), (torch.float32, torch.float64)):
            state = {n: v.clone() for n, v in R.checkpoint(cfg, b.seed, dtype).items()} | {n: v.to(dtype) for n, v in head.items()}
            def trainable(n):
                if n.startswith("head."):
                    return True
                return not any(f in n for f in frozen) and int(n.split("blocks.")[1].split(".")[0]) >= freeze
            names = [n for n in state if trainable(n)]
            groups = []
            for n in names:
                state[n] = state[n].clone().requires_grad_()
                level = cfg.blocks + 1 if n.startswith("head.") else int(n.split("blocks.")[1].split(".")[0]) + 1
                groups.append(dict(params=[state[n]], lr=options["lr"] * decay ** (cfg.blocks + 1 - level), weight_decay=options["weight_decay"] if state[n].ndim > 1 else 0.0))
            opt = torch.optim.AdamW(groups, lr=options["lr"], betas=options["betas"], eps=options["eps"])
            base = [g["lr"] for g in opt.param_groups]
            out = {n: [] for n in ("losses", "grad_norms", "rates")}
            for t in range(steps):
                scale = O.warmup_cosine(t, steps, warmup)
                for g, lr in zip(opt.param_groups, base):
                    g["lr"] = lr * scale
                used = {n: v.to(compute) for n, v in state.items()}  # the gradient comes back through it
                model = LoRAModel(cfg, used)
                model.masks, model.drop = masks[t], drop
                z = S.linear(model(M.image(pixels[t]).to(compute))["summary"], used, "head")
                loss = S.cross_entropy(z, y[t], smoothing=smoothing)
                opt.zero_grad()
                loss.backward()
                norm = torch.nn.utils.clip_grad_norm_([state[n] for n in names], clip)
                opt.step()
                out["losses"].append(loss.detach())
                out["grad_norms"].append(norm)
                out["rates"].append(torch.tensor(options["lr"] * scale, dtype=dtype))
            r = {f"{kind}/{n}": torch.stack(v) for n, v in out.items()}
            r |= {f"{kind}/param/{n}": state[n].detach() for n in shown if n in names}
            got.setdefault((dtype, compute), {}).update(r)
    truth = got[torch.float64, torch.float64]
    tensors = {"input/pixels": pixels, "input/labels": y, "input/masks": masks} | {f"param/{n}": v for n, v in head.items()} | {f"truth/{n}": kept(v) for n, v in truth.items()}
    err = {n: error(got[torch.float32, torch.float32][n], v) for n, v in truth.items()}
    for n in (n for n in truth if "/param/" in n):
        exact = error(got[torch.float32, torch.float64][n], truth[n])
        err[n] = {f: max(err[n][f], exact[f]) for f in exact}
    b.write("finetune/nano", tensors, seed=b.seed, config=hf, align_corners=True, steps=steps, batch=batch, optimiser="AdamW", **options, layer_decay=decay, warmup=warmup, schedule="warm-up, then cosine to 0",
            clip_norm=clip, label_smoothing=smoothing, drop_path=drop, frozen="conditioner, patch embedding, position table and class tokens; for last1 also all blocks but the last",
            note="masks (steps, blocks, 2, B): 1 keeps the branch (attention, MLP); head levels: rate = lr · decay^(blocks + 1 - level), block i has level i + 1, the head blocks + 1; no decay on 1-D parameters",
            torch_error=dict(float32=err, rms_of_truth={n: v.square().mean().sqrt().item() for n, v in truth.items()}))


# ---------------------------------------------------------------- main

PARTS = ["heads", "losses", "norms", "optim", "lora", "finetune", "evaluate", "augment"]

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=PARTS)
    parser.add_argument("--out", default=Path(__file__).resolve().parents[2] / "train")
    parser.add_argument("--seed", default="")
    opt = parser.parse_args()
    torch.set_num_threads(1)
    bundles = Bundles(opt.out, opt.seed)
    for part in opt.parts:
        if part in ("optim", "evaluate", "augment"):
            __import__({"optim": "optimise"}.get(part, part)).make(bundles)
        else:
            globals()[part](bundles)
