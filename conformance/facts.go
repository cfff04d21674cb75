package conformance

import (
	"fmt"
	"slices"
	"strings"

	"cradio/conformance/internal/metadata"
	"cradio/loader"
	"cradio/radio"
)

type (
	facts = metadata.Facts
	call  = metadata.Call
)

// request returns the request of a call.
func request(c call) (*radio.Intermediates, error) {
	r := &radio.Intermediates{
		Blocks: c.Indices.Blocks, Last: c.Indices.Last, Norm: c.Norm, Alpha: radio.AlphaScheme(c.AlphaScheme), Prefix: true,
	}
	switch c.Aggregation {
	case "sparse":
	case "dense":
		r.Dense = true
	default:
		return nil, fmt.Errorf("aggregation is %q, want sparse or dense", c.Aggregation)
	}
	return r, nil
}

// kind is the kind of a bundle, according to its tensors and metadata.
type kind int

const (
	unknown       kind = iota
	forward            // every tensor of a forward pass, or some rows of some of them
	gradient           // the gradient of every parameter
	intermediates      // calls of forward_intermediates
	images             // decoded or preprocessed images
	weights            // a checkpoint: a folder or a file
	native             // outputs of transformers' RadioModel in float32; see native.go
)

func kindOf(f *loader.File, read facts) kind {
	names := f.Names()
	has := func(prefix string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, prefix) })
	}
	switch {
	case read.Files != nil || read.Settings != nil:
		return images
	case !has("pixels"):
		return unknown
	case read.Calls != nil:
		return intermediates
	case has("weight/"):
		return gradient
	case has(truthPrefix):
		return forward
	case has(nativePrefix):
		return native
	}
	return unknown
}

// truthPrefix is the prefix of the names of reference tensors.
const truthPrefix = "truth/"
