package gemm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// spread are the quarters of C, 2·row + column, in whose sums the quarters of A occur: 11, 12,
// 21 and 22, see deep.
var spread = [4][]int{{0, 1, 2, 3}, {0, 1}, {1, 2, 3}, {1, 2, 3}}

// reaches reports whether a value in a row of A, for products k, reaches an element of C.
func (s *deep) reaches(row, k, toRow, toCol int) bool {
	image, block := row/s.Tokens, 0
	for block < s.perImage-1 {
		first, count := pool.Portion(s.Tokens, s.perImage, block)
		if row%s.Tokens < first+count {
			break
		}
		block++
	}
	first, count := s.rows(image*s.perImage + block)
	r, to := row-first, toRow-first
	if to < 0 || to >= count || r%s.leafRows != to%s.leafRows {
		return false
	}
	r, to = r/s.leafRows, to/s.leafRows
	depth, col := k/s.leafDepth%s.side, toCol/(s.panels*s.tiles.Cols)%s.side
	for i := range s.steps {
		if !slices.Contains(spread[2*(r>>i&1)+depth>>i&1], 2*(to>>i&1)+col>>i&1) {
			return false
		}
	}
	return true
}

// What is not finite reaches all of its row, and elements of up to seven other rows of its image
// that lie a multiple of leafRows away, but nothing else: all other bits are as they were.
func TestDeepNotFinite(t *testing.T) {
	table, err := kernel.For(kernel.Portable)
	require.NoError(t, err)
	for _, x := range deepCases {
		p := pool.New(2, table)
		rows := x.tokens * x.images
		a, c := random(rows*x.depth), make([]float32, rows*x.cols)
		op := &Product{Table: table, M: rows, N: x.cols, Depth: x.depth, A: a, W: Pack(p, random(x.cols*x.depth), x.cols, x.depth), C: c, Tokens: x.tokens}
		p.Enter()
		op.Run(p)
		finite := slices.Clone(c)
		for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.NaN(), math.Inf(1), math.NaN()} {
			row, k := (2*i+1)*rows/12, (i*7+3)*x.depth/40
			at := fmt.Sprintf("%+v, with %v in row %d, column %d", x, v, row, k)
			before := a[row*x.depth+k]
			a[row*x.depth+k] = float32(v)
			op.Run(p)
			a[row*x.depth+k] = before
			others := map[int]bool{}
			for j, y := range c {
				toRow, toCol := j/x.cols, j%x.cols
				if !op.deep.reaches(row, k, toRow, toCol) {
					require.NotEqual(t, row, toRow, at)
					require.Equal(t, math.Float32bits(finite[j]), math.Float32bits(y), "%s: row %d, column %d", at, toRow, toCol)
					continue
				}
				require.False(t, y-y == 0, "%s: row %d, column %d is %v", at, toRow, toCol, y)
				others[toRow] = true
			}
			require.True(t, others[row], at)
			require.LessOrEqual(t, len(others), op.deep.side, at)
			for r := range others {
				require.Equal(t, row/x.tokens, r/x.tokens, at)
			}
		}
		p.Leave()
		p.Close()
	}
}
