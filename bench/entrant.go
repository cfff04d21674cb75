package bench

import (
	"context"
	"time"
)

// Entrant is a library that computes a case on request, and otherwise uses no
// processor time.
type Entrant interface {
	Name() string
	// Prepare loads a case, which replaces the previous one, and runs it once.
	Prepare(ctx context.Context, c Case) (*Ready, error)
	// Run computes n forward passes, and returns the time that they took.
	Run(ctx context.Context, n int) (time.Duration, error)
	// PID returns the id of the process that computes.
	PID() int
	Close() error
}

// Ready is the answer of Entrant.Prepare.
type Ready struct {
	Summary  [][]float32       `json:"summary"` // (B, C), of Pixels
	Versions map[string]string `json:"versions"`
	Settings string            `json:"settings"`
}

// Pixels returns the images of a case, (batch, 3, size, size) in [0, 1]. A pixel is the
// top byte of index·2654435761 mod 2³², divided by 255, as in peers/checkpoints.py.
func Pixels(batch, size int) []float32 { return values(batch * 3 * size * size) }

// values are n numbers, as Pixels has them.
func values(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(uint32(i)*2654435761>>24) / 255
	}
	return x
}
