"""Runs one peer, which computes on request: python worker.py PEER

It reads a line of JSON from standard input, and answers with a line on standard output:

    {"do": "case", "folder": …, "model": "B", "size": 224, "batch": 1, "dtype": "float32", "threads": 2}
        prepares the peer, runs it once, and answers {"summary": [[…], …], "versions": {…}, "settings": "…"}
    {"do": "run", "n": 3}
        runs it n times and answers {"seconds": of all n}

or {"error": "…"}. bench/worker.go does the same for cradio. Output of libraries goes to standard error.
"""
import importlib
import json
import os
import sys
import time


def serve(make):
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    run = None
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "case":
                run = None  # free the previous one first
                peer = make(ask)
                run = peer.run
                isa = os.environ.get("ONEDNN_MAX_CPU_ISA")
                reply = dict(summary=getattr(peer, "answer", run)().tolist(), versions=peer.versions, settings=peer.settings + (f", kept to {isa}" if isa else ""))
            else:
                start = time.perf_counter()
                for _ in range(ask["n"]):
                    run()
                reply = dict(seconds=time.perf_counter() - start)
        except Exception as e:
            reply = dict(error=f"{type(e).__name__}: {e}"[:500])
        print(json.dumps(reply), file=out, flush=True)


PEERS = {"torch": "torch_peer", "torch-compile": "torch_peer", "onnxruntime": "onnxruntime_peer", "openvino": "openvino_peer", "torch-cuda": "gpu_peer"}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PEERS:
        sys.exit(f"usage: worker.py {'|'.join(PEERS)}")
    module = importlib.import_module(PEERS[sys.argv[1]])
    serve({"torch-compile": getattr(module, "Compiled", None)}.get(sys.argv[1]) or module.Peer)
