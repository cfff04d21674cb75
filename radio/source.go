package radio

import (
	"fmt"
	"strings"

	"cradio/graph"
	"cradio/radio/checkpoint"
)

// Source names a tensor of the backbone that a head reads, and that a cache of features holds; see
// [checkpoint.Source].
type Source = checkpoint.Source

// The sources that need no more words.
const (
	SummarySource  = checkpoint.SummarySource
	FeaturesSource = checkpoint.FeaturesSource
	MeanSource     = checkpoint.MeanSource
)

// AdaptorSource is the summary of a teacher.
func AdaptorSource(name string) Source { return checkpoint.AdaptorSource(name) }

// BlockSource is the patches after a block, from 0.
func BlockSource(block int) Source { return checkpoint.BlockSource(block) }

// ClassSource is the class tokens of the summary after a block, from 0.
func ClassSource(block int) Source { return checkpoint.ClassSource(block) }

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
		switch name, adaptor := strings.CutPrefix(string(s), checkpoint.AdaptorPrefix); {
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
