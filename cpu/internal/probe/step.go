package probe

import (
	"math"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Input is linear classifiers of columns [From, To) of the rows: Heads of them, each with
// as many classes as the Step.
type Input struct {
	From, To, Heads int
	Weight, Bias    []float32 // (Heads·Classes, To−From), (Heads·Classes)
	DWeight, DBias  []float32 // of the same sizes, or nil
	Loss            []float64 // (Heads): the mean cross entropy of the batch
}

// Step is the cross entropy of linear classifiers over a batch of rows, and its gradient. The
// fields are those of cpu.LinearProbe.
type Step struct {
	Float32      func(i int) []float32 // row i, (Width), or nil:
	BFloat16     func(i int) []uint16
	Width        int
	Classes      int
	Rows         []int   // (Batch)
	Labels       []int32 // (Batch)
	Mean, Factor []float32
	Inputs       []Input
	Ranks        []int32   // (Σ Heads, Batch) or nil
	Scores       []float32 // (Batch, Σ Heads·Classes) or nil

	pool  *pool.Pool
	table *kernel.Table
	tiles *kernel.Tiles
	layout
	memory []workerMemory

	folded  []float32        // left operands of the weights, by inputs: (rows, stride)
	shifted []float32        // (Σ rows): biases of features as they are
	batch   []float32        // right operands of the batch, in panels of columns
	errors  []float32        // the left operand of (softmax − label) / Batch: (Σ rows, leftStride), or of slices of rows that are split
	sums    []float64        // (blocks of positions, Σ rows): of errors
	losses  []float64        // (Σ Heads, Batch)
	zeros   []float32        // (Width): a row that pads the batch
	rows    []unsafe.Pointer // where the rows of the batch lie, if they are split

	values, gradients []float64 // of the definition: rows of the batch, and a row of each worker
}

// workerMemory is what one worker uses while it computes a piece.
type workerMemory struct {
	rows    []float32    // a block of rows, or a slice of their terms
	row     []float32    // one row: of weights, scaled; of two rows, interleaved
	wide    [2][]float32 // rows of bfloat16, widened
	packed  []float32    // panels of rows, transposed
	scores  []float32    // of a group of panels: (panels, Σ rows, cols)
	state   []float32    // of a softmax
	partial []float32    // a tile
	labels  []float32    // the score of each label
	split   []float32    // slices of two blocks, split: (2, TileCols, termRow)
	items   [][]kernel.SplitItem
	ahead   []ahead
	pieces  []piece

	transposed []float32 // scores of a block of split rows: (Σ rows, cols)
}

// Run computes losses, and what else there is room for.
func (s *Step) Run(p *pool.Pool) {
	s.pool, s.table = p, p.Table()
	if !s.table.Float32.Multiply() || s.table.Float32.Softmax == nil {
		s.define()
		return
	}
	s.prepare()
	p.Run(pool.Blocks(s.outputs, foldPiece), (*foldTask)(s))
	if s.form == splitTiles {
		p.Run(s.foldPanels(), (*foldPanelTask)(s))
	}
	p.Run(pool.Blocks(s.blocks(), s.panels), (*forwardTask)(s))
	s.addLosses()
	if s.Inputs[0].DWeight != nil {
		s.addSums()
		p.Run(pool.Blocks(s.columns/s.tiles.Cols, s.group), (*backwardTask)(s))
	}
	if s.form == splitTiles {
		s.forgetRows()
	}
}

// addLosses makes the mean of each head's losses, in the order of the batch.
func (s *Step) addLosses() {
	head, n := 0, len(s.Rows)
	for _, in := range s.Inputs {
		for h := range in.Heads {
			sum := 0.0
			for _, v := range s.losses[head*n:][:n] {
				sum += v
			}
			in.Loss[h] = sum / float64(n)
			head++
		}
	}
}

// addSums makes the gradients of biases, block by block of the batch.
func (s *Step) addSums() {
	first := 0
	for _, in := range s.Inputs {
		for r := range in.DBias {
			sum := 0.0
			for b := range s.blocks() {
				sum += s.sums[b*s.outputs+first+r]
			}
			in.DBias[r] = float32(sum)
		}
		first += in.Heads * s.Classes
	}
}

// rank is how many of the scores are above that of the label, or all if that is NaN.
func rank(label float32, n int, score func(i int) float32) int32 {
	if label != label {
		return int32(n)
	}
	r := int32(0)
	for i := range n {
		if v := score(i); v > label || v != v {
			r++
		}
	}
	return r
}

// loss is the cross entropy of a label of which scores have the maximum most and the sum of
// exp(score − most) sum.
func loss(label, most float32, sum float64) float64 {
	return math.Log(sum) + float64(most) - float64(label)
}
