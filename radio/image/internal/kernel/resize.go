package kernel

// Resizing uses Pillow's 10.22 fixed point: 8 bits of result, and 2 for overshoot.
const (
	PrecisionBits = 32 - 8 - 2
	half          = int32(1) << (PrecisionBits - 1)
)

// Taps are the weights of one pass. Output i is the weighted sum of inputs
// Start[i] … Start[i]+Count[i]-1, with Weights[i*Size:] in 10.22 fixed point.
type Taps struct {
	Size         int
	Start, Count []int
	Weights      []int32

	packed []packedTaps // for assembly, made by Pack
	groups int          // of four taps
}

// packedTaps are the weights of four taps. Each is split in two for 16-bit products: low has 15
// bits.
type packedTaps struct {
	low, high [4]int16
}

// Pack prepares the weights for Across. They must not change afterwards.
func (t *Taps) Pack() {
	t.groups = (t.Size + 3) / 4
	t.packed = make([]packedTaps, t.groups*len(t.Start))
	for i, count := range t.Count {
		for j, w := range t.Weights[i*t.Size:][:count] {
			p := &t.packed[i*t.groups+j/4]
			p.low[j%4], p.high[j%4] = int16(w&0x7FFF), int16(w>>15)
		}
	}
}

func across(dst, src []uint8, t *Taps) {
	for x, start := range t.Start {
		weights := t.Weights[x*t.Size:][:t.Count[x]]
		in := src[3*start:][:3*len(weights)]
		r, g, b := half, half, half
		for i, k := range weights {
			p := in[3*i : 3*i+3 : 3*i+3]
			r += int32(p[0]) * k
			g += int32(p[1]) * k
			b += int32(p[2]) * k
		}
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0], d[1], d[2] = clamp(r>>PrecisionBits), clamp(g>>PrecisionBits), clamp(b>>PrecisionBits)
	}
}

// down sums a block of columns at a time, on the stack.
func down(dst []uint8, rows [][]uint8, weights []int32) {
	var block [256]int32
	for at := 0; at < len(dst); at += len(block) {
		out := dst[at:min(at+len(block), len(dst))]
		sums := block[:len(out)]
		for i := range sums {
			sums[i] = half
		}
		for i, k := range weights {
			row := rows[i][at:][:len(sums)]
			for x, v := range row {
				sums[x] += int32(v) * k
			}
		}
		for x, s := range sums {
			out[x] = clamp(s >> PrecisionBits)
		}
	}
}
