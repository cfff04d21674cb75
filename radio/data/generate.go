package data

import (
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"image/png"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"cradio/loader"
)

// Kind is what generated pictures come with.
type Kind string

// The kinds.
const (
	Labels Kind = "labels" // DIR/train/circle/0.png, and val and test
	Masks  Kind = "masks"  // DIR/images/0.png and DIR/masks/0.png
	Depths Kind = "depth"  // DIR/images/0.png and DIR/depth/0.png, in millimetres
)

// GenerateOptions are the options of Generate. The zero value is valid.
type GenerateOptions struct {
	Kind     Kind // "" means Labels
	Classes  int  // of Shapes, the first; 0 means 4
	PerClass int  // pictures a class, in all parts; 0 means 30
	Size     int  // pixels of a side; 0 means 64
	Seed     uint64
}

// Shapes are the classes of generated pictures.
func Shapes() []string {
	names := make([]string, len(shapes))
	for i, s := range shapes {
		names[i] = s.name
	}
	return names
}

// Generate draws a small set of pictures into a new or empty folder, so that everything can be
// tried offline. Each picture shows a shape, of any size, at any place and angle, before a
// dark background of noise and stripes. Each class has a colour of its own, which varies, so
// that features of synthetic weights can tell classes apart too. Two thirds of the pictures
// are in train, and a sixth each in val and test.
//
// Masks have class 0 for the background, and then the shapes. The depth of the background
// grows from left to right, and the shape is in front of it.
//
// Equal options give equal pixels, on processors of one kind.
func Generate(ctx context.Context, dir string, opt GenerateOptions) error {
	if opt.Kind == "" {
		opt.Kind = Labels
	}
	if opt.Classes == 0 {
		opt.Classes = 4
	}
	if opt.PerClass == 0 {
		opt.PerClass = 30
	}
	if opt.Size == 0 {
		opt.Size = 64
	}
	if err := opt.check(); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: is not empty; choose another folder", dir)
	}
	for class := range opt.Classes {
		for i := range opt.PerClass {
			if err := ctx.Err(); err != nil {
				return err
			}
			s := draw(class, opt.Size, rand.New(rand.NewPCG(opt.Seed, uint64(class)<<32|uint64(i))))
			if err := s.write(dir, opt, class, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o GenerateOptions) check() error {
	switch {
	case o.Kind != Labels && o.Kind != Masks && o.Kind != Depths:
		return fmt.Errorf("the kind is %q: must be %s, %s or %s", o.Kind, Labels, Masks, Depths)
	case o.Classes < 1 || o.Classes > len(shapes):
		return fmt.Errorf("the number of classes is %d: must be 1 to %d", o.Classes, len(shapes))
	case o.PerClass < 1 || o.PerClass > 100_000:
		return fmt.Errorf("the pictures of a class are %d: must be 1 to 100000", o.PerClass)
	case o.Size < 16 || o.Size > 4096:
		return fmt.Errorf("the size is %d: must be 16 to 4096 pixels", o.Size)
	}
	return nil
}

// write writes a scene and what comes with it.
func (s *scene) write(dir string, opt GenerateOptions, class, i int) error {
	name := fmt.Sprintf("%s-%04d.png", shapes[class].name, i)
	if opt.Kind == Labels {
		part := Train
		switch i % 6 {
		case 4:
			part = Val
		case 5:
			part = Test
		}
		return writePNG(filepath.Join(dir, string(part), shapes[class].name, name), s.picture)
	}
	target := stdimage.Image(s.mask)
	if opt.Kind == Depths {
		target = s.depth
	}
	if err := writePNG(filepath.Join(dir, "images", name), s.picture); err != nil {
		return err
	}
	return writePNG(filepath.Join(dir, string(opt.Kind), name), target)
}

func writePNG(path string, img stdimage.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return loader.WriteFile(path, func(w io.Writer) error { return png.Encode(w, img) })
}
