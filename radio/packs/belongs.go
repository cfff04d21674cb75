package packs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"cradio/loader"
)

// Belongs returns an *Error unless the pack was made of this checkpoint.
func (p *Pack) Belongs(ctx context.Context, of Origin, log *slog.Logger) error {
	if err := p.belongs(ctx, of.Files(), log); err != nil {
		return &Error{p.Path, err}
	}
	return nil
}

func (p *Pack) belongs(ctx context.Context, files []*loader.MappedFile, log *slog.Logger) error {
	was := p.about.Files
	if len(files) != len(was) {
		return fmt.Errorf("the checkpoint has changed: it was %d files, found %d", len(was), len(files))
	}
	now := make([]file, len(files)) // the pack's files, at the times of the checkpoint's
	for i, f := range files {
		id, err := f.Identity()
		if err == nil {
			err = was[i].compare(id)
		}
		if err != nil {
			return fmt.Errorf("the checkpoint has changed since it was packed: %w", err)
		}
		now[i] = file{id, was[i].SHA256}
	}
	return p.confirm(ctx, files, now, log)
}

// compare says in what a file is not as it was, but for its time.
func (f file) compare(now loader.Identity) error {
	switch {
	case f.Name != now.Name:
		return fmt.Errorf("it was %q, found %q", f.Name, now.Name)
	case f.Size != now.Size:
		return fmt.Errorf("%s was %d bytes, found %d", now.Name, f.Size, now.Size)
	case f.Header != now.Header:
		return fmt.Errorf("%s has another header", now.Name)
	}
	return nil
}

// patience is how long contents are compared before the log says so.
const patience = time.Second

// confirm compares the contents of files whose times differ, as those of a copy do. It remembers the
// times of files whose contents are the same.
func (p *Pack) confirm(ctx context.Context, files []*loader.MappedFile, now []file, log *slog.Logger) error {
	if sameFiles(p.about.Files, now) || sameFiles(p.seen(), now) {
		return nil
	}
	notice := time.AfterFunc(patience, func() {
		log.Info("the checkpoint's files have other times than when they were packed: comparing their checksums", "pack", p.Path)
	})
	defer notice.Stop()
	for i, f := range files {
		was := p.about.Files[i]
		if was.Modified.Equal(now[i].Modified) {
			continue
		}
		sum, err := f.Checksum(ctx)
		if err != nil {
			return err
		}
		if sum != was.SHA256 {
			return fmt.Errorf("the checkpoint has changed since it was packed: %s was modified at %v, found %v and other contents",
				was.Name, was.Modified, now[i].Modified)
		}
	}
	if err := p.remember(now); err != nil {
		log.Debug("the checkpoint's checksums will be compared again at the next start", "because", err)
	}
	return nil
}

// sameFiles says whether two lists have the same files, as far as can be told without reading them.
func sameFiles(a, b []file) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].compare(b[i].Identity) != nil || !a[i].Modified.Equal(b[i].Modified) || a[i].SHA256 != b[i].SHA256 {
			return false
		}
	}
	return true
}

// Verify reads the whole pack and the whole checkpoint, and compares their checksums with those of
// when the pack was made.
func (p *Pack) Verify(ctx context.Context, of Origin) error {
	sum, err := p.file.DataChecksum(ctx)
	if err != nil {
		return err
	}
	if sum != p.about.Data {
		return &Error{p.Path, fmt.Errorf("data: want SHA-256 %s, found %s: the file is damaged", p.about.Data, sum)}
	}
	for i, f := range of.Files() {
		sum, err := f.Checksum(ctx)
		if err != nil {
			return err
		}
		if want := p.about.Files[i].SHA256; sum != want {
			return &Error{p.Path, fmt.Errorf("%s: want SHA-256 %s, as when it was packed, found %s: it has changed", f, want, sum)}
		}
	}
	return nil
}
