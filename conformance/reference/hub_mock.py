"""A local hub with one repository, for hub_both_ways.py, and the store to which it redirects large files.

It answers the requests of Python's huggingface_hub and cradio: the listing of a revision, the tree of a commit, and HEAD and
GET of a file. Large files have X-Linked-Etag and a redirect to another port. It supports ranges, and records all requests.
"""
import hashlib
import json
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGE = (".safetensors", ".pth.tar", ".bin")


def git_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Hub:
    """commits: {commit: {path: bytes}}, refs: {name: commit}, pace: seconds for each chunk of a large file."""

    def __init__(self, repo, commits, refs, token=None):
        self.repo, self.commits, self.refs, self.token = repo, commits, refs, token
        self.pace, self.requests, self.leaked, self.lock = 0, [], [], threading.Lock()
        self.store = self._serve(self._answer_store)
        self.hub = self._serve(self._answer_hub)
        self.url = "http://127.0.0.1:%d" % self.hub.server_port

    def _serve(self, answer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            do_GET = do_HEAD = lambda self: answer(self)
            log_message = lambda *_: None

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # the client was interrupted
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def close(self):
        for server in (self.hub, self.store):
            server.shutdown()
            server.server_close()

    def seen(self):
        with self.lock:
            requests, self.requests = self.requests, []
        return requests

    def _note(self, r):
        with self.lock:
            self.requests.append(r.command + " " + r.path.split("?")[0])

    def _send(self, r, status, headers=(), body=b"", pace=0):
        r.send_response(status)
        for key, value in dict(headers).items():
            r.send_header(key, value)
        if "Content-Length" not in dict(headers):
            r.send_header("Content-Length", str(len(body)))
        r.end_headers()
        if r.command == "HEAD":
            return
        for at in range(0, len(body), 1 << 16):
            try:
                r.wfile.write(body[at:at + (1 << 16)])
            except OSError:  # the client was interrupted
                r.close_connection = True
                return
            time.sleep(pace)

    def _refuse(self, r, status, code, **headers):
        self._send(r, status, {"X-Error-Code": code, "X-Error-Message": code, **headers}, json.dumps({"error": code}).encode())

    def _answer_hub(self, r):
        self._note(r)
        path = r.path.split("?")[0]
        if self.token and r.headers.get("Authorization") != "Bearer " + self.token:
            return self._refuse(r, 401, "RepoNotFound")
        m = re.fullmatch("/api/models/%s/(revision|tree)/([^/]+)" % self.repo, path)
        if m:
            return self._answer_api(r, m[1], *self._commit(m[2]))
        m = re.fullmatch("/%s/resolve/([^/]+)/(.+)" % self.repo, path)
        if not m:
            return self._refuse(r, 404, "RepoNotFound")
        commit, files = self._commit(m[1])
        if files is None:
            return self._refuse(r, 404, "RevisionNotFound")
        name = urllib.parse.unquote(m[2])
        if name not in files:
            return self._refuse(r, 404, "EntryNotFound", **{"X-Repo-Commit": commit})
        data = files[name]
        if not name.endswith(LARGE):
            return self._send(r, 200, {"X-Repo-Commit": commit, "ETag": '"%s"' % git_sha1(data), "Content-Length": str(len(data))}, data)
        sha = hashlib.sha256(data).hexdigest()
        self._send(r, 302, {"X-Repo-Commit": commit, "X-Linked-Etag": '"%s"' % sha, "X-Linked-Size": str(len(data)), "Accept-Ranges": "bytes",
                            "Location": "http://127.0.0.1:%d/%s?signature=1" % (self.store.server_port, sha)})

    def _commit(self, quoted):
        revision = urllib.parse.unquote(quoted)
        commit = self.refs.get(revision, revision)
        return commit, self.commits.get(commit)

    def _answer_api(self, r, kind, commit, files):
        if files is None:
            return self._refuse(r, 404, "RevisionNotFound")
        if kind == "revision":
            answer = {"_id": "0", "id": self.repo, "sha": commit, "private": False, "tags": [], "downloads": 0, "likes": 0,
                      "siblings": [{"rfilename": name} for name in files]}
        else:
            answer = [{"type": "file", "path": name, "size": len(data), "oid": git_sha1(data),
                       **({"lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}} if name.endswith(LARGE) else {})}
                      for name, data in files.items()]
        self._send(r, 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(answer).encode())

    def _answer_store(self, r):
        self._note(r)
        if r.headers.get("Authorization"):
            self.leaked.append(r.headers.get("User-Agent"))
        sha = r.path.split("?")[0].strip("/")
        for files in self.commits.values():
            for data in files.values():
                if hashlib.sha256(data).hexdigest() == sha:
                    return self._answer_range(r, data)
        self._send(r, 404)

    def _answer_range(self, r, data):
        m = re.fullmatch(r"bytes=(\d+)-", r.headers.get("Range", ""))
        if not m:
            return self._send(r, 200, {"Content-Length": str(len(data)), "Accept-Ranges": "bytes"}, data, self.pace)
        at = int(m[1])
        if at >= len(data):
            return self._send(r, 416, {"Content-Range": "bytes */%d" % len(data)})
        self._send(r, 206, {"Content-Length": str(len(data) - at), "Content-Range": "bytes %d-%d/%d" % (at, len(data) - 1, len(data))}, data[at:], self.pace)
