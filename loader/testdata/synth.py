"""Writes synth.json: SHA-256 of synthetic tensors, as conformance/reference/reference.py makes them.

Run from this folder:  python synth.py > synth.json      (needs torch and numpy, which reference.py imports)
"""
import hashlib
import json
import sys

sys.path.insert(0, "../../conformance/reference")
from reference import synth  # noqa: E402

M, N = "radio_model.model.", "radio_model.inter_feature_normalizer."
CASES = [  # seed, name, shape
    ("", M + "patch_generator.pos_embed", (1, 64, 64)),
    ("7", M + "patch_generator.pos_embed", (1, 64, 64)),
    ("7", M + "patch_generator.cls_token.token", (8, 64)),
    ("7", M + "patch_generator.embedder.weight", (96, 768)),
    ("7", M + "blocks.0.attn.qkv.weight", (192, 65)),
    ("7", M + "blocks.0.attn.qkv.bias", (192,)),
    ("7", M + "blocks.0.attn.proj.weight", (64, 77)),
    ("7", M + "blocks.1.mlp.fc2.bias", (64,)),
    ("7", "vision_model." + M + "blocks.1.mlp.fc2.bias", (65,)),
    ("7", M + "blocks.11.mlp.fc2.bias", (64,)),
    ("7", M + "blocks.2.norm1.weight", (160,)),
    ("7", M + "blocks.2.ls1.grandma", (160,)),
    ("zwölf", M + "blocks.2.ls2.grandma", (1280,)),
    ("zwölf", N + "alphas", (5,)),
    ("zwölf", N + "means", (5, 64)),
    ("zwölf", N + "rotation", (5, 33, 33)),
    ("zwölf", "radio_model.feature_normalizer.mean", (64,)),
    ("zwölf", "radio_model.feature_normalizer.tx", (64, 64)),
    ("zwölf", "radio_model.input_conditioner.norm_mean", (3, 1, 1)),
    ("zwölf", "radio_model.input_conditioner.norm_std", (3, 1, 1)),
    ("a long seed", "radio_model.adaptors.clip.head_mlp.final.2.weight", (1001, 211)),
    ("a long seed", "weight", (3, 2, 1)),
    ("a long seed", M + "blocks.3.mlp.fc1.weight", (0, 4)),
]
rows = [{"seed": s, "name": n, "shape": shape, "sha256": hashlib.sha256(synth(n, shape, s).tobytes()).hexdigest()}
        for s, n, shape in CASES]
print("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]")
