package token

import (
	"fmt"
	"strings"

	"cradio/radio/text/token/clean"
)

// Kind is a family of text towers, which share a way to make ids of a text.
type Kind string

// The kinds, by the names of the adaptors.
const (
	// CLIP: words of byte pairs; start, text, end, then zeros; 77 ids.
	KindCLIP Kind = "clip"
	// SigLIP: unigrams; text, </s>, then </s> again; 64 ids.
	KindSigLIP Kind = "siglip"
	// SigLIP2: byte pairs over the whole text, as Gemma's; text, <eos>, then <pad>; 64 ids.
	KindSigLIP2 Kind = "siglip2"
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{KindCLIP, KindSigLIP, KindSigLIP2} }

// ParseKind returns the kind of a name. "siglip2-g" is SigLIP2: its towers differ, its ids do
// not.
func ParseKind(name string) (Kind, error) {
	if name == "siglip2-g" {
		return KindSigLIP2, nil
	}
	var names []string
	for _, k := range Kinds() {
		if string(k) == name {
			return k, nil
		}
		names = append(names, string(k))
	}
	return "", fmt.Errorf("tokenizer is %q, want one of %s", name, strings.Join(names, ", "))
}

// Length is the number of ids that the kind's published towers read.
func (k Kind) Length() int {
	if k == KindCLIP {
		return 77
	}
	return 64
}

// Clean returns the text as the model's vocabulary sees it.
func (k Kind) Clean(text string) string {
	switch k {
	case KindCLIP:
		return clean.CLIP(text)
	case KindSigLIP:
		return clean.SigLIP(text)
	default:
		return clean.SigLIP2(text)
	}
}
