"""Checkpoints in layouts other than the hub's, each with a bundle of the expected outputs. `make.py checkpoints` calls this
module. The layouts are transformers' own RadioModel (native), a tower in a vision-language model, and weights under spectral
reparametrisation.

Needs torch and transformers.
"""
import argparse
import contextlib
import copy
import json
import math
from unittest import mock

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import _SpectralNorm

import make as M
import reference as R


# ---------------------------------------------------------------- transformers

def native(b, seed):
    """A RadioModel as save_pretrained writes it: the names of the hub, except for LayerScale."""
    if not b.wants("checkpoints/native"):
        return
    model = radio(seed + "native.", hidden_size=64, num_hidden_layers=3, num_attention_heads=2, max_img_size=128, num_cls_tokens=4,
                  num_registers=4, summary_idxs=[0, 1, 2])
    model.save_pretrained(b.out / "checkpoints" / "native")
    native_outputs(b, seed, "native", model, 2, 48, 96)


def native_modules(b, seed):
    """The RadioModel of a vision-language model, with the names of its modules. Queries, keys and values are separate. It has
    an embedding of video patches, which images do not use."""
    if not b.wants("checkpoints/native-modules"):
        return
    model = radio(seed + "native-modules.", hidden_size=32, num_hidden_layers=2, num_attention_heads=2, patch_size=8, max_img_size=64,
                  num_cls_tokens=3, num_registers=5, summary_idxs=[0, 2], video_temporal_patch_size=2)
    folder = b.out / "checkpoints" / "native-modules"
    model.config.save_pretrained(folder)
    R.save(folder / "model.safetensors", model.state_dict(), {"format": "pt"})
    native_outputs(b, seed, "native-modules", model, 6, 24, 32)


def radio(seed, **sizes):
    """A RadioModel with synthetic weights and the names of its modules."""
    import transformers
    model = transformers.RadioModel(transformers.RadioConfig(**sizes)).eval()
    with torch.no_grad():
        for k, v in model.named_parameters():
            v.copy_(torch.from_numpy(R.synth(k, tuple(v.shape), seed)))
    return model


def native_outputs(b, seed, name, model, batch, h, w):
    import transformers
    u8 = M.pixels(f"{seed}input.{name}", batch, h, w)
    x = M.image(u8)
    truth = native_run(model, x, torch.float64)
    errors = {kind: {k: M.error(v, truth[k]) for k, v in native_run(model, x, dtype, auto).items()} for kind, dtype, auto in M.PRECISIONS}
    errors["rms_of_truth"] = M.sizes(truth)
    b.write(f"checkpoints/{name}-outputs", {"pixels": u8} | {f"truth/{k}": M.kept(v) for k, v in truth.items()},
            config=json.loads((b.out / "checkpoints" / name / "config.json").read_text()), seed=seed, align_corners=False,
            height=h, width=w, batch=batch, checkpoint=name, transformers=transformers.__version__, torch_error=errors)


def native_run(model, x, dtype, autocast=False):
    model = copy.deepcopy(model).to(dtype)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=autocast), in_double():
        out = model(pixel_values=x.to(dtype))
    return {"summary": out.summary, "features": out.features}


@contextlib.contextmanager
def in_double():
    """Even in double, RadioModel normalises pixels and resizes position embeddings in float32. Here double stays double."""
    narrow = torch.Tensor.float
    with mock.patch.object(torch.Tensor, "float", lambda t: t if t.dtype == torch.float64 else narrow(t)):
        yield


# ---------------------------------------------------------------- a tower in a vision-language model

