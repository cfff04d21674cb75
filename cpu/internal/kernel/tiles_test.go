package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// bfloat16Table is the table of the slowest level that has tiles of bfloat16.
func bfloat16Table(t *testing.T) *Table {
	for _, k := range Tables() {
		if k.BFloat16.Multiply() {
			return k
		}
	}
	t.Skip("no level has tiles of bfloat16")
	return nil
}

// twoBFloat16 is a word of two bfloat16, and what they stand for.
func twoBFloat16(x, y float32) (uint32, [2]float64) {
	a, b := RoundBFloat16(x), RoundBFloat16(y)
	return uint32(a) | uint32(b)<<16, [2]float64{float64(FromBFloat16(a)), float64(FromBFloat16(b))}
}

// depthsOf are depths, in words, of products by tiles.
func depthsOf(t *Tiles) []int {
	if t.ByPairs {
		return []int{2, 6, 64, 130}
	}
	return []int{1, 5, 64, 131}
}

// leftOf is A as GemmRows read it, of m rows of so many words, and lda: the rows, or two of
// them at a time.
func leftOf(t *Tiles, rows []uint32, m, words int) (unsafe.Pointer, int) {
	if !t.ByPairs {
		return unsafe.Pointer(&rows[0]), 4 * words
	}
	joined := make([]uint32, (m+1)/2*2*words)
	t.JoinLeft(unsafe.Pointer(&joined[0]), 8*words, unsafe.Pointer(&rows[0]), 4*words, m, words)
	return unsafe.Pointer(&joined[0]), 8 * words
}

// RowStarts at each level that has it: rows with room between them, any number of words.
func TestRowStarts(t *testing.T) {
	for _, k := range Tables() {
		if k.Int8.RowStarts == nil {
			continue
		}
		for _, rows := range []int{1, 5, 12} {
			for _, words := range []int{1, 3, 4, 30, 64} {
				lds := 4*words + 5
				src, got, want := make([]uint8, rows*lds), make([]int32, rows), make([]int32, rows)
				for i := range src {
					src[i] = uint8(255 - i%7*i%13)
				}
				for r := range rows {
					for _, v := range src[r*lds:][:4*words] {
						want[r] -= 128 * int32(v)
					}
				}
				k.Int8.RowStarts(unsafe.Pointer(&got[0]), unsafe.Pointer(&src[0]), lds, rows, words)
				require.Equal(t, want, got, "%v: %d rows of %d words", k.Level, rows, words)
			}
		}
	}
}

// JoinLeft at each level that has it: rows with room between them, an odd number and a single
// one, of any number of words that is even; nothing after them is written.
func TestJoinLeft(t *testing.T) {
	for _, k := range Tables() {
		for _, tiles := range []*Tiles{&k.BFloat16, &k.Int8} {
			if !tiles.ByPairs {
				continue
			}
			for _, rows := range []int{1, 2, 5, 12} {
				for _, words := range []int{2, 6, 8, 30, 64} {
					lds, ldd := words+3, 2*words+5
					src, got := make([]uint32, rows*lds), make([]uint32, (rows+1)/2*ldd)
					want := make([]uint32, len(got))
					for i := range src {
						src[i] = uint32(i + 1)
					}
					for r := range (rows + 1) / 2 * 2 {
						for i := range words {
							want[r/2*ldd+i/2*4+r%2*2+i%2] = src[min(r, rows-1)*lds+i]
						}
					}
					tiles.JoinLeft(unsafe.Pointer(&got[0]), 4*ldd, unsafe.Pointer(&src[0]), 4*lds, rows, words)
					require.Equal(t, want, got, "%v: %d rows of %d words", k.Level, rows, words)
				}
			}
		}
	}
}

// columnWord is where word i of row r of m stands among the columns of A that GemmCols reads.
func columnWord(t *Tiles, m, r, i int) int {
	if t.ByPairs {
		return i/2*2*m + 2*r + i%2
	}
	return i*m + r
}

func TestTilesOfBFloat16(t *testing.T) {
	k := bfloat16Table(t)
	for _, tile := range []*Tiles{&k.BFloat16, &k.BFloat16Slim} {
		for m := 1; m <= tile.MostRows(); m++ {
			for _, depth := range depthsOf(tile) {
				cols := tile.Cols
				x, y := noise(1, 2*m*depth), noise(2, 2*depth*cols)
				rows, columns, panel := make([]uint32, m*depth), make([]uint32, m*depth), make([]uint32, depth*cols)
				a, b := make([][2]float64, m*depth), make([][2]float64, depth*cols)
				for i := range rows {
					rows[i], a[i] = twoBFloat16(x[2*i], x[2*i+1])
					columns[columnWord(tile, m, i/depth, i%depth)] = rows[i]
				}
				for i := range panel {
					panel[i], b[i] = twoBFloat16(y[2*i], y[2*i+1])
				}
				product := func(r, c int) float64 {
					s := 0.0
					for i := range depth {
						u, v := a[r*depth+i], b[tile.WordAt(i, c)]
						s += u[0]*v[0] + u[1]*v[1]
					}
					return s
				}
				sums, alpha := noise(3, m*cols), noise(4, cols)
				before := append([]float32(nil), sums...)
				tolerance := 1e-5 * math.Sqrt(float64(depth))

				left, lda := leftOf(tile, rows, m, depth)
				for add := range min(len(tile.GemmRows), 2) {
					tile.GemmRows[m](depth, left, lda, unsafe.Pointer(&panel[0]), At(sums, 0), add, nil, nil, 0)
					for i, got := range sums {
						want := product(i/cols, i%cols) * float64(1+add)
						require.InDelta(t, want, got, tolerance, "%d rows, %d deep, element %d", m, depth, i)
					}
				}
				if len(tile.GemmCols) == 0 || tile.ByPairs && m%2 > 0 {
					continue
				}
				copy(sums, before)
				step := 1 // words of a row of A's columns
				if tile.ByPairs {
					step = 2
				}
				tile.GemmCols[m](depth/step, unsafe.Pointer(&columns[0]), 4*step*m, unsafe.Pointer(&panel[0]), At(sums, 0), At(alpha, 0))
				for i, got := range sums {
					want := product(i/cols, i%cols) + float64(before[i]*alpha[i%cols])
					require.InDelta(t, want, got, tolerance, "%d columns, %d deep, element %d", m, depth, i)
				}
			}
		}
	}
}

