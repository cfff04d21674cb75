"""PyTorch: as it is (eager), and compiled by inductor with the weights frozen into it."""
import torch

import checkpoints


class Peer:
    settings = "eager, no_grad, scaled_dot_product_attention"

    def __init__(self, case):
        torch.set_num_threads(case["threads"])
        torch.set_grad_enabled(False)
        self.versions = {"torch": torch.__version__}
        self.model = checkpoints.load(checkpoints.folder(case), case["size"])
        self.pixels = torch.from_numpy(checkpoints.pixels(case["batch"], case["size"]))
        if case["dtype"] == "bfloat16":
            self.model = self.model.to(torch.bfloat16)
            self.model.mean, self.model.std = self.model.mean.float(), self.model.std.float()
        elif case["dtype"] == "int8":
            self.model = torch.ao.quantization.quantize_dynamic(self.model, {torch.nn.Linear}, torch.qint8)
        self.prepare()

    def prepare(self):
        pass

    def run(self):
        """The summary (B, C)."""
        return self.model(self.pixels)[0].float()


class Compiled(Peer):
    settings = "torch.compile (inductor), freezing"

    def prepare(self):
        import torch._inductor.config as inductor
        torch._dynamo.reset()
        inductor.freezing = True
        self.model = torch.compile(self.model)
