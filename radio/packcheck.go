package radio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"cradio/loader"
)

// check reads what the pack says of itself, and compares it with the checkpoint.
func (p *Pack) check(ctx context.Context, src *loader.Checkpoint, log *slog.Logger) error {
	text, ok := p.file.Metadata()[packKey]
	if !ok || len(text) > maxAbout {
		return fmt.Errorf("metadata: want %s, which says what the pack is of, found %d bytes", packKey, len(text))
	}
	a := &p.about
	if err := json.Unmarshal([]byte(text), a); err != nil {
		return fmt.Errorf("metadata: %s: %w", packKey, err)
	}
	switch {
	case a.Version != packVersion:
		return fmt.Errorf("want a pack of version %d, found version %d", packVersion, a.Version)
	case a.DType != p.DType || a.Layout != p.Layout:
		return fmt.Errorf("want weights for %s at %s, found %s at %s", p.DType, p.Layout, a.DType, a.Layout)
	}
	own, err := p.file.Identity()
	if err != nil {
		return err
	}
	p.Bytes = own.Size
	files := src.Files()
	if len(files) != len(a.Files) {
		return fmt.Errorf("the checkpoint has changed: it was %d files, found %d", len(a.Files), len(files))
	}
	now := make([]packedFile, len(files)) // the pack's files, at the times of the checkpoint's
	for i, f := range files {
		id, err := f.Identity()
		if err == nil {
			err = a.Files[i].compare(id)
		}
		if err != nil {
			return fmt.Errorf("the checkpoint has changed since it was packed: %w", err)
		}
		now[i] = packedFile{id, a.Files[i].SHA256}
	}
	return p.confirm(ctx, files, now, log)
}

// compare says in what a file is not as it was, but for its time.
func (f packedFile) compare(now loader.Identity) error {
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

// patience is how long contents are compared without a word.
const patience = time.Second

// confirm compares the contents of files whose times are other ones, which those of a
// copy are too, and remembers the times of files that are the same.
func (p *Pack) confirm(ctx context.Context, files []*loader.MappedFile, now []packedFile, log *slog.Logger) error {
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

// sameFiles says whether two lists have the same files, as far as can be told without
// reading them.
func sameFiles(a, b []packedFile) bool {
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

// packSeen ends the name of a small file beside a pack: the files that were found to be
// those of the pack, though at other times.
const packSeen = ".seen"

// seen is what remember has kept. What cannot be read says nothing.
func (p *Pack) seen() (files []packedFile) {
	text, err := readSmall(p.Path + packSeen)
	if err != nil || json.Unmarshal(text, &files) != nil {
		return nil
	}
	return files
}

// remember keeps the files for seen.
func (p *Pack) remember(files []packedFile) error {
	text, err := json.Marshal(files)
	if err != nil {
		return err
	}
	return loader.WriteFile(p.Path+packSeen, loader.ByteData(append(text, '\n')))
}

// forget removes what remember has kept.
func (p *Pack) forget() error {
	if err := os.Remove(p.Path + packSeen); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", p.Path, err)
	}
	return nil
}

// readSmall reads a file of at most maxAbout bytes.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAbout+1))
	if err == nil && len(data) > maxAbout {
		err = fmt.Errorf("%s: want at most %d bytes", path, maxAbout)
	}
	return data, err
}
