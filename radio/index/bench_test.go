package index_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/stretchr/testify/require"
)

// For bench/peers/search.py.
var (
	makeIndex = flag.String("make", "", "make an index of random vectors in this folder, for TestMake")
	makeRows  = flag.Int("rows", 1_000_000, "its rows")
	makeWidth = flag.Int("width", 1024, "their numbers")
	answer    = flag.String("answer", "", "answer queries about the index in this folder, for TestAnswer")
)

// TestMake makes an index of random vectors.
func TestMake(t *testing.T) {
	if *makeIndex == "" {
		t.Skip("no -make")
	}
	r := recipe()
	r.Columns[0].Shape = []int{*makeWidth}
	w, err := features.Create(t.Context(), *makeIndex, r, nil)
	require.NoError(t, err)
	d := &data.Dataset{Path: "photos", Hashed: true}
	random := rand.New(rand.NewPCG(1, 2))
	v := make([]float32, *makeWidth)
	for i := range *makeRows {
		for j := range v {
			v[j] = float32(random.NormFloat64())
		}
		var key [32]byte
		binary.LittleEndian.PutUint64(key[:], uint64(i+1))
		require.NoError(t, w.Add(key, whole, 0, [][]float32{v}))
		d.Items = append(d.Items, data.Item{Path: fmt.Sprintf("/photos/%07d.jpg", i), SHA256: key})
	}
	require.NoError(t, w.Finish(d, whole, features.About{Model: "random"}))
	require.NoError(t, w.Close())
	began := time.Now()
	encode(t, *makeIndex)
	t.Logf("codes: %v", time.Since(began))
}

// TestAnswer answers each query, a line of JSON, by the rows that it finds, and the time that it took.
func TestAnswer(t *testing.T) {
	if *answer == "" {
		t.Skip("no -answer")
	}
	began := time.Now()
	x, err := index.Open(*answer)
	require.NoError(t, err)
	defer x.Close()
	out := json.NewEncoder(os.Stdout)
	require.NoError(t, out.Encode(map[string]any{"opened": time.Since(began).Seconds(), "rows": len(x.Set.Items)}))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q struct {
			Query []float32
			K     int
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &q))
		began := time.Now()
		hits, err := x.Search(context.Background(), radio.SummarySource, q.Query, q.K, index.Options{})
		took := time.Since(began)
		require.NoError(t, err)
		var items []int
		for _, h := range hits {
			items = append(items, h.Item)
		}
		require.NoError(t, out.Encode(map[string]any{"seconds": took.Seconds(), "items": items}))
	}
}
