package numeric

// Strassen's algorithm: see gemm/strassen.go.

// Term is an operand of a sum, with a minus where it is subtracted.
type Term struct {
	Of    int
	Minus bool
}

func plus(i int) Term  { return Term{Of: i} }
func minus(i int) Term { return Term{i, true} }

var (
	// LeftSums are the left operands, of quarters 11, 12, 21 and 22.
	LeftSums = [][]Term{
		{plus(0), plus(3)}, {plus(2), plus(3)}, {plus(0)}, {plus(3)}, {plus(0), plus(1)}, {plus(2), minus(0)}, {plus(1), minus(3)},
	}
	// QuarterSums are quarters of the result, of the products.
	QuarterSums = [][]Term{
		{plus(0), plus(3), minus(4), plus(6)}, {plus(2), plus(4)}, {plus(1), plus(3)}, {plus(0), minus(1), plus(2), plus(5)},
	}
)

// SplitProducts are the products of float32 that are split into three bfloat16: the terms of
// A and of B, in the order in which they are added.
var SplitProducts = [][2]int{{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}}
