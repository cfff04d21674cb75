package eval_test

import (
	"encoding/binary"
	"flag"
	"testing"

	"cradio/cpu"
	"cradio/loader"
	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

// probeFeatures is the file that bench/peers/probe.py writes.
var probeFeatures = flag.String("probe", "", "safetensors file with the features of BenchmarkProbe")

// BenchmarkProbe trains the probe that bench/peers/probe.py compares with PyTorch: 50,000 rows of
// 2304, 100 classes, 10 epochs, AdamW, batches of 1024.
func BenchmarkProbe(b *testing.B) {
	if *probeFeatures == "" {
		b.Skip("give -probe FILE")
	}
	file, err := loader.OpenFile(*probeFeatures)
	require.NoError(b, err)
	defer file.Close()
	for _, c := range []struct {
		name  string
		low   bool
		rates []float64
	}{{"float32", false, []float64{1e-3}}, {"bfloat16", true, []float64{1e-3}}, {"rates13", false, eval.DefaultRates()}} {
		b.Run(c.name, func(b *testing.B) {
			train, test := probeRows(b, file, "train", c.low), probeRows(b, file, "test", c.low)
			classes := 0
			for _, l := range train.Labels {
				classes = max(classes, l+1)
			}
			var p *eval.Probe
			for b.Loop() {
				p, err = eval.FitProbe(b.Context(), train, classes, eval.ProbeOptions{AdamW: true, Raw: true, Rates: c.rates})
				require.NoError(b, err)
			}
			best, accuracies, err := p.Choose(b.Context(), test, eval.Options{})
			require.NoError(b, err)
			b.ReportMetric(100*accuracies[best], "%accuracy")
			b.ReportMetric(cpu.Peak(cpu.Default())/1e9, "peak-GFLOP/s")
		})
	}
}

// probeRows reads the rows of a part.
func probeRows(b *testing.B, file *loader.File, part string, low bool) eval.Rows {
	info, ok := file.Lookup(part + ".float32")
	require.True(b, ok)
	n, width := info.Shape[0], info.Shape[1]
	labels, err := file.Int64(part+".labels", n)
	require.NoError(b, err)
	rows := eval.Rows{Width: width}
	for _, l := range labels {
		rows.Labels = append(rows.Labels, int(l))
	}
	x, err := file.Float32(part+".float32", n, width)
	require.NoError(b, err)
	if !low {
		rows.Float32 = func(i int) []float32 { return x[i*width:][:width] }
		return rows
	}
	raw, err := file.Bytes(part + ".bfloat16")
	require.NoError(b, err)
	h := make([]uint16, n*width)
	for i := range h {
		h[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	rows.BFloat16 = func(i int) []uint16 { return h[i*width:][:width] }
	return rows
}
