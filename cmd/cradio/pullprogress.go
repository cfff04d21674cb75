package main

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"cradio/loader/hub"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// pullProgress shows how far downloads are: a bar for each file on a terminal, elsewhere a line of the log when one
// begins, now and then, and when it ends.
type pullProgress struct {
	bars  *mpb.Progress // nil off a terminal
	files map[string]*pulling
}

// pulling is a file on its way.
type pulling struct {
	bar   *mpb.Bar
	said  time.Time
	begun bool
}

// newPullProgress draws bars if stderr is a terminal, and Python's switch for them does not say no.
func newPullProgress(stderr io.Writer) *pullProgress {
	p := &pullProgress{files: map[string]*pulling{}}
	no := strings.ToUpper(os.Getenv("HF_HUB_DISABLE_PROGRESS_BARS"))
	if isTerminal(stderr) && !quiet() && no != "1" && no != "ON" && no != "YES" && no != "TRUE" {
		p.bars = mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())
	}
	return p
}

// event is for hub.Client.Progress, which calls it once at a time.
func (p *pullProgress) event(e hub.Event) {
	key := e.Repo + "/" + e.File
	f := p.files[key]
	if f == nil {
		f = &pulling{said: time.Now()}
		p.files[key] = f
	}
	if p.bars != nil {
		p.draw(f, e)
		return
	}
	switch {
	case e.State == hub.Waiting:
		slog.Info("waiting", "file", e.File, "because", e.Note)
	case e.State == hub.Retrying:
		slog.Warn("trying again", "file", e.File, "because", e.Note)
	case e.State == hub.Finished && f.begun:
		slog.Info("downloaded", "file", e.File, "size", bytesText(int(e.Done)))
	case e.State == hub.Downloading && !f.begun:
		f.begun = true
		slog.Info("downloading", "file", e.File, "from", e.Repo, "size", sizeOf(e.Total), "have", bytesText(int(e.Done)))
	case e.State == hub.Downloading && time.Since(f.said) >= sayEvery:
		f.said = time.Now()
		slog.Info("downloading", "file", e.File, "have", bytesText(int(e.Done)), "of", sizeOf(e.Total))
	}
}

func (p *pullProgress) draw(f *pulling, e hub.Event) {
	if e.State == hub.Waiting || e.State == hub.Finished && f.bar == nil {
		return // nothing moves
	}
	if f.bar == nil {
		f.bar = p.bars.AddBar(max(e.Total, 0),
			mpb.PrependDecorators(decor.Name(e.File+" "), decor.CountersKibiByte("% .1f of % .1f")),
			mpb.AppendDecorators(decor.EwmaETA(decor.ET_STYLE_GO, 30), decor.Name(" "), decor.EwmaSpeed(decor.SizeB1024(0), "% .1f", 30)),
		)
		f.bar.SetRefill(e.Done) // what an earlier try left
		f.bar.SetCurrent(e.Done)
		f.said = time.Now()
		return
	}
	if e.Total >= 0 {
		f.bar.SetTotal(e.Total, false)
	}
	f.bar.EwmaSetCurrent(e.Done, time.Since(f.said))
	f.said = time.Now()
	if e.State == hub.Finished {
		f.bar.SetTotal(-1, true)
	}
}

func sizeOf(n int64) string {
	if n < 0 {
		return "unknown"
	}
	return bytesText(int(n))
}

// stop leaves the bars of complete files, and takes away the others.
func (p *pullProgress) stop() {
	if p.bars == nil {
		return
	}
	for _, f := range p.files {
		if f.bar != nil && !f.bar.Completed() {
			f.bar.Abort(true)
		}
	}
	p.bars.Wait()
}
