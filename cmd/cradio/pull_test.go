package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

const pulledCommit = "0123456789abcdef0123456789abcdef01234567"

// serveModel is a hub with the model org/nano, whose folder is given, also under the name
// nvidia/C-RADIOv2-B, and an empty cache for it.
func serveModel(t *testing.T) (folder string, requests *atomic.Int32) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "nano")
	cradio("synth", "nano", "--out", folder).succeeds(t)
	requests = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		r.URL.Path = strings.Replace(r.URL.Path, "/nvidia/C-RADIOv2-B/", "/org/nano/", 1)
		if strings.HasPrefix(r.URL.Path, "/api/models/org/nano/revision/") {
			siblings := []map[string]string{{"rfilename": "README.md"}}
			for _, name := range left(t, folder) {
				siblings = append(siblings, map[string]string{"rfilename": name})
			}
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(map[string]any{"sha": pulledCommit, "siblings": siblings})
			return
		}
		data, err := os.ReadFile(filepath.Join(folder, filepath.Base(r.URL.Path)))
		if err != nil || !strings.HasPrefix(r.URL.Path, "/org/nano/resolve/") {
			w.Header().Set("X-Error-Code", "RepoNotFound")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		sum := sha256.Sum256(data)
		w.Header().Set("X-Repo-Commit", pulledCommit)
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
		http.ServeFile(w, r, filepath.Join(folder, filepath.Base(r.URL.Path)))
	}))
	t.Cleanup(s.Close)
	t.Setenv("HF_ENDPOINT", s.URL)
	cache(t)
	return folder, requests
}

// cache is an empty cache, and no other setting of the environment.
func cache(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, "")
	}
	dir := t.TempDir()
	t.Setenv("HF_HOME", dir)
	t.Setenv("HF_HUB_CACHE", filepath.Join(dir, "hub"))
	return filepath.Join(dir, "hub")
}

func TestPull(t *testing.T) {
	folder, requests := serveModel(t)
	o := cradio("pull", "org/nano")
	o.succeeds(t)
	dir := strings.TrimSuffix(o.stdout, "\n")
	require.Equal(t, pulledCommit, filepath.Base(dir))
	require.Equal(t, read(t, filepath.Join(folder, "model.safetensors")), read(t, filepath.Join(dir, "model.safetensors")))
	require.Contains(t, o.stderr, "cradio: downloading: file model.safetensors")
	require.Contains(t, o.stderr, "cradio: downloaded: file model.safetensors")
	want := cradio("embed", picture("rgba.png"), "--model", folder, "--json")
	got := cradio("embed", picture("rgba.png"), "--model", dir, "--json")
	require.Equal(t, want.stdout, strings.ReplaceAll(got.stdout, dir, folder))

	o = cradio("pull", "org/nano", "--json")
	o.succeeds(t)
	require.NotContains(t, o.stderr, "downloading")
	var r pullReport
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	require.Equal(t, []any{"org/nano", "main", pulledCommit, dir}, []any{r.Name, r.Revision, r.Commit, r.Path})
	require.NotEmpty(t, r.Files)
	require.False(t, r.Files[0].Downloaded)

	requests.Store(0)
	o = cradio("pull", "org/nano", "--offline")
	o.succeeds(t)
	require.Equal(t, dir+"\n", o.stdout)
	require.Equal(t, dir+"\n", cradio("pull", "org/nano@"+pulledCommit).stdout)
	require.Equal(t, filepath.Join(dir, "model.safetensors")+"\n", cradio("pull", "org/nano/model.safetensors", "--revision", pulledCommit).stdout)
	require.Zero(t, requests.Load())
	require.Contains(t, cradio("pull", "org/nano", "--force").stderr, "cradio: downloaded")
}

