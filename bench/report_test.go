package bench_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"cradio/bench"
	"cradio/bench/report"

	"github.com/stretchr/testify/require"
)

func sample(t testing.TB) *report.Report {
	s := suite(scripted(200),
		&entrant{name: "cradio", seconds: 0.25, summary: []float32{1, 2}},
		&entrant{name: "peer", seconds: 0.5, summary: []float32{1, 2}},
		&entrant{name: "odd", seconds: 0.125, summary: []float32{7, 7}})
	one := bench.Case{Model: "B", Size: 224, Batch: 1, DType: "float32"}
	cells, err := s.Cells(context.Background(), []bench.Case{one, small}, 0)
	require.NoError(t, err)
	return &report.Report{
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Threads: 2,
		Machine: bench.Machine{CPU: "A CPU", Flags: []string{"avx2", "fma"}, Cores: 2, Memory: 8 << 30, System: "linux/amd64", Kernels: "level avx2"},
		Limits:  lenient, BestProbe: 200, IsPeak: true, Cells: cells,
		Starts: []*bench.Start{
			{Case: one, Entrant: "cradio", Seconds: 0.5, All: []float64{0.5}, PeakBytes: 200e6},
			{Case: one, Entrant: "peer", Error: "no such file"},
		},
	}
}

func TestReportKeepsEverything(t *testing.T) {
	want := sample(t)
	var b bytes.Buffer
	require.NoError(t, want.Write(&b))
	got, err := report.Read(&b)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestReportRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "EOF"},
		{"[]", "cannot unmarshal"},
		{`{"cells": [null]}`, "cell 0 or one of its results is null"},
		{`{"cells": [{"results": [null]}]}`, "cell 0 or one of its results is null"},
		{`{"cells": [{"rounds": [[null]]}]}`, "above 0"},
		{`{"cells": [{"rounds": [[{"seconds": 1, "before": 1}]]}]}`, "above 0"},
		{`{"starts": [null]}`, "a start is null"},
	} {
		_, err := report.Read(strings.NewReader(c.text))
		require.ErrorContains(t, err, c.want, c.text)
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	sample(t).WriteTable(&b)
	want, err := os.ReadFile("testdata/table.md")
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func TestWriteProfile(t *testing.T) {
	var b strings.Builder
	bench.WriteProfile(&b, []bench.Row{
		{Path: "norm", Operation: "LayerNorm", Count: 2, Time: time.Millisecond},
		{Path: "blocks.*.attn.qkv", Operation: "Linear", Count: 12, Time: 3 * time.Millisecond, FLOPs: 3e8},
	}, 200)
	require.Equal(t, strings.TrimPrefix(`
| path              | operation | count |    ms |   share | GFLOP/s | of peak |
| ----------------- | --------: | ----: | ----: | ------: | ------: | ------: |
| norm              | LayerNorm |     2 | 1.000 |  25.0 % |         |         |
| blocks.*.attn.qkv |    Linear |    12 | 3.000 |  75.0 % |   100.0 |    0.50 |
| all               |           |    14 | 4.000 | 100.0 % |    75.0 |    0.38 |
`, "\n"), b.String())
}

func TestThisMachine(t *testing.T) {
	m := bench.ThisMachine()
	require.NotEmpty(t, m.CPU)
	require.Positive(t, m.Cores)
	require.Contains(t, m.Kernels, "level")
}
