package features

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cradio/loader"
)

// Plan is what a Job would do.
type Plan struct {
	Recipe   Recipe
	Pictures int
	Rows     int   // pictures × views; copies of a picture have one row
	Present  int   // rows that are there
	Bytes    int64 // of the rows to compute
	Free     int64 // of the disk; -1 if it is not known
}

// Missing is how many rows are to compute.
func (p *Plan) Missing() int { return p.Rows - p.Present }

// Plan counts rows and bytes. Nothing is written, and no picture is opened.
func (j *Job) Plan(ctx context.Context) (*Plan, error) {
	if !j.Set.Hashed {
		return nil, fmt.Errorf("%s: the checksums of the pictures are not computed; call Read of the set", j.Set.Path)
	}
	r, err := j.Recipe(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{Recipe: r, Pictures: len(j.Set.Items), Free: loader.FreeBytes(existing(j.Dir))}
	there := map[key]bool{}
	s, err := openRows(j.Dir, r, true)
	switch {
	case err == nil:
		for row, rec := range s.index.records {
			there[rec.key] = !s.index.bad[row]
		}
		s.close()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	counted := map[key]bool{}
	v := j.views()
	for _, item := range j.Set.Items {
		for view := range v.Count {
			k := key{item.SHA256, v.crop(view)}
			if counted[k] {
				continue
			}
			counted[k] = true
			p.Rows++
			if there[k] {
				p.Present++
			}
		}
	}
	p.Bytes = int64(p.Missing()) * r.RowBytes()
	return p, nil
}

// Check returns an error if the disk has no room.
func (p *Plan) Check(dir string) error {
	if p.Free < 0 || p.Bytes <= p.Free {
		return nil
	}
	return &loader.Error{File: dir, Want: fmt.Sprintf("%d bytes of free disk space", p.Bytes), Found: fmt.Sprintf("%d", p.Free),
		Do: "free some space, choose another disk, or store less: bfloat16, fewer sources or fewer views"}
}

// existing is the innermost folder of a path that exists.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}
