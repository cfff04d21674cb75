"""OpenVINO on the exported graph; int8 is NNCF's post-training quantisation."""
import openvino as ov

import checkpoints


class Peer:
    settings = "CPU, LATENCY hint, one stream, batch fixed"

    def __init__(self, case):
        self.versions = {"openvino": ov.__version__.split("-")[0]}
        core = ov.Core()
        folder = checkpoints.folder(case)
        model = core.read_model(folder / (f"{case['size']}-int8.xml" if case["dtype"] == "int8" else f"{case['size']}.onnx"))
        model.reshape([case["batch"], 3, case["size"], case["size"]])
        precision = {"bfloat16": "bf16"}.get(case["dtype"], "f32")
        compiled = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": case["threads"],
            "INFERENCE_PRECISION_HINT": precision})
        self.request = compiled.create_infer_request()
        self.feed(checkpoints.pixels(case["batch"], case["size"]))

    def feed(self, pixels):
        self.pixels = pixels  # the tensor has no copy of it
        self.request.set_input_tensor(ov.Tensor(pixels))

    def run(self):
        """The summary (B, C)."""
        self.request.infer()
        return self.request.get_output_tensor(0).data
