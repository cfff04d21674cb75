package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"cradio/loader"
)

// fetch downloads a file of a commit into the cache.
func (c *Client) fetch(ctx context.Context, s *store, repo Repo, m metadata) (fresh bool, err error) {
	release, err := c.hold(ctx, s.lock(m.etag), func() {
		c.report(Event{Repo: repo.ID(), File: m.file, State: Waiting, Total: m.size, Note: "another process is downloading it"})
	})
	if err != nil {
		return false, err
	}
	defer release()
	if c.Force || !s.has(m) {
		d := &download{c: c, repo: repo, m: m}
		if err := d.run(ctx, s); err != nil {
			return false, err
		}
		fresh, m.size = true, d.at
	}
	if err := s.link(m.commit, m.file, m.etag, fresh, c.CopyFiles); err != nil {
		return false, err
	}
	c.report(Event{Repo: repo.ID(), File: m.file, State: Finished, Done: max(m.size, 0), Total: m.size})
	return fresh, nil
}

// has reports whether a blob is in the cache, with the right size if that is known.
func (s *store) has(m metadata) bool {
	info, err := os.Stat(s.blob(m.etag))
	return err == nil && info.Mode().IsRegular() && (m.size < 0 || info.Size() == m.size)
}

// download is the download of one blob.
type download struct {
	c    *Client
	repo Repo
	m    metadata
	f    *os.File
	at   int64 // bytes on disk
	sum  *sum  // of these
	late bool  // the size was known only when the file came: sum cannot be that of a git blob
}

// run downloads a blob to a temporary file, resuming an earlier attempt, checks it, and renames it. After a failure the
// downloaded part is kept for the next attempt, unless it is wrong.
func (d *download) run(ctx context.Context, s *store) (err error) {
	path := s.incomplete(d.m.etag)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return notWritten(path, err)
	}
	if d.f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return notWritten(path, err)
	}
	defer func() {
		d.f.Close() // after Close below it fails, and nothing depends on it
		if errors.Is(err, ErrDamaged) {
			os.Remove(path)
		}
	}()
	if err := d.twice(ctx); err != nil {
		return err
	}
	if err = d.f.Sync(); err == nil {
		err = d.f.Close()
	}
	if err == nil {
		err = os.Rename(path, s.blob(d.m.etag))
	}
	if err != nil {
		return notWritten(s.blob(d.m.etag), err)
	}
	return nil
}

// twice downloads a damaged file once more, from the beginning.
func (d *download) twice(ctx context.Context) error {
	err := d.resume(ctx)
	if err == nil {
		err = d.transfer(ctx)
	}
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	d.c.log().Warn("downloading once more from the beginning", "file", d.m.file, "because", err)
	d.note(Retrying, "the downloaded data was damaged")
	if err := d.restart(); err != nil {
		return err
	}
	return d.transfer(ctx)
}

// restart discards what was downloaded.
func (d *download) restart() error {
	if d.late {
		d.m.size, d.late = -1, false
	}
	d.at, d.sum = 0, newSum(d.m.etag, d.m.size)
	if err := d.f.Truncate(0); err != nil {
		return notWritten(d.f.Name(), err)
	}
	return nil
}

// resume continues from what an earlier attempt downloaded.
func (d *download) resume(ctx context.Context) error {
	info, err := d.f.Stat()
	if err != nil {
		return notWritten(d.f.Name(), err)
	}
	d.sum = newSum(d.m.etag, d.m.size)
	if !info.Mode().IsRegular() || d.m.size >= 0 && info.Size() > d.m.size {
		return d.restart()
	}
	for buf := make([]byte, 1<<20); d.at < info.Size(); {
		n, err := d.f.ReadAt(buf[:min(int64(len(buf)), info.Size()-d.at)], d.at)
		d.sum.Write(buf[:n])
		d.at += int64(n)
		if err != nil && (err != io.EOF || n == 0) {
			return notWritten(d.f.Name(), err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// check compares the complete file with its tag.
func (d *download) check() error {
	sum := d.sum
	if d.late || d.m.size < 0 {
		sum = newSum(d.m.etag, d.at)
		if _, err := io.Copy(sum, io.NewSectionReader(d.f, 0, d.at)); err != nil {
			return notWritten(d.f.Name(), err)
		}
	}
	if found, ok := sum.agrees(); !ok {
		return d.damaged("hash "+d.m.etag, "hash "+found)
	}
	return nil
}

func (d *download) damaged(want, found string) error {
	return &loader.Error{File: d.repo.ID(), Item: "file " + quote(d.m.file), Want: want, Found: found,
		Do: "the file on the server is damaged or was replaced: try again later; do not use this file from another source", Err: ErrDamaged}
}

// broken is a failure that may be temporary.
func (d *download) broken(found string) error {
	return &loader.Error{File: d.repo.ID(), Item: "file " + quote(d.m.file), Found: fmt.Sprintf("%s, after %d of %s bytes", found, d.at, sizeText(d.m.size)),
		Do: "try again: what was downloaded is kept, and the same command resumes there", Err: ErrUnreachable}
}

func sizeText(n int64) string {
	if n < 0 {
		return "an unknown number of"
	}
	return strconv.FormatInt(n, 10)
}

func (d *download) note(s State, note string) {
	d.c.report(Event{Repo: d.repo.ID(), File: d.m.file, State: s, Done: d.at, Total: d.m.size, Note: note})
}
