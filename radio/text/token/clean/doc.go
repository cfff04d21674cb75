// Package clean prepares texts for tokenizers as the text towers' own Python code does:
//
//   - CLIP: open_clip's cleaning of CLIP (ftfy, HTML entities, white space, lower case)
//   - SigLIP: open_clip's canonicalisation behind the same ftfy and entities
//   - SigLIP2: RADIO's canonicalisation alone
//
// One thing is left out: ftfy's repair of text that was decoded with a wrong encoding
// ("sÃ³" for "só"), which is a statistical guess.
//
// Texts must be valid UTF-8; package token makes them so.
package clean
