package main

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars are progress bars on a terminal. Where nothing is drawn they are nil.
type bars struct {
	*mpb.Progress
	restore func() // sends log lines to stderr again; or nil
	list    []*mpb.Bar
	stopped bool
}

// newBars begins to draw on stderr. It is nil where that is no terminal, or where only warnings are
// wanted. Until stop, log lines go above the bars, and so must all that the caller prints.
func newBars(stderr io.Writer) *bars {
	if !isTerminal(stderr) || quiet() {
		return nil
	}
	b := &bars{Progress: mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())}
	if v, ok := speaking(); ok {
		b.restore = v.redirect(b.Progress)
	}
	return b
}

// sides are what stands on the left and on the right of a bar.
type sides struct{ left, right []decor.Decorator }

// add adds a bar. A total of 0 is not known yet.
func (b *bars) add(total int64, s sides) *mpb.Bar {
	bar := b.AddBar(total, mpb.PrependDecorators(s.left...), mpb.AppendDecorators(s.right...))
	b.list = append(b.list, bar)
	return bar
}

// stop ends drawing. Bars that are complete stay, and others are removed. Stopping twice does nothing.
func (b *bars) stop() {
	if b == nil || b.stopped {
		return
	}
	b.stopped = true
	for _, bar := range b.list {
		bar.Abort(true)
	}
	b.Wait()
	if b.restore != nil {
		b.restore()
	}
}
