package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far a run is: a bar on a terminal, elsewhere a line of the
// log now and then.
type progress struct {
	total, done int
	began, said time.Time
	bars        *mpb.Progress // nil off a terminal
	bar         *mpb.Bar
	out         io.Writer // where lines go while the bar is shown
	back        func()    // lets the voice speak past the bar again
}

// sayEvery is the time between lines of the log.
const sayEvery = 30 * time.Second

// newProgress begins to show a run of total images. bar says that nothing
// else is printed to the terminal meanwhile, but through out.
func newProgress(stderr io.Writer, total int, bar bool) *progress {
	p := &progress{total: total, began: time.Now(), said: time.Now(), out: stderr}
	if bar && total > 1 && isTerminal(stderr) && !quiet() {
		p.bars = mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())
		p.bar = p.bars.AddBar(int64(total),
			mpb.PrependDecorators(decor.CountersNoUnit("%d of %d images")),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)),
		)
		p.out = p.bars
		if v, ok := speaking(); ok {
			p.back = v.redirect(p.bars)
		}
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
	slog.Info("embedding", "done", p.done, "of", p.total,
		"each", each.Round(time.Millisecond), "left", (each * time.Duration(p.total-p.done)).Round(time.Second))
}

// printf writes a line, above the bar where there is one.
func (p *progress) printf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }

// stop takes the bar away.
func (p *progress) stop() {
	if p.bars != nil {
		p.bar.Abort(true)
		p.bars.Wait()
		p.bars = nil
		if p.back != nil {
			p.back()
		}
	}
}
