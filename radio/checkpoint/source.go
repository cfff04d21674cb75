package checkpoint

import (
	"fmt"
	"strconv"
	"strings"
)

// Source names a tensor of the backbone that a head reads, and that a cache of features holds.
//
//	summary       (C), the summary
//	features      (h·w, D), the features
//	mean          (D), the mean of the features
//	adaptor:NAME  (Out), the summary in a teacher's space
//	block:I       (h·w, D), the patches after block I, from 0
//	class:I       (C), the class tokens of the summary after block I
//
// Those of a block are as Intermediates gives them, each block alone and without the final norm.
type Source string

// The sources that need no more words.
const (
	SummarySource  Source = "summary"
	FeaturesSource Source = "features"
	MeanSource     Source = "mean"
)

// AdaptorSource is the summary of a teacher.
func AdaptorSource(name string) Source { return Source(AdaptorPrefix + name) }

// BlockSource is the patches after a block, from 0.
func BlockSource(block int) Source { return Source(BlockPrefix + strconv.Itoa(block)) }

// ClassSource is the class tokens of the summary after a block, from 0.
func ClassSource(block int) Source { return Source(ClassPrefix + strconv.Itoa(block)) }

// The prefixes of sources.
const AdaptorPrefix, BlockPrefix, ClassPrefix = "adaptor:", "block:", "class:"

// Tokens says whether the source is one vector for each patch; else it is one for the image.
func (s Source) Tokens() bool {
	return s == FeaturesSource || strings.HasPrefix(string(s), BlockPrefix)
}

// Block is the number of the block, false for sources of none.
func (s Source) Block() (block int, ok bool) {
	digits, ok := strings.CutPrefix(string(s), BlockPrefix)
	if !ok {
		digits, ok = strings.CutPrefix(string(s), ClassPrefix)
	}
	if !ok {
		return 0, false
	}
	block, err := strconv.Atoi(digits)
	return block, err == nil && block >= 0 && strconv.Itoa(block) == digits
}

// Check refuses what names no source of any model.
func (s Source) Check() error {
	switch name, adaptor := strings.CutPrefix(string(s), AdaptorPrefix); {
	case s == SummarySource, s == FeaturesSource, s == MeanSource, adaptor && name != "":
		return nil
	}
	if _, ok := s.Block(); ok {
		return nil
	}
	return fmt.Errorf("source %q: want summary, features, mean, adaptor:NAME, block:I or class:I with a block from 0", string(s))
}

// Width is the number of elements of its vector, or of each of its patches' vectors, in a model. It is
// an error if the model has no such tensor.
func (s Source) Width(c *Config) (int, error) {
	if err := s.Check(); err != nil {
		return 0, err
	}
	if name, ok := strings.CutPrefix(string(s), AdaptorPrefix); ok {
		a, err := c.Adaptor(name)
		if err != nil {
			return 0, fmt.Errorf("source %s: %w", s, err)
		}
		return a.Summary.Out, nil
	}
	block, ok := s.Block()
	if ok && block >= c.Depth {
		return 0, fmt.Errorf("source %s: block %d does not exist; the model has %d, 0 to %d", s, block, c.Depth, c.Depth-1)
	}
	if s == SummarySource || strings.HasPrefix(string(s), ClassPrefix) {
		return c.Width * len(c.SummaryIdxs), nil
	}
	return c.Width, nil
}

// Shape is the shape for one image of so many rows and columns of patches: (D) or (rows·cols, D).
func (s Source) Shape(c *Config, rows, cols int) ([]int, error) {
	width, err := s.Width(c)
	if err != nil || !s.Tokens() {
		return []int{width}, err
	}
	return []int{rows * cols, width}, nil
}
