package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Case is a forward pass to measure, on a batch of square images.
type Case struct {
	Model string `json:"model"` // a synthetic model, "B"
	Size  int    `json:"size"`  // side of an image, pixels
	Batch int    `json:"batch"`
	DType string `json:"dtype"` // "float32"
}

func (c Case) String() string {
	return fmt.Sprintf("%s %d px, batch %d, %s", c.Model, c.Size, c.Batch, c.DType)
}

// ParseCase reads "B:224:1", the model, size and batch of a float32 case.
func ParseCase(text string) (Case, error) {
	wrong := fmt.Errorf("case %q: want MODEL:SIZE:BATCH, such as B:224:1", text)
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
func Pixels(batch, size int) []float32 {
	x := make([]float32, batch*3*size*size)
	for i := range x {
		x[i] = float32(uint32(i)*2654435761>>24) / 255
	}
	return x
}
