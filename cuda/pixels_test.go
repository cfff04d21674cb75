package cuda_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// sending counts the bytes that are sent.
type sending struct {
	*emulated.Driver
	bytes int
}

func (s *sending) Send(to cuda.Pointer, from []byte) error {
	s.bytes += len(from)
	return s.Driver.Send(to, from)
}

// Images that come as bytes give the bits of the numbers that the bytes mean, whatever these are, and are a quarter of the
// copy. Numbers and bytes may come in turn.
func TestBytes(t *testing.T) {
	const size = 3
	for _, precision := range []graph.Precision{graph.Full, graph.BFloat16} {
		for _, shape := range [][]int{{1, 3, 3, 3}, {2, 3, 15, 21}, {3, 1, 6, 9}, {1, 5, 9, 3}} {
			for _, normalize := range []bool{false, true} {
				driver := &sending{Driver: emulated.New(1 << 24)}
				d := open(t, driver, cuda.Options{Precision: precision, Frozen: true})
				channels, n := shape[1], shape[2]*shape[3]
				g := graph.New(tensor.Float32)
				pixels := g.Input("pixels", shape...)
				x := pixels
				if normalize {
					mean, std := filled(channels), filled(channels)
					for c := range channels {
						mean.Float32s()[c], std.Float32s()[c] = 0.4+float32(c)/100, 0.2+float32(c)/50
					}
					x = g.At("conditioner").Normalize(pixels, g.Weight(graph.NewWeight("mean", mean)), g.Weight(graph.NewWeight("std", std)))
				}
				dim := channels * size * size
				y := g.At("embed").Linear(g.At("cut").Patches(x, size), g.Weight(graph.NewWeight("w", filled(8, dim))), nil)
				p, err := g.Compile(graph.Target{Device: d}, y)
				require.NoError(t, err)
				m, err := graph.NewMachine(p)
				require.NoError(t, err)
				random := rand.New(rand.NewPCG(1, 2))
				levels := make([]float32, 256*channels)
				for i := range levels {
					levels[i] = float32(random.NormFloat64())
				}
				numbers := filled(shape...)
				fill := func() (sent int) {
					bytes := m.(graph.ByteMachine).Bytes(pixels, levels)
					require.Len(t, bytes, len(numbers.Float32s()))
					for i := range bytes {
						bytes[i] = byte(random.Uint32())
						image, c, at := i/channels/n, i%channels, i/channels%n
						numbers.Float32s()[(image*channels+c)*n+at] = levels[256*c+int(bytes[i])]
					}
					driver.bytes = 0
					require.NoError(t, m.Run(context.Background()))
					return driver.bytes
				}
				value := func() []float32 {
					v, err := m.Value(y)
					require.NoError(t, err)
					return v.Clone().(*tensor.Dense).Float32s()
				}
				for range 2 {
					sent := fill()
					got := value()
					driver.bytes = 0
					require.NoError(t, m.Set(pixels, numbers))
					require.NoError(t, m.Run(context.Background()))
					require.Equal(t, value(), got, "%v", shape)
					require.Equal(t, 4*numbers.Shape().TotalSize(), driver.bytes)
					require.Contains(t, []int{numbers.Shape().TotalSize(), numbers.Shape().TotalSize() + 4*len(levels)}, sent, "and the levels once")
				}
				require.Equal(t, numbers.Shape().TotalSize(), fill())
				levels[3]++ // the others are copied anew
				require.Equal(t, numbers.Shape().TotalSize()+4*len(levels), fill())
				require.Nil(t, m.(graph.ByteMachine).Bytes(pixels, levels[1:]), "of another size")
				require.Nil(t, m.(graph.ByteMachine).Bytes(y, levels))
				require.NoError(t, m.Close())
				require.NoError(t, d.Close())
				require.Zero(t, driver.Sim.Allocations())
			}
		}
	}
}

// An input that something else reads too comes as numbers, and one that is asked for is what the bytes mean.
func TestBytesOfOthers(t *testing.T) {
	d := open(t, emulated.New(1<<24), cuda.Options{})
	g := graph.New(tensor.Float32)
	pixels := g.Input("pixels", 1, 3, 4, 6)
	cut, scaled := g.At("cut").Patches(pixels, 2), g.At("scaled").Scale(pixels, 2)
	levels := make([]float32, 3*256)
	for i := range levels {
		levels[i] = float32(i)
	}
	for _, c := range []struct {
		out   []*graph.Node
		bytes bool
	}{{[]*graph.Node{cut, scaled}, false}, {[]*graph.Node{cut, pixels}, true}} {
		p, err := g.Compile(graph.Target{Device: d}, c.out...)
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		bytes := m.(graph.ByteMachine).Bytes(pixels, levels)
		require.Equal(t, c.bytes, bytes != nil)
		if c.bytes {
			bytes[3*7+2] = 9 // of the second row, channel 2
			require.NoError(t, m.Run(context.Background()))
			x, err := m.Value(pixels)
			require.NoError(t, err)
			require.Equal(t, float32(2*256+9), x.Float32s()[2*24+7])
		}
		require.NoError(t, m.Close())
	}
}
