package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"cradio/radio/text/token"
)

// recordedTexts is the file of texts and their ids.
const recordedTexts = "tokens/pairs"

// recordedText is a text and its ids without special tokens; conformance/text/README.md explains the
// fields.
type recordedText struct {
	Text     string
	Mojibake bool // ftfy's repair of wrong encodings changed it
	CLIP     []int32
	SigLIP   []int32
	SigLIP2  []int32
}

// runTokens compares the ids of every recorded text with Python's. They must be equal, but for texts
// that only ftfy's repair of wrong encodings mends.
func runTokens(c *textCase) error {
	raw, err := readPacked(filepath.Join(c.of.Dir, recordedTexts+".jsonl.gz"))
	if err != nil {
		return err
	}
	var list []recordedText
	for d := json.NewDecoder(bytes.NewReader(raw)); d.More(); {
		var r recordedText
		if err := d.Decode(&r); err != nil {
			return fmt.Errorf("text %d: %w", len(list), err)
		}
		list = append(list, r)
	}
	for _, of := range []struct {
		name, file string
		kind       token.Kind
		ids        func(recordedText) []int32
		repaired   bool
	}{
		{"clip", "", token.KindCLIP, func(r recordedText) []int32 { return r.CLIP }, true},
		{"siglip", "siglip/tokenizer.json", token.KindSigLIP, func(r recordedText) []int32 { return r.SigLIP }, true},
		{"siglip, sentencepiece", "siglip/spiece.model", token.KindSigLIP, func(r recordedText) []int32 { return r.SigLIP }, true},
		{"siglip2", "siglip2/tokenizer.json", token.KindSigLIP2, func(r recordedText) []int32 { return r.SigLIP2 }, false},
		{"siglip2, sentencepiece", "siglip2/tokenizer.model", token.KindSigLIP2, func(r recordedText) []int32 { return r.SigLIP2 }, false},
	} {
		tokens := token.CLIP()
		if of.file != "" {
			if tokens, err = c.of.vocabulary(of.file, of.kind); err != nil {
				return err
			}
		}
		different, total := 0, 0
		for n, r := range list {
			if of.repaired && r.Mojibake {
				continue
			}
			total++
			pieces, err := tokens.Pieces(r.Text)
			if err != nil {
				return fmt.Errorf("%s: text %d: %w", of.name, n, err)
			}
			if !slices.EqualFunc(pieces, of.ids(r), func(p token.Piece, id int32) bool { return p.ID == id }) {
				if different++; different == 1 {
					c.report.fail(c.name(), c.way, of.name, fmt.Errorf("text %d, %.60q, becomes other ids than Python's", n, r.Text))
				}
			}
		}
		t := Tensor{Bundle: c.name(), Name: fmt.Sprintf("%s: ids of %d texts", of.name, total), Baseline: &Baseline{By: PyTorch}}
		t.Ours.Max = float64(different)
		c.report.Tensors = append(c.report.Tensors, TrainingTensor{Tensor: t, Way: c.way.name, kind: equalNumbers})
	}
	return nil
}
