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

// Picture compares a decoded or processed picture with Python's, in levels of 0
// to 255.
type Picture struct {
	Bundle, Name string
	Max          int
	Mean         float64
	Lossy        bool // the file's format is, and so two decoders may differ
}

// What two decoders of one lossy file may differ by.
const (
	maxLevels  = 3
	meanLevels = 0.1
)

func (p *Picture) missed() string {
	switch {
	case p.Lossy && (p.Max > maxLevels || p.Mean > meanLevels):
		return fmt.Sprintf("differs from Pillow by at most %d levels and %.3g on average; at most %d and %g are asked", p.Max, p.Mean, maxLevels, meanLevels)
	case !p.Lossy && p.Max > 0:
		return fmt.Sprintf("differs from Pillow by at most %d levels and %.3g on average; none is asked", p.Max, p.Mean)
	}
	return ""
}

// runPictures decodes, and where the bundle has settings processes, every
// picture of a bundle. The files lie beside it.
func (r *run) runPictures(b *Bundle) error {
	f, err := loader.OpenFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range f.Names() {
		file, setting := name, ""
		if b.facts.Settings != nil {
			at := strings.LastIndexByte(name, '/')
			if at < 0 {
				r.fail(b, name, fmt.Errorf("wants a name of file/setting"))
				continue
			}
			file, setting = name[:at], name[at+1:]
		}
		p, err := b.picture(f, name, file, setting)
		if err != nil {
			r.fail(b, name, err)
			continue
		}
		r.report.Pictures = append(r.report.Pictures, p)
	}
	return nil
}

func (b *Bundle) picture(f *loader.File, name, file, setting string) (Picture, error) {
	p := Picture{Bundle: b.Name, Name: name}
	if !filepath.IsLocal(file) {
		return p, fmt.Errorf("wants the name of a file beside the bundle")
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

// planes is a picture as (3, H, W).
func planes(img *image.RGB) []uint8 {
	n := img.H * img.W
	out := make([]uint8, 3*n)
	for i, v := range img.Pix {
		out[i%3*n+i/3] = v
	}
	return out
}

func (p *Picture) compare(got, want []uint8, wantShape, gotShape []int) error {
	if !slices.Equal(gotShape, wantShape) {
		return fmt.Errorf("is %v, Python's %v", gotShape, wantShape)
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

// lossy says whether a file is JPEG, or WebP with a VP8 chunk first, which is
// its lossy kind.
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
