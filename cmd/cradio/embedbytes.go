package main

import (
	"context"
	"fmt"
	"strings"

	"cradio/radio"
	"cradio/radio/output"
)

// textBytes is the approximate number of bytes of a number as text.
var textBytes = map[output.DType]int{output.Float32: 12, output.Float16: 8, output.Float64: 20}

// tellBytes prints the expected size of the file, before work begins. first waits for the
// size of the first image.
func (e *embedding) tellBytes(m *radio.Model, req radio.Request, images int, first func(context.Context) (h, w int)) {
	c := m.Config()
	processor := *m.Processor()
	e.alpha.apply(&processor)
	of := func(h, w int) [2]int {
		oh, ow, _ := e.size.Of(&c, &processor, h, w)
		return [2]int{oh, ow}
	}
	size, from := of(c.PreferredResolution[0], c.PreferredResolution[1]), ""
	if of(100, 300) != of(300, 100) || of(100, 100) != of(3000, 3000) { // the size depends on the image
		if h, w := first(e.cmd.Context()); h > 0 {
			size, from = of(h, w), "; estimated from the first image"
		} else {
			from = fmt.Sprintf("; estimated for %d×%d pixels", size[1], size[0])
		}
	}
	summary, tokens := c.SummaryWidth(), c.Tokens(size[0], size[1])
	numbers := e.numbers(&c, req, tokens)
	var shape string
	switch {
	case numbers == summary:
		shape = fmt.Sprintf("%d", summary)
	case e.features && (numbers == summary+tokens*c.Width || isNPY(e.out)):
		shape = fmt.Sprintf("%d × %d", tokens, c.Width)
	default:
		shape = fmt.Sprintf("%d numbers", numbers)
	}
	dtype := e.about.DType
	each, kind := dtype.Size(), "bytes"
	if isLines(e.out) {
		each, kind = textBytes[dtype], "bytes of text"
	}
	total := float64(images) * float64(numbers) * float64(each)
	said := fmt.Sprintf("%s: %s × %s × %d %s: about %s%s", shown(e.out), count(images, "image"), shape, each, kind, sizeText(total), from)
	if dtype == output.Float32 && total >= 10e6 && !isLines(e.out) {
		said += "; --out-dtype float16 halves it"
	}
	say("%s", said)
}

// numbers is how many numbers are written for an image with this many patches.
func (e *embedding) numbers(c *radio.Config, req radio.Request, tokens int) int {
	if isNPY(e.out) && e.features {
		return tokens * c.Width
	}
	n := c.SummaryWidth()
	if e.features {
		n += tokens * c.Width
	}
	for _, name := range req.Adaptors {
		a, err := c.Adaptor(name)
		if err != nil {
			continue // reported elsewhere
		}
		n += a.Summary.Out
		if e.features {
			up := max(a.Feature.Upsample, 1)
			n += tokens * up * up * a.Feature.Out
		}
	}
	if i := req.Intermediates; i != nil {
		n += max(len(i.Blocks), i.Last) * tokens * c.Width
	}
	return n
}

func isLines(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".jsonl") }

// sizeText formats a number of bytes with a suitable unit.
func sizeText(bytes float64) string {
	for _, unit := range []string{"bytes", "kB", "MB", "GB"} {
		if bytes < 999.5 {
			return fmt.Sprintf("%.3g %s", bytes, unit)
		}
		bytes /= 1000
	}
	return fmt.Sprintf("%.3g TB", bytes)
}
