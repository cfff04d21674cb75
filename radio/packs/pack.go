package packs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// Use is what packed weights are for.
type Use struct {
	Precision string // of the computation, such as "int8"
	Layout    string // of the kernels, such as "avx512-v1"
}

func (u Use) String() string { return u.Precision + " at " + u.Layout }

// Origin is the checkpoint that packed weights are made of; *loader.Checkpoint is one.
type Origin interface {
	fmt.Stringer // its path
	Dir() string // the folder of its files
	Files() []*loader.MappedFile
}

// Pack is an open file of packed weights.
type Pack struct {
	Path  string
	Bytes int64 // size of the file
	Use   Use
	file  *loader.File
	about about
}

// about is what a pack says of itself, in its metadata under key.
type about struct {
	Version   int    `json:"version"`
	Precision string `json:"dtype"`
	Layout    string `json:"layout"`
	Files     []file `json:"checkpoint"`
	Data      string `json:"data_sha256"`
}

// file is a file of the checkpoint.
type file struct {
	loader.Identity
	SHA256 string `json:"sha256"`
}

const (
	key      = "cradio_pack"
	version  = 1
	maxAbout = 1 << 20 // bytes
)

// Error is what is wrong with a file of packed weights.
type Error struct {
	Path string
	Err  error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s; make it again with `cradio pack`, or delete it", e.Path, strings.TrimPrefix(e.Err.Error(), e.Path+": "))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Open opens the pack at a path. A pack that is damaged, is for another use, or is not of this origin
// is an *Error. log is told when contents have to be compared, which takes a while.
func Open(ctx context.Context, path string, use Use, of Origin, log *slog.Logger) (*Pack, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return nil, &Error{path, err}
	}
	p, err := Read(f, use)
	if err == nil {
		err = p.Belongs(ctx, of, log)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	f.AllNeeded()
	return p, nil
}

// Read reads what a file says of itself. The Pack owns the file, but if there is an error, an *Error.
// Whether it belongs to a checkpoint is not known yet.
func Read(f *loader.File, use Use) (*Pack, error) {
	p := &Pack{Path: f.String(), Use: use, file: f}
	if err := p.read(); err != nil {
		return nil, &Error{p.Path, err}
	}
	return p, nil
}

func (p *Pack) read() (err error) {
	if p.about, err = aboutOf(p.file); err != nil {
		return err
	}
	switch a := p.about; {
	case a.Version != version:
		return fmt.Errorf("want a pack of version %d, found version %d", version, a.Version)
	case a.Precision != p.Use.Precision || a.Layout != p.Use.Layout:
		return fmt.Errorf("want weights for %s, found %s", p.Use, Use{a.Precision, a.Layout})
	}
	own, err := p.file.Identity()
	p.Bytes = own.Size
	return err
}

// aboutOf reads the metadata of a file of packed weights.
func aboutOf(f *loader.File) (a about, err error) {
	text, ok := f.Metadata()[key]
	if !ok || len(text) > maxAbout {
		return a, fmt.Errorf("metadata: want %s, which says what the pack is of, found %d bytes", key, len(text))
	}
	if err := strictjson.Unmarshal([]byte(text), strictjson.Limits{}, &a); err != nil {
		return a, fmt.Errorf("metadata: %s: %w", key, err)
	}
	return a, nil
}

// File returns the file, from which weights that are not packed can be read by name.
func (p *Pack) File() *loader.File { return p.file }

// Checksums are the SHA-256 of the checkpoint's files, in their order, as they were when the pack was
// made.
func (p *Pack) Checksums() []string {
	var sums []string
	for _, f := range p.about.Files {
		sums = append(sums, f.SHA256)
	}
	return sums
}

// Close closes the file. The memory of its sections must not be used afterwards.
func (p *Pack) Close() error { return p.file.Close() }
