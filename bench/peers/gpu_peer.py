"""PyTorch on a GPU: each block compiled by inductor, the forward pass captured as a CUDA graph. As in cradio's times, pixels are
copied to the GPU and outputs from it, through pinned memory.

CRADIO_PEER_DEVICE=cpu is a dry run, without a graph."""
import os

import torch

import checkpoints
from capture import captured


class Peer:
    def __init__(self, case):
        device = os.environ.get("CRADIO_PEER_DEVICE", "cuda")
        if device == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("PyTorch finds no GPU")
        if case["dtype"] == "int8" or case.get("grad") or case.get("train"):
            raise ValueError("only forward passes in float32 and bfloat16 are measured on a GPU")
        self.gpu = device == "cuda"
        dtype = torch.bfloat16 if case["dtype"] == "bfloat16" else torch.float32
        torch.set_grad_enabled(False)
        torch._dynamo.reset()
        self.versions = {"torch": torch.__version__}
        self.settings = (torch.cuda.get_device_name() if self.gpu else "no GPU: a dry run") + ", blocks by torch.compile, a CUDA graph"
        model = checkpoints.load(checkpoints.folder(case), case["size"]).to(device, dtype)
        model.mean, model.std = model.mean.float(), model.std.float()
        for i, block in enumerate(model.blocks):
            model.blocks[i] = torch.compile(block, dynamic=False)
        self.pixels = torch.from_numpy(checkpoints.pixels(case["batch"], case["size"]))
        if self.gpu:
            self.pixels = self.pixels.pin_memory()
        self.inside = self.pixels.to(device)
        self.outputs = [y.float() for y in model(self.inside)]
        self.outside = [torch.empty(y.shape, pin_memory=self.gpu) for y in self.outputs]

        def forward():
            for y, to in zip(model(self.inside), self.outputs):
                to.copy_(y)

        self.forward = captured(forward) if self.gpu else forward

    def run(self):
        """The summary (B, C)."""
        self.inside.copy_(self.pixels, non_blocking=True)
        self.forward()
        for y, to in zip(self.outputs, self.outside):
            to.copy_(y, non_blocking=True)
        if self.gpu:
            torch.cuda.synchronize()
        return self.outside[0]
