package hub

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// transfer downloads the missing part, with retries, and checks the complete file.
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

// once makes one request for the missing part. done says that the server sent everything, if the size was not known.
//
// It sends no If-Range: a store's tag of a blob differs from the hub's. The blob's hash is checked at the end.
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
		return false, &temporary{error: d.broken("the server does not have the rest of the file")}
	case a.status != http.StatusOK && a.status != http.StatusPartialContent:
		a.body, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		return false, d.c.refusal(d.repo, item, a)
	}
	left, err := d.place(resp)
	if err != nil {
		return false, err
	}
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" { // by a proxy, against Accept-Encoding
		if body, err = gzip.NewReader(body); err != nil {
			return false, d.lost(ctx, item, err)
		}
	}
	d.note(Downloading, "")
	return d.copy(ctx, item, body, left, alarm)
}

// place compares the headers of the answer with the request, and returns the number of bytes to come, or -1.
func (d *download) place(resp *http.Response) (left int64, err error) {
	encoding := resp.Header.Get("Content-Encoding")
	if encoding != "" && encoding != "identity" && (encoding != "gzip" || resp.StatusCode == http.StatusPartialContent) {
		return 0, d.damaged("the file without encoding", "content encoding "+quote(encoding))
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
	if d.at > 0 { // it does not support ranges
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

// copy writes the data that arrives, left bytes or to the end.
func (d *download) copy(ctx context.Context, item string, body io.Reader, left int64, alarm *alarm) (done bool, err error) {
	known := left >= 0
	for buf := make([]byte, 256<<10); ; {
		n, err := body.Read(buf)
		alarm.putOff()
		if known && int64(n) > left {
			return false, d.damaged(sizeText(d.m.size)+" bytes", "more")
		}
		if d.at+int64(n) > maxBlob {
			return false, d.damaged("the end of the file", fmt.Sprintf("more than %d bytes", int64(maxBlob)))
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

// lost returns the error of a broken connection.
func (d *download) lost(ctx context.Context, item string, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return &temporary{error: d.broken(errStalled.Error())}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return &temporary{error: d.broken("the connection was cut")}
	}
	return d.c.unreachable(ctx, d.repo, item, err)
}
