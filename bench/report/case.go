package report

import (
	"fmt"
	"strconv"
	"strings"
)

// Case is a forward pass to measure, on a batch of square images, or with Grad a forward and
// a backward pass, or with Train a step of training.
type Case struct {
	Model string `json:"model"` // a synthetic model, "B"
	Size  int    `json:"size"`  // side of an image, pixels
	Batch int    `json:"batch"`
	DType string `json:"dtype"` // "float32"
	Grad  bool   `json:"grad,omitempty"`
	Train Train  `json:"train,omitempty"`
	// Recompute computes the activations of the blocks that train once more in the backward
	// pass, instead of keeping them.
	Recompute bool `json:"recompute,omitempty"`
}

// Train says which blocks a step of training changes, beside a classifier on the summary:
// "all", with the embeddings, or "last4" for the last four. It is empty without training.
type Train string

// allBlocks are also the embeddings.
const allBlocks Train = "all"

// ParseTrain reads "all", "last1", "last2", ….
func ParseTrain(text string) (Train, error) {
	t := Train(text)
	if n, ok := strings.CutPrefix(text, "last"); t != allBlocks {
		if k, err := strconv.Atoi(n); !ok || err != nil || k < 1 || k > maxBlocks {
			return "", fmt.Errorf("training %q: want all, or last4 for the last four blocks", text)
		}
	}
	return t, nil
}

// maxBlocks is more than any model has.
const maxBlocks = 1000

// Blocks is how many of depth blocks train.
func (t Train) Blocks(depth int) int {
	if t == allBlocks {
		return depth
	}
	k, _ := strconv.Atoi(strings.TrimPrefix(string(t), "last"))
	return k
}

func (c Case) String() string {
	s := fmt.Sprintf("%s %d px, batch %d, %s", c.Model, c.Size, c.Batch, c.DType)
	if c.Grad {
		s += ", gradients"
	}
	if c.Train != "" {
		s += fmt.Sprintf(", training %s", c.Train)
	}
	if c.Recompute {
		s += ", recomputed"
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
// "B:224:1:float32:grad", or "B:224:1:float32:last4".
func (c Case) Short() string {
	s := fmt.Sprintf("%s:%d:%d:%s", c.Model, c.Size, c.Batch, c.DType)
	if c.Grad {
		s += ":grad"
	}
	if c.Train != "" {
		s += ":" + string(c.Train)
	}
	if c.Recompute {
		s += ":recompute"
	}
	return s
}