def vlm_config(b, seed):
    """A tower whose config is the vision_config of a larger model, with tensors of that model in the same file."""
    if not b.wants("checkpoints/vlm-config"):
        return
    hf = M.config(kwargs=SMALL, teachers=M.TEACHERS[:3], cpe_max_size=64)
    state = R.checkpoint(R.Config(copy.deepcopy(hf), True), seed + "vlm-config.")
    tensors = {"vision_model." + k: v for k, v in state.items()}
    tensors["language_model.model.embed_tokens.weight"] = torch.from_numpy(R.synth("embed_tokens.weight", (10, 32), seed))
    folder = b.out / "checkpoints" / "vlm-config"
    folder.mkdir(parents=True, exist_ok=True)
    outer = dict(architectures=["SmallVLM"], model_type="small_vlm", vision_config=hf, text_config=dict(hidden_size=32, vocab_size=10))
    (folder / "config.json").write_text(json.dumps(outer, indent=2) + "\n")
    R.save(folder / "model.safetensors", tensors, {"format": "pt"})
    M.outputs(b, seed, hf, "vlm-config", state)


SMALL = dict(embed_dim=32, depth=2, num_heads=2)


# ---------------------------------------------------------------- spectral reparametrisation

class Reweight(_SpectralNorm):
    """A weight times a learned scale, divided by its spectral norm. Training keeps the vectors u and v for the norm."""

    def __init__(self, weight):
        super().__init__(weight, n_power_iterations=1, dim=0, eps=1e-6)
        self.register_buffer("_sn_version", torch.tensor(2))
        norm = torch.dot(self._u, torch.mv(weight, self._v)).item()
        self.scale = nn.Parameter(torch.tensor([[math.log(math.expm1(norm - 0.05)) + 0.1]]))

    def forward(self, weight):
        if self.training:
            self._power_method(weight, self.n_power_iterations)
        sigma = torch.dot(self._u, torch.mv(weight, self._v)) + self.eps
        return weight * ((F.softplus(self.scale) + 0.05).float() / sigma.float())


class Parts(nn.Module):
    """Queries, keys and values, each with its own norm."""

    def __init__(self, weight):
        super().__init__()
        self.parts = nn.ModuleList(Reweight(p) for p in weight.chunk(3))

    def forward(self, weight):
        return torch.cat([part(p) for part, p in zip(self.parts, weight.chunk(3))])


def spectral(b, seed):
    """A file of the torch hub as training saves it: the matrices of blocks and heads are reparametrised."""
    if not b.wants("checkpoints/spectral"):
        return
    hf = M.config(kwargs=SMALL, teachers=M.TEACHERS[:2], cpe_max_size=64, spectral_reparam=True, spectral_heads=True, adaptor_names=["clip"],
                  adaptor_configs={"clip": M.adaptor(0, (32, 48, 24, 1, 1), (32, 40, 16, 1, 1))})
    torch.manual_seed(sum(seed.encode()))
    merged, kept = {}, {}
    for name, v in R.checkpoint(R.Config(copy.deepcopy(hf), True), seed + "spectral.").items():
        stem = name.removesuffix(".weight")
        if stem == name or v.ndim != 2 or "patch_generator" in name:
            kept[name] = merged[name] = v
            continue
        linear = trained(v, Parts if ".qkv" in name else Reweight)
        kept |= {f"{stem}.{k}": t for k, t in linear.state_dict().items()}
        with torch.no_grad(), in_double():
            merged[name] = {torch.float32: linear.weight.clone(), torch.float64: copy.deepcopy(linear).double().weight.clone()}
    folder = b.out / "checkpoints" / "spectral"
    folder.mkdir(parents=True, exist_ok=True)
    args = argparse.Namespace(**dict(hf["args"], dtype=torch.float32))
    torch.save(dict(epoch=1, arch="nano", state_dict=M.torch_hub(kept, M.TEACHERS), args=args), folder / "nano_spectral.pth.tar")

    def at(dtype):
        return {k: v[dtype] if isinstance(v, dict) else v for k, v in merged.items()}
    M.outputs(b, seed, hf, "spectral", at(torch.float32), at(torch.float64), checkpoint="spectral/nano_spectral.pth.tar")


def trained(weight, reweight):
    """A layer as after a training step: its weight has changed since the norm was computed, and so have u and v."""
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    linear.weight = nn.Parameter(weight.clone())
    parametrize.register_parametrization(linear, "weight", reweight(weight))
    with torch.no_grad():
        linear.parametrizations.weight.original += 0.05 * weight.roll(1, 0)
        linear.weight
    return linear.eval()
