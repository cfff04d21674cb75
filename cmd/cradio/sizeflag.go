package main

import (
	"fmt"
	"regexp"
	"strconv"

	"cradio/radio"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// sizeFlag is --size: "224", or "320x512" for height and width.
type sizeFlag struct {
	text          string
	height, width int // 0: not given
}

// maxSide bounds --size, pixels.
const maxSide = 1 << 15

var sizePattern = regexp.MustCompile(`^(\d{1,9})(?:[xX×](\d{1,9}))?$`)

func (f *sizeFlag) add(cmd *cobra.Command, use string) {
	cmd.Flags().VarP(f, "size", "s", use)
	complete(cmd, "size", "224", "432", "512", "768", "1024")
}

// String, Set and Type make it a flag.
func (f *sizeFlag) String() string { return f.text }

// Type names the value in help.
func (f *sizeFlag) Type() string { return "N|HxW" }

// Set parses a size.
func (f *sizeFlag) Set(text string) error {
	m := sizePattern.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("wants pixels, as in 224, or height x width, as in 320x512")
	}
	h, _ := strconv.Atoi(m[1]) // digits, by the pattern
	w := h
	if m[2] != "" {
		w, _ = strconv.Atoi(m[2])
	}
	if min(h, w) < 1 || max(h, w) > maxSide {
		return fmt.Errorf("wants 1 to %d pixels a side", maxSide)
	}
	f.text, f.height, f.width = text, h, w
	return nil
}

func (f *sizeFlag) given() bool { return f.text != "" }

// check refuses a size that the model cannot take.
func (f *sizeFlag) check(c radio.Config) error {
	if err := c.CheckSize(f.height, f.width); f.given() && err != nil {
		return fmt.Errorf("--size %s: %w", f.text, err)
	}
	return nil
}

// processor is the model's own, or one that resizes straight to the size.
func (f *sizeFlag) processor(m *radio.Model) *image.Processor {
	p := *m.Processor()
	if f.given() {
		p.DoResize, p.Height, p.Width, p.ShortestEdge = true, f.height, f.width, 0
		p.DoCenterCrop = false
	}
	return &p
}
