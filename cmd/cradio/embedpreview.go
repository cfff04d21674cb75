package main

import (
	"os"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/show"
)

const (
	mostPreviews   = 4  // images of a run that has previews
	previewColumns = 60 // characters
)

// previewed reports whether results have previews: those of a few images, if standard
// output is a terminal with colours and not meant for machines.
func (e *embedding) previewed() bool {
	return e.out == "" && !e.json && e.total <= mostPreviews && hasColours(e.cmd.OutOrStdout())
}

// preview returns the principal components of a result's features as colours, in text for a
// terminal. It is empty for features of fewer than four patches, which have no components.
func preview(r radio.Result, trueColour bool) (string, error) {
	if r.Rows*r.Cols < 4 {
		return "", nil
	}
	patches := r.Patches() // (T, D)
	tokens := show.Tokens{Features: slices.Concat(patches...), Rows: r.Rows, Cols: r.Cols}
	b, err := show.Fit([]show.Tokens{tokens}, len(patches[0]), show.BasisOptions{})
	if err != nil {
		return "", err
	}
	text, err := show.Terminal(b.Colours(tokens).Paint(show.RGB), previewColumns, trueColour)
	if err != nil {
		return "", err
	}
	lines := strings.TrimSuffix(text, "\n")
	return "  " + strings.ReplaceAll(lines, "\n", "\n  ") + "\n", nil
}

// trueColours reports whether the terminal says that it has 24-bit colours.
func trueColours() bool {
	c := os.Getenv("COLORTERM")
	return c == "truecolor" || c == "24bit" || os.Getenv("WT_SESSION") != ""
}
