package train

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLog: what a crash has lost is written again, and a line that was cut is dropped.
func TestLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	l, err := openMetrics(path, 0, 0)
	require.NoError(t, err)
	for step := 1; step <= 3; step++ {
		require.NoError(t, l.add(Record{Step: step, Epoch: 0.5, Loss: number(1 / float64(step)), Rate: number(math.NaN())}))
	}
	require.NoError(t, l.add(Record{Step: 3, Epoch: 1, Evaluation: map[string]Number{"top1": 0.5}}))
	require.NoError(t, l.close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, `{"step":1,"epoch":0.5,"loss":1,"rate":null}`, strings.Split(string(text), "\n")[0])
	require.NoError(t, os.WriteFile(path, append(text, `{"step":4,"ep`...), 0o644))

	l, err = openMetrics(path, 3, 3)
	require.NoError(t, err)
	require.Len(t, l.records, 4)
	require.NoError(t, l.close())
	l, err = openMetrics(path, 3, 2)
	require.NoError(t, err)
	require.Len(t, l.records, 3, "the evaluation was not saved: it comes again")
	require.NoError(t, l.close())
	l, err = openMetrics(path, 2, 0)
	require.NoError(t, err)
	require.Len(t, l.records, 2)
	require.NoError(t, l.add(Record{Step: 3}))
	require.NoError(t, l.close())
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(text), "\n"))
	require.Nil(t, l.records[1].Rate, "NaN is no number of JSON")
}

func TestCurves(t *testing.T) {
	s := Curves("run", []Record{{Step: 1, Loss: number(2), Rate: number(1)}, {Step: 2, Loss: number(1), Rate: number(0.5)}, {Step: 2, Evaluation: map[string]Number{"top1": 0.5}}}, "top1")
	require.Len(t, s.Strips, 2)
	path := filepath.Join(t.TempDir(), "curves.png")
	require.NoError(t, writeSheet(path, s))
	require.FileExists(t, path)
}
