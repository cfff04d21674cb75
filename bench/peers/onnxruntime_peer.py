"""ONNX Runtime on the exported graph; int8 is its own dynamic quantisation."""
import onnxruntime as ort

import checkpoints


class Peer:
    settings = "CPUExecutionProvider, all graph optimisations, session.force_spinning_stop=1, batch fixed"

    def __init__(self, case):
        if case["dtype"] not in ("float32", "int8"):
            raise ValueError(f"ONNX Runtime does not compute {case['dtype']} on the CPU")
        self.versions = {"onnxruntime": ort.__version__}
        options = ort.SessionOptions()
        options.intra_op_num_threads = case["threads"]
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.force_spinning_stop", "1")
        options.add_free_dimension_override_by_name("batch", case["batch"])
        name = f"{case['size']}-int8.onnx" if case["dtype"] == "int8" else f"{case['size']}.onnx"
        self.session = ort.InferenceSession(checkpoints.folder(case) / name, options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.feed(checkpoints.pixels(case["batch"], case["size"]))
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name)

    def feed(self, pixels):
        self.pixels = pixels  # the binding has no copy of it
        self.binding.bind_cpu_input("pixels", pixels)

    def run(self):
        """The summary (B, C)."""
        self.session.run_with_iobinding(self.binding)
        return self.binding.get_outputs()[0].numpy()
