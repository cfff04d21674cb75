package hub

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"cradio/loader"
)

// fetch puts a file of a commit into the cache.
func (c *Client) fetch(ctx context.Context, s *store, repo Repo, m metadata) (fresh bool, err error) {
	release, err := c.hold(ctx, s.lock(m.etag), func() {
		c.report(Event{Repo: repo.ID(), File: m.file, State: Waiting, Total: m.size, Note: "another process downloads it"})
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

// has says whether a blob is there, of the right size where that is known.
func (s *store) has(m metadata) bool {
	info, err := os.Stat(s.blob(m.etag))
	return err == nil && info.Mode().IsRegular() && (m.size < 0 || info.Size() == m.size)
}

// download is one blob on its way.
type download struct {
	c    *Client
	repo Repo
	m    metadata
	f    *os.File
	at   int64 // bytes on disk
	sum  *sum  // of these
	late bool  // the size came with the file, and not before: sum cannot be that of a git blob
}

// run downloads a blob next to its place, goes on where an earlier try stopped, checks it, and moves it there. What is
// there already when it fails stays for the next time, unless it is wrong.
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

// twice gives what turns out to be damaged one more chance, from its beginning.
func (d *download) twice(ctx context.Context) error {
	err := d.resume(ctx)
	if err == nil {
		err = d.transfer(ctx)
	}
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	d.c.log().Warn("downloading once more from the beginning", "file", d.m.file, "because", err)
	d.note(Retrying, "what came was damaged")
	if err := d.restart(); err != nil {
		return err
	}
	return d.transfer(ctx)
}

// restart forgets what was downloaded.
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

// resume takes over what an earlier try left.
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

// transfer downloads what is missing, in as many tries as it takes, and checks the whole.
func (d *download) transfer(ctx context.Context) error {
	for t := (tries{most: inARow + 1, deaf: inARow + 1}); d.at < d.m.size || d.m.size < 0; {
		before := d.at
		done, err := d.once(ctx)
		if done || err == nil && d.at == d.m.size {
			break
		}
		if err == nil {
			err = &temporary{error: d.broken("the connection ended early")}
		}
		if temp := (*temporary)(nil); errors.As(err, &temp) {
			d.note(Retrying, temp.Error())
		}
		if err := t.again(ctx, d.c, err, d.at > before); err != nil {
			return err
		}
	}
	return d.check()
}

// check compares the whole with its tag.
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
		Do: "what the server sends is damaged or was replaced: try again later; do not use a copy of it", Err: ErrDamaged}
}

// broken is a failure that may pass.
func (d *download) broken(found string) error {
	return &loader.Error{File: d.repo.ID(), Item: "file " + quote(d.m.file), Found: fmt.Sprintf("%s, after %d of %s bytes", found, d.at, sizeText(d.m.size)),
		Do: "try again: what was downloaded is kept, and the same command goes on from there", Err: ErrUnreachable}
}

func sizeText(n int64) string {
	if n < 0 {
		return "an unknown number of"
	}
	return strconv.FormatInt(n, 10)
}

// once makes one request for what is missing. done says that the server sent all, where the size was not known.
//
// It names no tag in If-Range: a store's own tag of a blob is not the hub's. The blob's name is its hash, and decides.
func (d *download) once(ctx context.Context) (done bool, err error) {
	item := "file " + quote(d.m.file)
	ctx, alarm, stop := newAlarm(ctx, d.c.stallTimeout())
	defer stop()
	header := http.Header{}
	if d.at > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", d.at))
	}
	resp, a, err := d.c.send(ctx, http.MethodGet, d.c.address(d.repo, d.m.commit, d.m.file), header, always)
	if err != nil {
		return false, d.lost(ctx, item, err)
	}
	defer resp.Body.Close()
	switch {
	case a.status == http.StatusRequestedRangeNotSatisfiable && d.at > 0:
		if d.m.size < 0 && contentRangeTotal(resp.Header) == d.at {
			return true, nil
		}
		if err := d.restart(); err != nil {
			return false, err
		}
		return false, &temporary{error: d.broken("the server has not the rest of what was begun")}
	case a.status != http.StatusOK && a.status != http.StatusPartialContent:
		a.body, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		return false, d.c.refusal(d.repo, item, a)
	}
	left, err := d.place(resp)
	if err != nil {
		return false, err
	}
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" { // by a proxy, although it was asked not to
		if body, err = gzip.NewReader(body); err != nil {
			return false, d.lost(ctx, item, err)
		}
	}
	d.note(Downloading, "")
	return d.copy(ctx, item, body, left, alarm)
}

// place compares what the server says of its answer with what was asked for, and gives how many bytes shall come, or -1.
func (d *download) place(resp *http.Response) (left int64, err error) {
	encoding := resp.Header.Get("Content-Encoding")
	if encoding != "" && encoding != "identity" && (encoding != "gzip" || resp.StatusCode == http.StatusPartialContent) {
		return 0, d.damaged("the file as it is", "content encoding "+quote(encoding))
	}
	length := resp.ContentLength
	if resp.StatusCode == http.StatusPartialContent {
		from, to, total, ok := contentRange(resp.Header)
		if !ok || from != d.at || d.m.size >= 0 && total >= 0 && total != d.m.size || length >= 0 && length != to-from+1 {
			err := &temporary{error: d.broken(fmt.Sprintf("the server sends range %s instead of the rest", quote(resp.Header.Get("Content-Range"))))}
			if restart := d.restart(); restart != nil {
				return 0, restart
			}
			return 0, err
		}
		if d.m.size < 0 && total >= 0 {
			d.m.size, d.late = total, true
		}
		return to - from + 1, nil
	}
	if d.at > 0 { // it knows no ranges
		if err := d.restart(); err != nil {
			return 0, err
		}
	}
	if encoding == "gzip" {
		length = -1
	}
	if d.m.size < 0 && length >= 0 {
		d.m.size, d.late = length, true
	}
	if length >= 0 && length != d.m.size {
		return 0, d.damaged(fmt.Sprintf("%d bytes, as the hub lists", d.m.size), sizeText(length))
	}
	return d.m.size, nil
}

// copy writes what comes, left bytes or to the end.
func (d *download) copy(ctx context.Context, item string, body io.Reader, left int64, alarm *alarm) (done bool, err error) {
	known := left >= 0
	for buf := make([]byte, 256<<10); ; {
		n, err := body.Read(buf)
		alarm.putOff()
		if known && int64(n) > left {
			return false, d.damaged(sizeText(d.m.size)+" bytes", "more")
		}
		if d.at+int64(n) > maxBlob {
			return false, d.damaged("an end", fmt.Sprintf("more than %d bytes", int64(maxBlob)))
		}
		if n > 0 {
			if _, err := d.f.WriteAt(buf[:n], d.at); err != nil {
				return false, notWritten(d.f.Name(), err)
			}
			d.sum.Write(buf[:n])
			d.at += int64(n)
			left -= int64(n)
			d.note(Downloading, "")
		}
		switch {
		case err == io.EOF:
			return d.m.size < 0, nil
		case err != nil:
			return false, d.lost(ctx, item, err)
		}
	}
}

// lost is a connection that broke.
func (d *download) lost(ctx context.Context, item string, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return &temporary{error: d.broken(errStalled.Error())}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return &temporary{error: d.broken("the connection was cut")}
	}
	return d.c.unreachable(ctx, d.repo, item, err)
}

func (d *download) note(s State, note string) {
	d.c.report(Event{Repo: d.repo.ID(), File: d.m.file, State: s, Done: d.at, Total: d.m.size, Note: note})
}