func TestPullRefuses(t *testing.T) {
	serveModel(t)
	cradio("pull").fails(t, exitError, "want one ORG/NAME")
	cradio("pull", "./folder").fails(t, exitError, "want ORG/NAME")
	cradio("pull", "org/nano@a", "--revision", "b").fails(t, exitError, "name different revisions")
	cradio("pull", "org/nano", "--offline", "--force").fails(t, exitError, "--force needs the network")
	cradio("pull", "org/nano", "--offline").fails(t, exitError, "cradio pull org/nano")
	cradio("pull", "org/other").fails(t, exitError, "HF_TOKEN")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	cradioWith(ctx, "", "pull", "org/nano").fails(t, exitInterrupted, "run the same command to resume")
	t.Setenv("HF_HUB_OFFLINE", "yes")
	cradio("pull", "org/nano").fails(t, exitError, "offline")
	t.Setenv("HF_ENDPOINT", "nowhere")
	cradio("pull", "org/nano").fails(t, exitError, "HF_ENDPOINT")
}

func TestModels(t *testing.T) {
	dir := cache(t)
	o := cradio("models")
	o.succeeds(t)
	require.Contains(t, o.stdout, "no models in "+dir)
	require.Equal(t, "[]\n", cradio("models", "--json").stdout)

	serveModel(t)
	path := strings.TrimSuffix(cradio("pull", "org/nano").stdout, "\n")
	if l, err := cpu.Choose(); err == nil && l != cpu.Plain {
		cradio("pack", path).succeeds(t)
	}
	other := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(path))), "models--a--bert", "snapshots", pulledCommit)
	require.NoError(t, os.MkdirAll(other, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(other, "config.json"), []byte(`{"model_type": "bert"}`), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(other, "model.safetensors"), nil, 0o666))

	o = cradio("models")
	o.succeeds(t)
	lines := strings.Split(o.stdout, "\n")
	require.Regexp(t, `^MODEL +REVISION +SIZE +PACKS +LOADABLE$`, lines[0])
	require.Regexp(t, `^a/bert +0123456 +0\.0 KiB +- +no: `, lines[1])
	require.Regexp(t, `^org/nano +main 0123456 +\d+\.\d [KM]iB +(float32-\S+|-) +yes$`, lines[2])

	var r []modelReport
	require.NoError(t, json.Unmarshal([]byte(cradio("models", "--json").stdout), &r))
	require.Len(t, r, 2)
	require.False(t, r[0].Loadable)
	require.NotEmpty(t, r[0].Why)
	require.True(t, r[1].Loadable)
	require.Equal(t, path, r[1].Path)
}

// TestModelOfTheHub: a name of the hub stands wherever a folder does. It is downloaded once,
// and then needs no network.
func TestModelOfTheHub(t *testing.T) {
	folder, requests := serveModel(t)
	want := cradio("embed", picture("rgba.png"), "--model", folder, "--json")
	for _, name := range []string{"org/nano", "org/nano@main", "hf://org/nano", os.Getenv("HF_ENDPOINT") + "/org/nano/tree/main", "org/nano/model.safetensors"} {
		got := cradio("embed", picture("rgba.png"), "--model", name, "--json")
		got.succeeds(t)
		require.Contains(t, got.stderr, name+" has synthetic weights")
		require.Equal(t, want.stdout, strings.ReplaceAll(got.stdout, `"model":"`+name+`"`, `"model":"`+folder+`"`))
	}
	require.Contains(t, cradio("info", "-m", "org/nano").stdout, "layout         hub")
	if cpu.Default().Layout() != "plain" {
		cradio("pack", "org/nano", "--dtype", "bfloat16").succeeds(t)
		require.Contains(t, cradio("info", "-m", "org/nano", "--dtype", "bfloat16").stdout, ".pack")
	}
	before := requests.Load()
	for _, args := range [][]string{
		{"embed", picture("rgba.png"), "-m", "org/nano", "--offline"}, {"info", "-m", "org/nano", "--offline"}, {"pca", picture("rgba.png"), "-m", "org/nano", "--offline", "-o", filepath.Join(t.TempDir(), "x.png")},
	} {
		cradio(args...).succeeds(t)
	}
	require.Equal(t, before, requests.Load())
	cradio("embed", picture("rgba.png"), "-m", "org/other", "--offline").fails(t, exitError, "org/other")
	cradio("embed", picture("rgba.png"), "-m", "org/other").fails(t, exitError, "org/other")
}
