package data

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// Rand returns the random numbers of one purpose for one sample of one epoch, such as "crop" or
// "dropout blocks.3". They depend on these four only: not on the order in which samples are made,
// on the number of workers, or on what was drawn before. So a run that is resumed draws the numbers
// that it would have drawn.
//
// The seed of the generator (PCG) is the SHA-256 of the four.
func Rand(seed, epoch, sample uint64, purpose string) *rand.Rand {
	text := make([]byte, 0, 64)
	for _, v := range [...]uint64{seed, epoch, sample} {
		text = binary.LittleEndian.AppendUint64(text, v)
	}
	sum := sha256.Sum256(append(text, purpose...))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}

// Order returns the numbers 0 to n-1 in the random order of an epoch. Equal arguments give the same
// order, with every version of Go: it is Fisher and Yates' shuffle on Lemire's bounded numbers.
func Order(seed, epoch uint64, n int) []int { return shuffled(Rand(seed, epoch, 0, "order"), n) }

// View returns which of the views 0 to n-1 of a sample an epoch takes. Of n epochs each takes another
// view, in an order that depends on the seed, the sample, and how many times n epochs were before.
func View(seed, epoch, sample uint64, n int) int {
	if n < 2 {
		return 0
	}
	return shuffled(Rand(seed, epoch/uint64(n), sample, "view"), n)[epoch%uint64(n)]
}

func shuffled(r *rand.Rand, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := below(r, uint64(i)+1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// below returns a number in [0, n), each with the same probability (Lemire, 2019).
func below(r *rand.Rand, n uint64) uint64 {
	high, low := bits.Mul64(r.Uint64(), n)
	if low < n {
		for least := -n % n; low < least; {
			high, low = bits.Mul64(r.Uint64(), n)
		}
	}
	return high
}
