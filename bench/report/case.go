package report

import (
	"fmt"
	"strconv"
	"strings"
)

// Case is a forward pass to measure, on a batch of square images, or with Grad a forward and
// a backward pass.
type Case struct {
	Model string `json:"model"` // a synthetic model, "B"
	Size  int    `json:"size"`  // side of an image, pixels
	Batch int    `json:"batch"`
	DType string `json:"dtype"` // "float32"
	Grad  bool   `json:"grad,omitempty"`
}

func (c Case) String() string {
	s := fmt.Sprintf("%s %d px, batch %d, %s", c.Model, c.Size, c.Batch, c.DType)
	if c.Grad {
		s += ", gradients"
	}
	return s
}

// ParseCase reads "B:224:1", the model, size and batch of a float32 case. It does not look for
// the model.
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
	return Case{Model: parts[0], Size: size, Batch: batch, DType: "float32"}, nil
}

// Short returns the case as ParseCase reads it, with its precision: "B:224:1:float32", or
// "B:224:1:float32:grad".
func (c Case) Short() string {
	s := fmt.Sprintf("%s:%d:%d:%s", c.Model, c.Size, c.Batch, c.DType)
	if c.Grad {
		s += ":grad"
	}
	return s
}
