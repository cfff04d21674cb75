package output

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/loader/npy"
	"cradio/loader/strictjson"
)

// Vectors are the numbers of a file that a Writer wrote, in float32: a row for each image.
type Vectors struct {
	Path      string
	Paths     []string // of the images
	Model     string   // empty if the file does not say
	Synthetic bool
	Arrays    map[string]Matrix // "summary", "features", "adaptor.NAME.summary", …
}

// Matrix is an array whose first axis is that of images.
type Matrix struct {
	Shape []int
	Data  []float32
}

// The limits of a sidecar.
const maxSidecar = 1 << 30

// ReadVectors reads an .npz file, or an .npy file and its sidecar. Arrays of the .npz file that wanted
// refuses are not read; nil wants all. Rows of images that failed hold NaN.
func ReadVectors(path string, wanted func(name string) bool) (v *Vectors, err error) {
	if wanted == nil {
		wanted = func(string) bool { return true }
	}
	v = &Vectors{Path: path, Arrays: map[string]Matrix{}}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npz":
		err = v.readNPZ(path, wanted)
	case ".npy":
		err = v.readNPY(path)
	default:
		err = errors.New("want an .npz or .npy file, as cradio embed --out writes it")
	}
	if err == nil {
		err = v.check()
	}
	if err != nil && !strings.Contains(err.Error(), path) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// check compares the number of rows with that of images.
func (v *Vectors) check() error {
	for name, m := range v.Arrays {
		if len(m.Shape) < 2 || m.Shape[0] != len(v.Paths) {
			return fmt.Errorf("%s: has shape %v, and there are %d paths: want a row for each", name, m.Shape, len(v.Paths))
		}
	}
	if len(v.Paths) == 0 {
		return errors.New("has no images")
	}
	return nil
}

func (v *Vectors) readNPZ(path string, wanted func(name string) bool) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		var texts []string
		switch {
		case name == "paths" || name == "model" || name == "synthetic":
			err = member(f, func(r io.Reader) error { texts, err = npy.ReadStrings(r); return err })
		case isRows(name) && wanted(name):
			var m Matrix
			err = member(f, func(r io.Reader) error { m.Shape, m.Data, err = npy.Read(r); return err })
			v.Arrays[name] = m
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		switch {
		case name == "paths":
			v.Paths = texts
		case name == "model" && len(texts) == 1:
			v.Model = texts[0]
		case name == "synthetic" && len(texts) == 1:
			v.Synthetic = texts[0] == "true"
		}
	}
	if v.Paths == nil {
		return errors.New("has no array paths: want a file that cradio embed --out wrote")
	}
	return nil
}

// isRows reports whether an array of this name has a row for each image.
func isRows(name string) bool {
	return slices.Contains([]string{"summary", "features"}, name) ||
		(strings.HasPrefix(name, "adaptor.") || strings.HasPrefix(name, "intermediate.")) && (strings.HasSuffix(name, ".summary") || strings.HasSuffix(name, ".features"))
}

// member reads a file of an archive.
func member(f *zip.File, read func(io.Reader) error) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	return errors.Join(read(r), r.Close())
}

func (v *Vectors) readNPY(path string) error {
	var side struct {
		Array, Model string
		Synthetic    any
		Paths        []string
		PathsBase64  [][]byte `json:"paths_base64"`
	}
	sidecar := path + SidecarExtension
	text, err := loader.ReadBounded(sidecar, maxSidecar)
	if errors.Is(err, fs.ErrNotExist) {
		return &loader.Error{File: sidecar, Want: "the file that says of which image each row is", Found: "no such file", Err: err, Do: "keep it beside " + filepath.Base(path) + ", as cradio embed wrote it"}
	}
	if err != nil {
		return err
	}
	if err := strictjson.Check(text, strictjson.Limits{Bytes: maxSidecar}); err != nil {
		return fmt.Errorf("%s: %w", sidecar, err)
	}
	if err := json.Unmarshal(text, &side); err != nil {
		return fmt.Errorf("%s: %w", sidecar, err)
	}
	v.Paths, v.Model, v.Synthetic = side.Paths, side.Model, fmt.Sprint(side.Synthetic) == "true"
	if len(side.PathsBase64) == len(v.Paths) {
		for i, raw := range side.PathsBase64 {
			v.Paths[i] = string(raw)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var m Matrix
	if m.Shape, m.Data, err = npy.Read(f); err != nil {
		return err
	}
	v.Arrays[side.Array] = m
	return nil
}
