"""C-RADIOv2 as a fast nn.Module, with the names of the checkpoint.

Position embeddings are resized once, when the module is made for a size. Upstream resizes them in each call, so this favours the
peers. Where they train (training.py), they are resized in each call. Attention is F.scaled_dot_product_attention. The complete model is conformance/reference/reference.py. Features that the
benchmark's models (B, L, H) do not use are left out here, and are an error.

Shapes: B batch, N patches, T = prefix + N tokens, D width, P = 3*16*16.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))


class MLP(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(d, hidden), nn.Linear(hidden, d)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(cfg.width, 1e-6), Attention(cfg.width, cfg.heads)
        self.norm2, self.mlp = nn.LayerNorm(cfg.width, 1e-6), MLP(cfg.width, cfg.hidden)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Radio(nn.Module):
    """(B, 3, size, size) in [0, 1] -> summary (B, C) and features (B, N, D)."""

    def __init__(self, cfg, state, size):
        super().__init__()
        if cfg.layer_scale or cfg.scaled_ln or cfg.model_norm or cfg.feature_normalizer:
            raise ValueError("the benchmark's module has no LayerScale, scaled LayerNorm, final norm or feature normaliser")
        self.patch, self.prefix, self.summary_idxs = cfg.patch, cfg.prefix, cfg.summary_idxs
        with torch.device("meta"):
            self.embedder = nn.Linear(3 * cfg.patch**2, cfg.width, bias=False)
            self.blocks = nn.ModuleList(Block(cfg) for _ in range(cfg.blocks))
        own = {}
        for key, value in state.items():
            key = key.removeprefix("radio_model.model.").removeprefix("patch_generator.")
            if key.startswith(("embedder.", "blocks.")):
                own[key] = value
        self.load_state_dict(own, assign=True)
        self.register_buffer("mean", state["radio_model.input_conditioner.norm_mean"])
        self.register_buffer("std", state["radio_model.input_conditioner.norm_std"])
        self.register_buffer("token", state["radio_model.model.patch_generator.cls_token.token"][None])
        self.whole = state["radio_model.model.patch_generator.pos_embed"]
        self.register_buffer("position", self.resized(cfg, self.whole, size))
        self.cfg, self.size = cfg, size
        self.table = None  # of position embeddings, if that trains

    @staticmethod
    def resized(cfg, table, size):
        """(1, N, D): the position embeddings of the checkpoint, for a square image."""
        n = size // cfg.patch
        t = table.reshape(1, cfg.grid, cfg.grid, -1).permute(0, 3, 1, 2)
        t = F.interpolate(t, size=(n, n), mode="bilinear", align_corners=cfg.align_corners)
        return t.flatten(2).permute(0, 2, 1).contiguous()

    def resizes(self):
        """From now on the position embeddings are resized in each call from a table that is a parameter, as upstream."""
        self.table = nn.Parameter(self.whole)

    def forward(self, x):
        b, _, hh, ww = x.shape
        p, h, w = self.patch, hh // self.patch, ww // self.patch
        position = self.position if self.table is None else self.resized(self.cfg, self.table, self.size)
        x = ((x - self.mean) / self.std).to(self.position.dtype)
        x = x.reshape(b, 3, h, p, w, p).permute(0, 2, 4, 1, 3, 5).reshape(b, h * w, 3 * p * p)
        x = self.embedder(x) + position
        x = torch.cat([self.token.expand(b, -1, -1), x], 1)
        for block in self.blocks:
            x = block(x)
        return x[:, self.summary_idxs].flatten(1), x[:, self.prefix:]