func TestTilesOfInt8(t *testing.T) {
	for _, k := range Tables() {
		if k.Int8.Multiply() {
			t.Run(k.Level.String(), func(t *testing.T) { tilesOfInt8(t, &k.Int8) })
		}
	}
}

func tilesOfInt8(t *testing.T, tile *Tiles) {
	for m := 1; m <= tile.MostRows(); m++ {
		for _, depth := range depthsOf(tile) {
			cols := tile.Cols
			words, b := make([]uint32, m*depth), make([]int8, 4*depth*cols)
			a := unsafe.Slice((*uint8)(unsafe.Pointer(&words[0])), 4*m*depth)
			for i := range a {
				a[i] = uint8(255 - i%7*i%13)
			}
			for i := range b {
				b[i] = int8(127 - i*i%254)
			}
			sums := make([]int32, m*cols)
			left, lda := leftOf(tile, words, m, depth)
			panel, starts := append([]int8(nil), b...), unsafe.Pointer(nil)
			if tile.RowStarts != nil {
				starts = unsafe.Pointer(&make([]int32, m)[0])
				tile.RowStarts(starts, left, lda, m, depth)
				for i := range panel {
					panel[i] ^= -128
				}
			}
			for add := range 2 {
				tile.GemmRows[m](depth, left, lda, unsafe.Pointer(&panel[0]), unsafe.Pointer(&sums[0]), add, starts, nil, 0)
				for i, got := range sums {
					want := 0
					for j := range 4 * depth {
						want += int(a[i/cols*4*depth+j]) * int(b[4*tile.WordAt(j/4, i%cols)+j%4])
					}
					require.EqualValues(t, want*(1+add), got, "%d rows, %d deep, element %d", m, depth, i)
				}
			}
		}
	}
}

// Tiles of int16, at each level: of a panel, and of the sum and the difference of two.
// The largest products there can be, of sums of two operands, are exact.
func TestTilesOfInt16(t *testing.T) {
	for _, k := range Tables() {
		for m := 1; m <= k.Int16.MostRows(); m++ {
			for _, depth := range []int{1, 5, 64, 131} {
				cols := k.Int16.Cols
				a, b, other := make([]int16, 2*m*depth), make([]int16, 2*depth*cols), make([]int16, 2*depth*cols)
				for i := range a {
					a[i] = int16(510 - i%7*i%13)
				}
				for i := range b {
					b[i], other[i] = int16(127-i*i%255), int16(i*5%255-127)
				}
				for name, of := range map[string]struct {
					tiles []RowsFunc
					sign  int
				}{"alone": {k.Int16.GemmRows, 0}, "plus": {k.Int16.GemmRowsPlus, 1}, "minus": {k.Int16.GemmRowsMinus, -1}} {
					if of.tiles == nil && name != "alone" || of.tiles[m] == nil {
						require.True(t, m < k.Int16.MostRows()/2 || !k.Int16.Halve(), name)
						continue
					}
					sums := make([]int32, m*cols)
					for add := range 2 {
						of.tiles[m](depth, unsafe.Pointer(&a[0]), 4*depth, unsafe.Pointer(&b[0]), unsafe.Pointer(&sums[0]), add, nil, unsafe.Pointer(&other[0]), 0)
						for i, got := range sums {
							want := 0
							for j := range 2 * depth {
								at := j/2*2*cols + i%cols*2 + j%2
								want += int(a[i/cols*2*depth+j]) * (int(b[at]) + of.sign*int(other[at]))
							}
							require.EqualValues(t, want*(1+add), got, "%v %s: %d rows, %d deep, element %d", k.Level, name, m, depth, i)
						}
					}
				}
			}
		}
	}
}

// A GELU that is rounded to bfloat16 may itself be off by a tenth of that.
func TestGELUBeforeRounding(t *testing.T) {
	for _, k := range Tables() {
		t.Run(k.Level.String(), func(t *testing.T) { geluBeforeRounding(t, k) })
	}
}

func geluBeforeRounding(t *testing.T, k *Table) {
	cols := 2 * k.Lanes
	x, y, got := make([]float32, 14*cols), make([]uint16, 14*cols), make([]float32, 14*cols)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for first := float32(-14); first < 14; first += 0.25 {
		for i := range x {
			x[i] = first + float32(i)*(0.25/14/float32(cols))
		}
		copy(x, []float32{nan, inf, -inf, 1e30, -1e30, 3e38, -3e38, 0, 1e-30})
		k.EpilogueBFloat16(At(y, 0), 2*cols, At(x, 0), 14, cols, nil, nil, nil, 1)
		for i, h := range y {
			got[i] = FromBFloat16(h)
			want := GELU(float64(x[i]))
			if want != want || math.IsInf(want, 0) {
				require.Equal(t, fmt.Sprint(want), fmt.Sprint(got[i]), "gelu(%v)", x[i])
				continue
			}
			require.InDelta(t, want, got[i], 1./256*1.05*math.Abs(want)+1e-8, "gelu(%v)", x[i])
		}
	}
}

func noise(seed uint64, n int) []float32 {
	s := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.NormFloat64())
	}
	return x
}
