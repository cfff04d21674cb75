"""Checks that Python's huggingface_hub and cradio share a cache: each reads the other's files, and resumes its downloads.

    go build -o cradio ./cmd/cradio && python conformance/reference/hub_both_ways.py ./cradio

Needs only huggingface_hub, and no network: the hub is hub_mock.py, on this machine. It prints a line for each check below, and
ends with an error at the first one that fails.

Passed with huggingface_hub 2.4.0, 1.0.1, 0.36.0 and 0.25.2 on Python 3.11.7 and Linux, November 2026.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hub_mock

TOKEN = "hf_of_both_ways"
REPO = "org/nano"
MAIN, OTHER = "a" * 40, "b" * 40
NEEDED = {"config.json", "preprocessor_config.json", "model.safetensors"}

# Python runs in a separate process, since huggingface_hub reads the environment only when it is imported.
PYTHON = {
    "snapshot": "from huggingface_hub import snapshot_download as f; print(f('%s', revision=%r))",
    "needed": "from huggingface_hub import hf_hub_download as f; print([f('%s', n, revision=%r) for n in ('config.json', 'preprocessor_config.json', 'model.safetensors')][0].rsplit('/', 1)[0])",
    "local": "from huggingface_hub import snapshot_download as f; print(f('%s', revision=%r, local_files_only=True))",
}


def run(command, cache, hub, check=True, **environment):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING", "TRANSFORMERS_", "XDG_", "HTTP_PROXY", "http_proxy"))}
    env |= {"HF_HOME": str(cache), "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", **environment}
    p = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    if check and p.returncode:
        raise SystemExit(f"{command}\nended with {p.returncode}:\n{p.stdout}{p.stderr}")
    return p


class Both:
    def __init__(self, cradio, hub):
        self.program, self.hub = str(Path(cradio).resolve()), hub

    def cradio(self, cache, *arguments, check=True, **environment):
        return run([self.program, *arguments], cache, self.hub, check, **environment).stdout.strip()

    def python(self, cache, what, revision="main", check=True, **environment):
        text = PYTHON[what] % (REPO, revision) if what in PYTHON else what
        return run([sys.executable, "-c", text], cache, self.hub, check, **environment).stdout.strip()

    def start(self, command, cache):
        """A program that runs in the background."""
        env = dict(os.environ, HF_HOME=str(cache), HF_ENDPOINT=self.hub.url, HF_TOKEN=TOKEN)
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def same(self, folder, commit=MAIN, names=NEEDED):
        for name in names:
            data = (Path(folder) / name).read_bytes()
            assert data == self.hub.commits[commit][name], f"{folder}/{name} differs"
        return folder


def python_then_cradio(b, cache):
    for i, (what, environment) in enumerate([("snapshot", {}), ("needed", {}), ("needed", {"HF_HUB_DISABLE_SYMLINKS": "1"}), ("snapshot", {"HF_HUB_DISABLE_SYMLINKS": "1"})]):
        home = cache / str(i)
        theirs = b.python(home, what, **environment)
        b.hub.seen()
        assert b.cradio(home, "pull", REPO, "--offline") == theirs
        assert b.cradio(home, "pull", REPO, HF_HUB_OFFLINE="1") == theirs
        assert b.cradio(home, "pull", f"{REPO}@{MAIN}") == theirs
        assert b.hub.seen() == [], "requests were made"
        b.same(theirs)
        model = json.loads(b.cradio(home, "models", "--json"))[0]
        assert model["loadable"] and model["name"] == REPO and model["revisions"] == ["main"] and model["path"] == theirs, model
        assert b.cradio(home, "pull", REPO) == theirs
        assert not any("GET /" + REPO in r for r in b.hub.seen()), "downloaded what Python had"


def cradio_then_python(b, cache):
    ours = b.cradio(cache, "pull", REPO)
    b.hub.seen()
    assert b.python(cache, "local") == ours
    assert b.python(cache, "snapshot", HF_HUB_OFFLINE="1") == ours
    assert b.python(cache, "local", MAIN) == ours
    for name in NEEDED:
        found = b.python(cache, f"from huggingface_hub import hf_hub_download as f; print(f('{REPO}', '{name}', local_files_only=True))")
        assert found == f"{ours}/{name}", found
    assert b.hub.seen() == [], "requests were made"
    b.same(ours)
    scan = json.loads(b.python(cache, "import json\nfrom huggingface_hub import scan_cache_dir as f\nc = f()\n[r] = c.repos\n[v] = r.revisions\n"
                               "print(json.dumps([[str(w) for w in c.warnings], len(getattr(c, 'incomplete_files', [])), r.repo_id, v.commit_hash, sorted(v.refs), v.size_on_disk, sorted(f.file_name for f in v.files)]))"))
    size = sum(len(b.hub.commits[MAIN][n]) for n in NEEDED)
    assert scan == [[], 0, REPO, MAIN, ["main"], size, sorted(NEEDED)], scan
    assert json.loads(b.cradio(cache, "models", "--json"))[0]["bytes"] == size
    assert b.python(cache, "needed") == ours
    assert not any("GET /" + REPO in r for r in b.hub.seen()), "Python downloaded what cradio had"
    assert b.python(cache, "snapshot") == ours  # and the rest of the repository
    assert b.cradio(cache, "pull", REPO, "--offline") == ours


def absent_files(b, cache):
    """Like Python, cradio records which files a commit does not have. Python then does not request them."""
    b.cradio(cache, "pull", f"{REPO}@sharded")
    text = (f"from huggingface_hub import try_to_load_from_cache as f, _CACHED_NO_EXIST as no; "
            f"print(f('{REPO}', 'model.safetensors', revision='sharded') is no, f('{REPO}', 'preprocessor_config.json', revision='sharded') is no)")
    assert b.python(cache, text) == "True True"


def revisions(b, cache):
    for revision in ("refs/pr/1", "sharded"):
        ours = b.cradio(cache / "c", "pull", REPO, "--revision", revision)
        assert b.python(cache / "c", "local", revision) == ours
        theirs = b.python(cache / "p", "snapshot", revision)
        assert b.cradio(cache / "p", "pull", f"{REPO}@{revision}", "--offline") == theirs


def shards(b, cache):
    names = {"config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}
    ours = b.cradio(cache, "pull", f"{REPO}@sharded")
    assert {p.name for p in Path(ours).iterdir()} == names
    b.same(ours, OTHER, names)


def interrupted(b, cache):
    """An interrupted download can be resumed by the other program, and by the same one."""
    weights = b.hub.commits[MAIN]["model.safetensors"]
    blob = hashlib.sha256(weights).hexdigest()
    for i, (first, then) in enumerate([("cradio", "cradio"), ("cradio", "python"), ("python", "cradio")]):
        home = cache / str(i)
        b.hub.pace = 0.02
        command = [b.program, "pull", REPO] if first == "cradio" else [sys.executable, "-c", PYTHON["snapshot"] % (REPO, "main")]
        p = b.start(command, home)
        blobs = home / "hub" / "models--org--nano" / "blobs"
        deadline = time.time() + 60
        enough = 200_000 if first == "cradio" else 0  # Python writes 10 MB at a time
        while not any(f.stat().st_size >= enough for f in blobs.glob(blob + "*.incomplete")):
            assert p.poll() is None and time.time() < deadline, p.communicate()
            time.sleep(0.005)
        p.kill()
        p.wait()
        b.hub.pace = 0
        assert not (blobs / blob).exists()
        assert run([b.program, "pull", REPO, "--offline"], home, b.hub, check=False).returncode == 2, "half a model was taken for a whole one"
        folder = b.cradio(home, "pull", REPO) if then == "cradio" else b.python(home, "needed")
        b.same(folder)
        if first == then == "cradio":
            assert not (blobs / (blob + ".incomplete")).exists()


def at_once(b, cache):
    """Both start together, with one cache: one downloads, and the other waits for the lock."""
    weights = hashlib.sha256(b.hub.commits[MAIN]["model.safetensors"]).hexdigest()
    for i in range(4):
        home = cache / str(i)
        b.hub.pace = 0.05
        commands = [[b.program, "pull", REPO], [sys.executable, "-c", PYTHON["needed"] % (REPO, "main")]]
        running = [b.start(c, home) for c in (commands if i % 2 else commands[::-1])]
        b.hub.seen()
        out = [p.communicate(timeout=120) for p in running]
        assert all(p.returncode == 0 for p in running), out
        assert out[0][0].strip() == out[1][0].strip()
        gets = [r for r in b.hub.seen() if r == "GET /" + weights]
        assert len(gets) == 1, f"downloaded {len(gets)} times"
        b.same(out[0][0].strip())
        b.hub.pace = 0


def moved_on(b, cache):
    """main moves to another commit. Both follow it, and do not download unchanged files again."""
    b.cradio(cache, "pull", REPO)
    b.hub.commits["c" * 40] = dict(b.hub.commits[MAIN], **{"config.json": b.hub.commits[MAIN]["config.json"] + b"\n"})
    b.hub.refs["main"] = "c" * 40
    b.hub.seen()
    theirs = b.python(cache, "needed")
    assert b.cradio(cache, "pull", REPO, "--offline") == theirs and theirs.endswith("c" * 40)
    weights = hashlib.sha256(b.hub.commits[MAIN]["model.safetensors"]).hexdigest()
    assert "GET /" + weights not in b.hub.seen()
    b.hub.refs["main"] = MAIN
    ours = b.cradio(cache, "pull", REPO)
    assert ours.endswith(MAIN) and b.python(cache, "local") == ours


def runs(b, cache):
    """The features from Python's cache equal those of the original folder."""
    image = Path(__file__).parent.parent / "images" / "rgba.png"
    folder = b.python(cache, "snapshot")
    pulled = b.cradio(cache, "embed", str(image), "--model", folder, "--json")
    assert len(json.loads(pulled)["summary"]) > 0


