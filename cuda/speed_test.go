package cuda_test

import (
	"context"
	"fmt"
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// BenchmarkForward is a forward pass of the published models, with inputs and outputs in main
// memory. It needs a GPU: go test -tags nvidia -run - -bench Forward ./cuda. In the emulator
// -bench 'Forward/nano' shows that it runs; its times mean nothing.
func BenchmarkForward(b *testing.B) {
	for _, c := range []struct {
		model      string
		size       int
		batches    []int
		precisions []radio.DType
	}{
		{"nano", 48, []int{1}, []radio.DType{radio.Float32, radio.BFloat16}},
		{"B", 224, []int{1, 8, 64}, []radio.DType{radio.BFloat16}},
		{"L", 224, []int{1, 8, 64}, []radio.DType{radio.BFloat16}},
		{"B", 432, []int{1, 8, 64}, []radio.DType{radio.BFloat16}},
		{"L", 432, []int{1, 8, 64}, []radio.DType{radio.BFloat16}},
		{"L", 1024, []int{8}, []radio.DType{radio.BFloat16}},
		{"B", 224, []int{1, 8}, []radio.DType{radio.Float32}},
	} {
		for _, dtype := range c.precisions {
			for _, batch := range c.batches {
				b.Run(fmt.Sprintf("%s/%d px/batch %d/%s", c.model, c.size, batch, dtype), func(b *testing.B) {
					forward(b, c.model, c.size, batch, dtype)
				})
			}
		}
	}
}

func forward(b *testing.B, model string, size, batch int, dtype radio.DType) {
	needDevice(b)
	ctx := context.Background()
	m, err := radio.Open(ctx, radio.SyntheticPrefix+model, radio.Options{Device: "cuda", DType: dtype})
	require.NoError(b, err)
	defer m.Close()
	plan, err := m.Plan(batch, size, size, radio.Request{})
	require.NoError(b, err)
	pixels := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(batch, 3, size, size))
	for i := range pixels.Float32s() {
		pixels.Float32s()[i] = float32(i%251) / 251
	}
	for range 2 { // kernels are compiled, and the run is captured
		_, err = m.Forward(ctx, pixels)
		require.NoError(b, err)
	}
	for b.Loop() {
		_, err = m.Forward(ctx, pixels)
		require.NoError(b, err)
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(batch)/seconds, "images/s")
	b.ReportMetric(plan.FLOPs()/seconds/1e12, "TFLOP/s")
}
