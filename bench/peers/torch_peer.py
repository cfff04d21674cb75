"""PyTorch: as it is (eager), and compiled by inductor with the weights frozen into it."""
import os
import time

import torch

import checkpoints
from training import Training


class Peer:
    settings = "eager, no_grad, scaled_dot_product_attention"

    def __init__(self, case):
        torch.set_num_threads(case["threads"])
        self.grad = case.get("grad", False)
        torch.set_grad_enabled(self.grad or bool(case.get("train")))
        self.versions = {"torch": torch.__version__}
        self.model = checkpoints.load(checkpoints.folder(case), case["size"])
        self.pixels = torch.from_numpy(checkpoints.pixels(case["batch"], case["size"]))
        self.case = case
        self.training = None
        if case.get("train"):
            if case["dtype"] == "int8":
                raise ValueError("nothing is trained in int8")
            self.model.requires_grad_(False)
            self.training = Training(self.model, case, self.pixels)
            self.settings = self.settings.replace("no_grad", self.training.settings)
        elif self.grad:
            self.settings = self.settings.replace("no_grad", "gradients of all parameters")
            self.autocast = case["dtype"] == "bfloat16"
            if case["dtype"] == "int8":
                raise ValueError("gradients are not computed in int8")
            if self.autocast:
                self.settings += ", bfloat16 by autocast"
            self.model.requires_grad_()
            for name in ("token", "position"):  # the table at the size of the case: less work than from the checkpoint's
                self.model.register_parameter(name, torch.nn.Parameter(self.model._buffers.pop(name)))
            self.first = self.model.blocks[0].norm1.weight
            self.seeds = None
        elif case["dtype"] == "bfloat16":
            self.model = self.model.to(torch.bfloat16)
            self.model.mean, self.model.std = self.model.mean.float(), self.model.std.float()
        elif case["dtype"] == "int8":
            self.model = torch.ao.quantization.quantize_dynamic(self.model, {torch.nn.Linear}, torch.qint8)
        self.parameters = list(self.model.parameters())
        self.prepare(case)

    def prepare(self, case):
        pass

    def answer(self):
        """What is compared with the other entrants: that of the first run."""
        return self.training.answer() if self.training else self.run()

    def feed(self, pixels):
        self.pixels = torch.from_numpy(pixels)

    def backward(self):
        """The gradient of a weight (1, D), as in bench/gradient.go. All the others are computed too."""
        for p in self.parameters:
            p.grad = None
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            outputs = self.model(self.pixels)
        outputs = [y.float() for y in outputs]
        if self.seeds is None:
            self.seeds = [torch.from_numpy(checkpoints.values(y.numel())).reshape(y.shape) for y in outputs]
        torch.autograd.backward(outputs, self.seeds)
        return self.first.grad[None]

    def run(self):
        """The summary (B, C), or what is compared instead."""
        if self.training:
            return self.training.step()
        if self.grad:
            return self.backward()
        return self.model(self.pixels)[0].float()


class Compiled(Peer):
    """Inductor's max-autotune takes minutes and gained nothing where it was tried (README.md), so it is asked for with
    CRADIO_MAX_AUTOTUNE=1."""

    def prepare(self, case):
        import torch._functorch.config as functorch
        import torch._inductor.config as inductor
        torch._dynamo.reset()
        # The caches of whole graphs do not know which library packs the weights.
        functorch.enable_autograd_cache = inductor.fx_graph_cache = False
        if self.grad or self.training:
            inductor.freezing = False
            self.settings = "torch.compile (inductor), " + self.settings.removeprefix("eager, ")
            self.model = torch.compile(self.model)
            if self.training:
                self.training.model = self.model
            return
        inductor.freezing = True
        self.settings = "torch.compile (inductor), freezing"
        if os.environ.get("CRADIO_MAX_AUTOTUNE") == "1":
            inductor.max_autotune, inductor.max_autotune_gemm_backends = True, "CPP,ATEN"
            self.settings += ", max-autotune"
        choose_packing(case["dtype"] == "float32" and self.onednn_is_faster(case))
        if packing.onednn:
            self.settings += ", float32 weights packed for oneDNN, which is faster here than MKL"
        self.model = torch.compile(self.model)

    def onednn_is_faster(self, case):
        """Which library multiplies a batch by fc1's weights faster, the weights packed by each."""
        fc1 = self.model.blocks[0].mlp.fc1
        rows = case["batch"] * (self.model.prefix + self.model.position.shape[1])
        x = torch.ones(rows, fc1.in_features)
        for_onednn = torch.ops.mkldnn._reorder_linear_weight(fc1.weight, rows)
        for_mkl = torch.ops.mkl._mkl_reorder_linear_weight(fc1.weight.detach().clone(), rows)
        best = {}
        for _ in range(12):
            for name, multiply in (
                    ("onednn", lambda: torch.ops.mkldnn._linear_pointwise(x, for_onednn, fc1.bias, "none", [], "")),
                    ("mkl", lambda: torch.ops.mkl._mkl_linear(x, for_mkl, fc1.weight, fc1.bias, rows))):
                start = time.perf_counter()
                multiply()
                best[name] = min(best.get(name, 1e9), time.perf_counter() - start)
        return best["onednn"] < best["mkl"]


class packing:
    """What inductor's CPU passes pack float32 weights for: MKL, unless told otherwise. bfloat16, and AOTInductor, always take
    oneDNN; so the choice is there, but torch.compile has no setting for it."""
    onednn = None


def choose_packing(onednn):
    import torch._inductor.fx_passes.mkldnn_fusion as fusion
    if packing.onednn is None:
        op = fusion.CpuMkldnnDeviceOp
        weight, linear = op.pack_linear_weight, op.pack_linear
        op.pack_linear_weight = lambda self, graph, low, *rest: weight(self, graph, low or packing.onednn, *rest)
        op.pack_linear = lambda self, graph, low, *rest: linear(self, graph, low or packing.onednn, *rest)
    packing.onednn = onednn
