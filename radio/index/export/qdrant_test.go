package export_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeQdrant is what a Qdrant server does with the requests of an export.
type fakeQdrant struct {
	sync.Mutex
	t      *testing.T
	size   int // of vectors; 0 without a collection
	points map[string]map[string]any
	puts   int
	key    string // that is wanted
}

func (f *fakeQdrant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.Lock()
	defer f.Unlock()
	if f.key != r.Header.Get("api-key") {
		http.Error(w, "Must provide an API key", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(r.Body)
	require.NoError(f.t, err)
	var v map[string]any
	if len(body) > 0 {
		require.NoError(f.t, json.Unmarshal(body, &v))
	}
	if r.Method != http.MethodGet && r.URL.Path != "/collections/photos" {
		require.Equal(f.t, "wait=true", r.URL.RawQuery)
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /collections/photos":
		if f.size == 0 {
			http.Error(w, `{"status":{"error":"Not found: Collection `+"`photos`"+` doesn't exist!"}}`, http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `{"result":{"status":"green","config":{"params":{"vectors":{"size":%d,"distance":"Cosine"}}}},"status":"ok"}`, f.size)
		return
	case "PUT /collections/photos":
		vectors := v["vectors"].(map[string]any)
		require.Equal(f.t, "Cosine", vectors["distance"])
		f.size = int(vectors["size"].(float64))
	case "PUT /collections/photos/points":
		f.puts++
		for _, p := range v["points"].([]any) {
			p := p.(map[string]any)
			require.Len(f.t, p["vector"], f.size)
			require.Regexp(f.t, `^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, p["id"])
			f.points[p["id"].(string)] = p["payload"].(map[string]any)
		}
	case "POST /collections/photos/points/delete":
		filter := v["filter"].(map[string]any)
		value := func(kind string) (key string, value any) {
			condition := filter[kind].([]any)[0].(map[string]any)
			return condition["key"].(string), condition["match"].(map[string]any)["value"]
		}
		key, is := value("must")
		other, not := value("must_not")
		maps.DeleteFunc(f.points, func(_ string, p map[string]any) bool { return p[key] == is && p[other] != not })
	default:
		http.Error(w, "no such place", http.StatusNotFound)
		return
	}
	fmt.Fprint(w, `{"result":true,"status":"ok"}`)
}

// TestQdrantWire: what is sent is what Qdrant's interface takes. What is gone is removed, and what others
// have in the collection stays.
func TestQdrantWire(t *testing.T) {
	f := &fakeQdrant{t: t, points: map[string]map[string]any{"other": {"index": "other"}}}
	server := httptest.NewServer(f)
	defer server.Close()
	name := "qdrant:" + server.URL + "/photos"
	require.NoError(t, write(t, made(t, 600), name))
	require.Equal(t, 3, f.size)
	require.Equal(t, 3, f.puts)
	require.Len(t, f.points, 601)
	require.NoError(t, write(t, made(t, 4), name))
	require.Len(t, f.points, 5)
	paths := map[any]bool{}
	for _, p := range f.points {
		paths[p["path"]] = true
	}
	require.True(t, paths["/photos/3.png"] && paths[strings.ToValidUTF8(odd, "\ufffd")])

	f.size = 7
	require.ErrorContains(t, write(t, made(t, 4), name), `/photos: the collection has vectors of 7 numbers with the distance "Cosine", want 3 and "Cosine"; choose another collection`)
	f.key = "secret"
	require.ErrorContains(t, write(t, made(t, 4), name), `the server answers 401: "Must provide an API key\n"; set QDRANT_API_KEY`)
	f.size = 3
	t.Setenv("QDRANT_API_KEY", "secret")
	require.NoError(t, write(t, made(t, 4), name))
	server.Close()
	err := write(t, made(t, 4), name)
	require.ErrorContains(t, err, "is the server running?")
	require.NotContains(t, err.Error(), "\n")
}

// TestQdrant is the same with a real server.
func TestQdrant(t *testing.T) {
	program, err := exec.LookPath("qdrant")
	if err != nil {
		t.Skip("no Qdrant server is installed (qdrant in PATH): only the wire format is tested, against a server of the test")
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listen.Addr().(*net.TCPAddr).Port
	require.NoError(t, listen.Close())
	dir := t.TempDir()
	cmd := exec.Command(program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("QDRANT__SERVICE__HTTP_PORT=%d", port), "QDRANT__SERVICE__HOST=127.0.0.1", "QDRANT__STORAGE__STORAGE_PATH="+filepath.Join(dir, "storage"), "QDRANT__STORAGE__SNAPSHOTS_PATH="+filepath.Join(dir, "snapshots"))
	require.NoError(t, cmd.Start())
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	require.Eventually(t, func() bool { r, err := http.Get(base); return err == nil && r.Body.Close() == nil }, 30*time.Second, 100*time.Millisecond)
	for _, n := range []int{600, 4} {
		require.NoError(t, write(t, made(t, n), "qdrant:"+base+"/photos"))
		r, err := http.Post(base+"/collections/photos/points/count", "application/json", strings.NewReader(`{"exact":true}`))
		require.NoError(t, err)
		var v struct{ Result struct{ Count int } }
		require.NoError(t, json.NewDecoder(r.Body).Decode(&v))
		require.NoError(t, r.Body.Close())
		require.Equal(t, n, v.Result.Count)
	}
}

// TestPostgres runs the script in a real database.
func TestPostgres(t *testing.T) {
	const variable = "CRADIO_TEST_PGVECTOR" // such as postgresql://localhost/test
	program, err := exec.LookPath("psql")
	if err != nil || os.Getenv(variable) == "" {
		t.Skipf("no PostgreSQL with pgvector is at hand (psql in PATH, and its database in %s): only the script is tested", variable)
	}
	path := filepath.Join(t.TempDir(), "photos.sql")
	for _, n := range []int{6, 3} {
		require.NoError(t, write(t, made(t, n), path))
		out, err := exec.Command(program, "--set", "ON_ERROR_STOP=1", "--file", path, os.Getenv(variable)).CombinedOutput()
		require.NoError(t, err, "%s", out)
		out, err = exec.Command(program, "--tuples-only", "--no-align", "--command", `SELECT count(*), max(embedding <=> '[1,2,2]') FROM "photos.index"`, os.Getenv(variable)).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.True(t, strings.HasPrefix(string(out), fmt.Sprintf("%d|", n)), "%s", out)
	}
}
