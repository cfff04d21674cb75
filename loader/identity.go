package loader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Identity tells a safetensors file from others, and from itself before a change, without reading its data. A change that
// keeps the size, the time and the header goes unnoticed; see File.Checksum.
type Identity struct {
	Name     string    `json:"name"` // without the folder
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Header   string    `json:"header_sha256"`
}

// Identity is what the file is like now that it is open.
func (f *File) Identity() (Identity, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	if f.mapped == nil {
		return Identity{}, closedError(f.path, "")
	}
	sum := sha256.Sum256(f.mapped[:f.data])
	return Identity{filepath.Base(f.path), int64(len(f.mapped)), f.modified.UTC(), hex.EncodeToString(sum[:])}, nil
}

// Unchanged says whether the file at the path still has the size and the time that it was opened with.
func (f *File) Unchanged() error {
	f.open.RLock()
	defer f.open.RUnlock()
	if f.mapped == nil {
		return closedError(f.path, "")
	}
	now, err := os.Stat(f.path)
	if err != nil {
		return &Error{File: f.path, Want: "the file that was opened", Found: reason(err, f.path), Do: "leave it there while it is used", Err: err}
	}
	if now.Size() != int64(len(f.mapped)) || !now.ModTime().Equal(f.modified) {
		return &Error{File: f.path, Want: fmt.Sprintf("%d bytes of %v, as it was opened", len(f.mapped), f.modified.UTC()),
			Found: fmt.Sprintf("%d bytes of %v", now.Size(), now.ModTime().UTC()), Do: "leave it as it is while it is used"}
	}
	return nil
}

// Checksum is the SHA-256 of the whole file, which it reads, in hexadecimal digits. It stops when ctx is done.
func (f *File) Checksum(ctx context.Context) (string, error) { return f.checksum(ctx, 0) }

// DataChecksum is the SHA-256 of the data that follows the header: of all tensors as they lie.
func (f *File) DataChecksum(ctx context.Context) (string, error) { return f.checksum(ctx, f.data) }

func (f *File) checksum(ctx context.Context, from int64) (string, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	if f.mapped == nil {
		return "", closedError(f.path, "")
	}
	const step = 8 << 20
	h := sha256.New()
	for rest := f.mapped[from:]; len(rest) > 0; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		piece := rest[:min(step, len(rest))]
		h.Write(piece)
		releasePages(piece)
		rest = rest[len(piece):]
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Files are the safetensors files of a checkpoint, in the order of their names.
func (c *Checkpoint) Files() []*File {
	var files []*File
	for _, part := range c.parts {
		if f, ok := part.(*File); ok {
			files = append(files, f)
		}
	}
	return files
}
