package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/image"
)

// Image is the comparison of a decoded or preprocessed image with Python's, in levels of 0 to 255.
type Image struct {
	Bundle, Name string
	Max          int
	Mean         float64
	Lossy        bool // the format of the file is lossy, so decoders may differ
}

// Limits of the difference between two decoders of a lossy file.
const (
	maxLevels  = 3
	meanLevels = 0.1
)

func (p *Image) missed() string {
	switch {
	case p.Lossy && (p.Max > maxLevels || p.Mean > meanLevels):
		return fmt.Sprintf("differs from Pillow by up to %d levels, %.3g on average; the limits are %d and %g", p.Max, p.Mean, maxLevels, meanLevels)
	case !p.Lossy && p.Max > 0:
		return fmt.Sprintf("differs from Pillow by up to %d levels, %.3g on average; want no difference", p.Max, p.Mean)
	}
	return ""
}

// runImages decodes all images of a bundle. If the bundle has settings, it also preprocesses them. The
// files are in the folder of the bundle.
func (r *run) runImages(b *Bundle) error {
	f, err := openTensors(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range f.Names() {
		file, setting := name, ""
		if b.facts.Settings != nil {
			at := strings.LastIndexByte(name, '/')
			if at < 0 {
				r.fail(b, name, fmt.Errorf("want a name FILE/SETTING"))
				continue
			}
			file, setting = name[:at], name[at+1:]
		}
		p, err := b.image(f, name, file, setting)
		if err != nil {
			r.fail(b, name, err)
			continue
		}
		r.report.Images = append(r.report.Images, p)
	}
	return nil
}

func (b *Bundle) image(f *loader.File, name, file, setting string) (Image, error) {
	p := Image{Bundle: b.Name, Name: name}
	if !filepath.IsLocal(file) {
		return p, fmt.Errorf("want the name of a file in the folder of the bundle")
	}
	path := filepath.Join(filepath.Dir(b.path), file)
	img, err := image.DecodeFile(path, image.DecodeOptions{})
	if err != nil {
		return p, err
	}
	if p.Lossy, err = lossy(path); err != nil {
		return p, err
	}
	info, _ := f.Lookup(name)
	want, err := f.Uint8(name, info.Shape...)
	if err != nil {
		return p, err
	}
	if setting == "" {
		return p, p.compare(img.Pix, want, info.Shape, []int{img.H, img.W, 3})
	}
	if img, err = process(img, b.facts.Settings[setting]); err != nil {
		return p, err
	}
	return p, p.compare(planes(img), want, info.Shape, []int{3, img.H, img.W})
}

func process(img *image.RGB, setting json.RawMessage) (*image.RGB, error) {
	if setting == nil {
		return nil, fmt.Errorf("the metadata has no such setting")
	}
	p, err := image.ParseProcessor(setting)
	if err != nil {
		return nil, err
	}
	return p.Process(img)
}

// planes converts an image to (3, H, W).
func planes(img *image.RGB) []uint8 {
	n := img.H * img.W
	out := make([]uint8, 3*n)
	for i, v := range img.Pix {
		out[i%3*n+i/3] = v
	}
	return out
}

func (p *Image) compare(got, want []uint8, wantShape, gotShape []int) error {
	if !slices.Equal(gotShape, wantShape) {
		return fmt.Errorf("has shape %v, want %v as in Python", gotShape, wantShape)
	}
	var sum int
	for i, v := range want {
		d := int(math.Abs(float64(got[i]) - float64(v)))
		p.Max = max(p.Max, d)
		sum += d
	}
	p.Mean = float64(sum) / float64(max(len(want), 1))
	return nil
}

// lossy reports whether a file is JPEG or lossy WebP. Lossless WebP starts with a VP8L chunk.
func lossy(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 16)
	if _, err := f.Read(head); err != nil {
		return false, err
	}
	jpeg := strings.HasPrefix(string(head), "\xff\xd8")
	webp := string(head[8:12]) == "WEBP" && string(head[12:]) != "VP8L"
	return jpeg || webp, nil
}
