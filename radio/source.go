package radio

import (
	"fmt"
	"strconv"
	"strings"

	"cradio/graph"
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
func AdaptorSource(name string) Source { return Source(adaptorPrefix + name) }

// BlockSource is the patches after a block, from 0.
func BlockSource(block int) Source { return Source(blockPrefix + strconv.Itoa(block)) }

// ClassSource is the class tokens of the summary after a block, from 0.
func ClassSource(block int) Source { return Source(classPrefix + strconv.Itoa(block)) }

const adaptorPrefix, blockPrefix, classPrefix = "adaptor:", "block:", "class:"

// Tokens says whether the source is one vector for each patch; else it is one for the image.
func (s Source) Tokens() bool {
	return s == FeaturesSource || strings.HasPrefix(string(s), blockPrefix)
}

// Block is the number of the block, false for sources of none.
func (s Source) Block() (block int, ok bool) {
	digits, ok := strings.CutPrefix(string(s), blockPrefix)
	if !ok {
		digits, ok = strings.CutPrefix(string(s), classPrefix)
	}
	if !ok {
		return 0, false
	}
	block, err := strconv.Atoi(digits)
	return block, err == nil && block >= 0 && strconv.Itoa(block) == digits
}

// Check refuses what names no source of any model.
func (s Source) Check() error {
	switch name, adaptor := strings.CutPrefix(string(s), adaptorPrefix); {
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
	if name, ok := strings.CutPrefix(string(s), adaptorPrefix); ok {
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
	if s == SummarySource || strings.HasPrefix(string(s), classPrefix) {
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

// sources gives the tensors of a forward pass, each with its batch.
func (n *Network) sources(g *graph.Builder, list []Source, t *tokens) map[Source]*graph.Node {
	all := map[Source]*graph.Node{}
	var features *graph.Node
	patches := func() *graph.Node {
		if features == nil {
			features = n.features(g, t)
		}
		return features
	}
	blocks := map[int]*graph.Node{}
	for _, s := range list {
		if all[s] != nil {
			continue
		}
		at := g.At("source", string(s))
		block, ofBlock := s.Block()
		if ofBlock && blocks[block] == nil {
			blocks[block] = n.intermediates(g, &Intermediates{Blocks: []int{block}}, t)[0]
		}
		switch name, adaptor := strings.CutPrefix(string(s), adaptorPrefix); {
		case adaptor:
			all[s] = n.adaptorSummary(g, name, t)
		case s == SummarySource:
			all[s] = n.summary(g, t)
		case s == FeaturesSource:
			all[s] = patches()
		case s == MeanSource:
			all[s] = at.MeanTokens(patches())
		case s.Tokens():
			all[s] = at.Slice(blocks[block], n.Config.Prefix(), n.Config.Prefix()+t.h*t.w)
		default:
			all[s] = at.Select(blocks[block], n.Config.SummaryIdxs)
		}
	}
	return all
}

// adaptorSummary is the summary in a teacher's space.
func (n *Network) adaptorSummary(g *graph.Builder, name string, t *tokens) *graph.Node {
	for _, a := range n.Adaptors {
		if a.Name == name {
			return n.teacher(g, a, t)
		}
	}
	return nil
}

// checkSources refuses sources that the network does not have.
func (n *Network) checkSources(list []Source) error {
	for _, s := range list {
		if _, err := s.Width(n.Config); err != nil {
			return err
		}
		if block, ok := s.Block(); ok {
			if err := (&Intermediates{Blocks: []int{block}}).check(n); err != nil {
				return fmt.Errorf("source %s: %w", s, err)
			}
		}
	}
	return nil
}
