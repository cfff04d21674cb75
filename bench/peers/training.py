"""A step of training in PyTorch, as bench/training.go has it: forward and backward pass and AdamW, of a linear classifier on the
summary and of the last blocks, or of all blocks and the embeddings."""
import torch
import torch.nn.functional as F
import torch.utils.checkpoint

import checkpoints

CLASSES, RATE = 100, 1e-6


class Training:
    """model is a module of model.py without gradients. Its parameters become those that train."""

    def __init__(self, model, case, pixels):
        depth = len(model.blocks)
        blocks = depth if case["train"] == "all" else int(case["train"].removeprefix("last"))
        trained = list(model.blocks[depth - blocks:].parameters())
        if blocks == depth:
            model.register_parameter("token", torch.nn.Parameter(model._buffers.pop("token")))
            model.resizes()
            trained += [model.token, model.table, *model.embedder.parameters()]
        self.settings = f"training {case['train']}, AdamW fused"
        if case.get("recompute"):
            self.settings += ", torch.utils.checkpoint"
            for block in model.blocks[depth - blocks:]:
                block.forward = recomputed(block.forward)
        self.autocast = case["dtype"] == "bfloat16"
        if self.autocast:
            self.settings += ", bfloat16 by autocast"
        self.model, self.pixels = model, pixels
        self.labels = torch.arange(case["batch"]) * 7 % CLASSES
        with torch.no_grad():
            width = model(pixels[:1])[0].shape[1]
        self.head = torch.nn.Linear(width, CLASSES)
        with torch.no_grad():
            self.head.weight.copy_((torch.from_numpy(checkpoints.values(CLASSES * width)) - 0.5).reshape(CLASSES, width) / 16)
            self.head.bias.zero_()
        for p in trained:
            p.requires_grad_()
        self.optimizer = torch.optim.AdamW([*trained, *self.head.parameters()], lr=RATE, weight_decay=0, fused=True)

    def step(self):
        """The loss, before the step."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            scores = self.head(self.model(self.pixels)[0])
        loss = F.cross_entropy(scores.float(), self.labels)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    def answer(self):
        """The losses of two steps, (1, 2)."""
        return torch.stack([self.step(), self.step()])[None]


def recomputed(forward):
    return lambda x: torch.utils.checkpoint.checkpoint(forward, x, use_reentrant=False)
