package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Case is what is timed: one forward pass on a batch of square pictures.
type Case struct {
	Model string `json:"model"` // of the synthetic ones, "B"
	Size  int    `json:"size"`  // pixels a side
	Batch int    `json:"batch"`
	DType string `json:"dtype"` // "float32"
}

func (c Case) String() string {
	return fmt.Sprintf("%s %d px, batch %d, %s", c.Model, c.Size, c.Batch, c.DType)
}

// ParseCase reads "B:224:1", the model, size and batch of a float32 case.
func ParseCase(text string) (Case, error) {
	wrong := fmt.Errorf("case %q: want MODEL:SIZE:BATCH, as B:224:1", text)
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return Case{}, wrong
	}
	size, err1 := strconv.Atoi(parts[1])
	batch, err2 := strconv.Atoi(parts[2])
	if err1 != nil || err2 != nil {
		return Case{}, wrong
	}
	c := Case{Model: parts[0], Size: size, Batch: batch, DType: "float32"}
	if _, err := c.Config(); err != nil {
		return Case{}, fmt.Errorf("case %q: %w", text, err)
	}
	return c, nil
}

// Entrant computes a case when told to, and uses no processor otherwise.
type Entrant interface {
	Name() string
	// Prepare makes a case ready in place of the last one, and runs it once.
	Prepare(ctx context.Context, c Case) (*Ready, error)
	// Run computes n forward passes, and returns the time that they took.
	Run(ctx context.Context, n int) (time.Duration, error)
	// PID is the process that computes.
	PID() int
	Close() error
}

// Ready is what an Entrant says of a case that it has made ready.
type Ready struct {
	Summary  [][]float32       `json:"summary"` // (B, C), of Pixels
	Versions map[string]string `json:"versions"`
	Settings string            `json:"settings"`
}

// Pixels are the pictures of a case, (batch, 3, size, size) in [0, 1]: the top
// byte of index·2654435761 mod 2³², over 255. peers/checkpoints.py makes the same.
func Pixels(batch, size int) []float32 {
	x := make([]float32, batch*3*size*size)
	for i := range x {
		x[i] = float32(uint32(i)*2654435761>>24) / 255
	}
	return x
}
