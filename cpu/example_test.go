package cpu_test

import (
	"fmt"

	"cradio/cpu"
)

// A Linear with its bias and a residual connection.
func ExampleLinear() {
	op := cpu.Linear[float32]{
		X:        []float32{1, 2, 3},                                         // one token, three channels
		W:        cpu.Pack(cpu.Default(), []float32{1, 0, 0, 0, 1, 1}, 2, 3), // (out, in)
		Bias:     []float32{10, 20},
		Residual: []float32{100, 200},
		Y:        make([]float32, 2),
		Rows:     1,
	}
	if err := op.Check(); err != nil {
		fmt.Println(err)
		return
	}
	op.Run(cpu.Default())
	fmt.Println(op.Y)

	op.Rows = 2
	fmt.Println(op.Check())
	// Output:
	// [111 225]
	// cpu.Linear: X has 3 elements, want 2·3 = 6
}

// Each query attends to the key that resembles it.
func ExampleAttention() {
	const tokens, dim = 2, 1
	op := cpu.Attention[float32]{
		QKV: []float32{
			50, 1, 7, // token 0: query, key, value
			-50, -1, 9,
		},
		Y: make([]float32, tokens*dim), Batch: 1, Tokens: tokens, Dim: dim, Heads: 1,
		Scratch: make([]float32, cpu.AttentionScratch(cpu.Default().Threads(), tokens, dim, 1)),
	}
	op.Run(cpu.Default())
	fmt.Printf("%.4f\n", op.Y)
	// Output: [7.0000 9.0000]
}

// Work of one's own on the pool: a struct with a method for one piece.
func ExamplePool() {
	p := cpu.NewPool(2)
	defer p.Close()
	s := squares{1, 2, 3, 4}
	p.Run(len(s), s)
	fmt.Println(s)
	// Output: [1 4 9 16]
}

type squares []int

func (s squares) Do(_, i int) { s[i] *= s[i] }