def environment(b, cache):
    """The same environment variables give the same folder."""
    home = str(cache)
    for variables in ({}, {"XDG_CACHE_HOME": home + "/x"}, {"XDG_CACHE_HOME": "~/x"}, {"HF_HOME": home + "/h"}, {"HF_HOME": "$DISK/h", "DISK": home}, {"HF_HOME": "~/h/"},
                      {"HF_HOME": home + "/h", "HUGGINGFACE_HUB_CACHE": home + "/old"}, {"HUGGINGFACE_HUB_CACHE": home + "/old", "HF_HUB_CACHE": "${HOME}/new"},
                      {"HF_HUB_CACHE": "~/a/../b"}, {"HF_HUB_CACHE": home + "/$UNKNOWN"}, {"HF_HOME": home, "XDG_CACHE_HOME": home + "/x"}):
        env = {"HOME": home, "PATH": os.environ["PATH"], **variables}
        theirs = subprocess.run([sys.executable, "-c", "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"], env=env, capture_output=True, text=True, check=True).stdout
        ours = subprocess.run([b.program, "models"], env=env, capture_output=True, text=True, check=True).stdout
        assert os.path.normpath(ours.removeprefix("no models in ").split(";")[0]) == os.path.normpath(theirs.strip()), (variables, ours, theirs)


