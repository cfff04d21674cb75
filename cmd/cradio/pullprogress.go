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

// pullProgress shows the progress of downloads: a bar for each file on a terminal. Elsewhere it logs a line when a
// download begins, every sayEvery, and when it ends.
type pullProgress struct {
	bars  *bars // nil where nothing is drawn
	files map[string]*pulling
}

// pulling is a file that is being downloaded.
type pulling struct {
	bar   *mpb.Bar
	said  time.Time
	begun bool
}

// newPullProgress draws bars if stderr is a terminal, unless HF_HUB_DISABLE_PROGRESS_BARS forbids it, as in Python.
func newPullProgress(stderr io.Writer) *pullProgress {
	p := &pullProgress{files: map[string]*pulling{}}
	no := strings.ToUpper(os.Getenv("HF_HUB_DISABLE_PROGRESS_BARS"))
	if no != "1" && no != "ON" && no != "YES" && no != "TRUE" {
		p.bars = newBars(stderr)
	}
	return p
}

// event is for hub.Client.Progress, which never calls it concurrently.
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
		slog.Warn("retrying", "file", e.File, "because", e.Note)
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
		return // no progress to draw
	}
	if f.bar == nil {
		f.bar = p.bars.add(max(e.Total, 0), sides{
			left:  []decor.Decorator{decor.Name(e.File + " "), decor.CountersKibiByte("% .1f of % .1f")},
			right: []decor.Decorator{decor.EwmaETA(decor.ET_STYLE_GO, 30), decor.Name(" "), decor.EwmaSpeed(decor.SizeB1024(0), "% .1f", 30)},
		})
		f.bar.SetRefill(e.Done) // already downloaded by an earlier attempt
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

// stop keeps the bars of complete files, and removes the others.
func (p *pullProgress) stop() { p.bars.stop() }
