package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows the progress of a run: a bar on a terminal, elsewhere a line in the
// log every sayEvery.
type progress struct {
	total, done int
	doing       string // "embedding"
	began, said time.Time
	bars        *bars
	bar         *mpb.Bar  // nil where nothing is drawn
	out         io.Writer // where lines go while the bar is shown
}

// sayEvery is the time between lines of the log. Tests change it.
var sayEvery = 30 * time.Second

// newProgress starts to show the progress of a run over total images. With bar, the caller
// must print to the terminal only through printf.
func newProgress(stderr io.Writer, total int, bar bool) *progress {
	return newProgressOf(stderr, total, bar, "images", "embedding")
}

// newProgressOf is newProgress over other things than images.
func newProgressOf(stderr io.Writer, total int, bar bool, things, doing string) *progress {
	p := &progress{total: total, doing: doing, began: time.Now(), said: time.Now(), out: stderr}
	if !bar || total < 2 {
		return p
	}
	if p.bars = newBars(stderr); p.bars != nil {
		p.bar = p.bars.add(int64(total), sides{
			left: []decor.Decorator{decor.CountersNoUnit("%d of %d " + things)}, right: []decor.Decorator{decor.AverageETA(decor.ET_STYLE_GO)},
		})
		p.out = p.bars
	}
	return p
}

// step counts an image.
func (p *progress) step() {
	p.done++
	if p.bar != nil {
		p.bar.Increment()
		return
	}
	if time.Since(p.said) < sayEvery {
		return
	}
	p.said = time.Now()
	each := time.Since(p.began) / time.Duration(p.done)
	slog.Info(p.doing, "done", p.done, "of", p.total,
		"each", each.Round(time.Millisecond), "left", (each * time.Duration(p.total-p.done)).Round(time.Second))
}

// printf writes a line, above the bar if there is one.
func (p *progress) printf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }

// stop removes the bar.
func (p *progress) stop() { p.bars.stop() }