def repository(b_program, folder):
    """The files of a nano model, and other files of published repositories."""
    subprocess.run([b_program, "synth", "nano", "--out", str(folder)], check=True, capture_output=True)
    main = {p.name: p.read_bytes() for p in folder.iterdir()}
    main.setdefault("preprocessor_config.json", b'{"do_resize": true, "size": {"shortest_edge": 432}}')
    main |= {"README.md": b"# nano\n", "model-00001-of-00002.safetensors": b"stale", "radio.pth.tar": os.urandom(5000), ".gitattributes": b"x"}
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    other = {"config.json": main["config.json"], "model.safetensors.index.json": json.dumps(index).encode(),
             "model-00001-of-00002.safetensors": os.urandom(70_000), "model-00002-of-00002.safetensors": os.urandom(1000)}
    return {MAIN: main, OTHER: other}


def main():
    cradio = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch).resolve()
        hub = hub_mock.Hub(REPO, repository(cradio, scratch / "nano"), {"main": MAIN, "refs/pr/1": MAIN, "sharded": OTHER}, TOKEN)
        b = Both(cradio, hub)
        for check in (python_then_cradio, cradio_then_python, absent_files, revisions, shards, interrupted, at_once, moved_on, runs, environment):
            check(b, scratch / check.__name__)
            print("passed", check.__name__.replace("_", " "))
        assert hub.leaked == [], f"the store was sent a token by {hub.leaked}"
        hub.close()
    import huggingface_hub
    print("with huggingface_hub", huggingface_hub.__version__, "on Python", sys.version.split()[0])


if __name__ == "__main__":
    main()
