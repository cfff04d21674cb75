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

// Identity tells a file of weights from others, and from itself before a change, without reading its data. A change that
// keeps the size, the time and the header goes unnoticed; see MappedFile.Checksum.
type Identity struct {
	Name     string    `json:"name"` // without the folder
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Header   string    `json:"header_sha256"` // of a torch file: its directory, which holds a checksum of each part, and its pickle
}

// Identity is what the file is like now that it is open.
func (m *MappedFile) Identity() (Identity, error) {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil {
		return Identity{}, closedError(m.path, "")
	}
	h := sha256.New()
	if err := m.guarded(func() {
		for _, part := range m.known {
			h.Write(part)
		}
	}); err != nil {
		return Identity{}, err
	}
	return Identity{filepath.Base(m.path), int64(len(m.mapped)), m.modified.UTC(), hex.EncodeToString(h.Sum(nil))}, nil
}

// Unchanged says whether the file at the path still has the size and the time that it was opened with.
func (m *MappedFile) Unchanged() error {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil {
		return closedError(m.path, "")
	}
	now, err := os.Stat(m.path)
	if err != nil {
		return &Error{File: m.path, Want: "the file that was opened", Found: reason(err, m.path), Do: "leave it there while it is used", Err: err}
	}
	if now.Size() != int64(len(m.mapped)) || !now.ModTime().Equal(m.modified) {
		return &Error{File: m.path, Want: fmt.Sprintf("%d bytes of %v, as it was opened", len(m.mapped), m.modified.UTC()),
			Found: fmt.Sprintf("%d bytes of %v", now.Size(), now.ModTime().UTC()), Do: "leave it as it is while it is used"}
	}
	return nil
}

// Checksum is the SHA-256 of the whole file, which it reads, in hexadecimal digits. It stops when ctx is done.
func (m *MappedFile) Checksum(ctx context.Context) (string, error) { return m.checksum(ctx, 0) }

// DataChecksum is the SHA-256 of the data that follows the header: of all tensors as they lie.
func (f *File) DataChecksum(ctx context.Context) (string, error) { return f.checksum(ctx, f.data) }

func (m *MappedFile) checksum(ctx context.Context, from int64) (string, error) {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil {
		return "", closedError(m.path, "")
	}
	const step = 8 << 20
	h := sha256.New()
	for rest := m.mapped[from:]; len(rest) > 0; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		piece := rest[:min(step, len(rest))]
		if err := m.guarded(func() { h.Write(piece) }); err != nil {
			return "", err
		}
		releasePages(piece)
		rest = rest[len(piece):]
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// mappedFile is itself: File and Torch have it from here.
func (m *MappedFile) mappedFile() *MappedFile { return m }

// Files are the files of a checkpoint, of whatever format, in the order of their names.
func (c *Checkpoint) Files() []*MappedFile {
	var files []*MappedFile
	for _, part := range c.parts {
		if f, ok := part.(interface{ mappedFile() *MappedFile }); ok {
			files = append(files, f.mappedFile())
		}
	}
	return files
}
