// Package token turns texts into the ids that the text towers of C-RADIO's adaptors read.
//
//	t := token.CLIP()
//	e, err := t.Encode("a diagram")
//	fmt.Println(e.IDs[:5], e.Cut) // [49406 320 22697 49407 0] false
//
// There are three kinds of text: CLIP, SigLIP and SigLIP2. A Kind says how a text is cleaned
// (package clean), how it is split, and how the ids are framed. Each follows the code that
// the adaptor's teacher was trained with, since Python's libraries disagree with one another;
// the tests hold the ids of 2,944 texts.
//
// CLIP's vocabulary is embedded. Those of SigLIP are read from the files that its towers
// come with: Open.
//
// The tokenizers are those of github.com/sugarme/tokenizer (its pipeline, truncation,
// special tokens) with parts of ours: the cleaning, CLIP's word pattern, byte-pair
// merging, the unigram model and sentencepiece's files.
package token
