package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// showing is one run of a command that draws features.
type showing struct {
	*showFlags
	cmd      *cobra.Command
	inputs   *inputs
	enc      *radio.Encoder
	failures []failure
	names    map[string]bool // names of files written to the folder
	kept     int             // bytes of features in memory
	drawn    int64           // pixels of the panels of a sheet
}

// seen is an image with its features.
type seen struct {
	name     string
	original *image.RGB
	img      *image.RGB // the model's input
	show.Tokens
	width   int       // numbers of a token
	summary []float32 // of the backbone or of the adaptor; nil for a block
}

// start checks the command line, finds the images and opens the model.
func (f *showFlags) start(cmd *cobra.Command, args []string) (*showing, error) {
	if err := f.check(cmd); err != nil {
		return nil, err
	}
	in, err := gather(cmd, args)
	if err != nil {
		return nil, err
	}
	s := &showing{showFlags: f, cmd: cmd, inputs: in, names: map[string]bool{}}
	for _, fail := range in.failures {
		s.skip(fail)
	}
	for _, name := range in.names {
		if f.out != "" && same(f.out, name) && !f.folder() {
			return nil, usage(cmd, "--out %s: is the image itself; choose another name", shown(f.out))
		}
	}
	m, err := f.model.open(cmd)
	if err != nil {
		return nil, err
	}
	if s.enc, err = f.encoder(m, f.size, &f.layer); err != nil {
		m.Close()
		return nil, err
	}
	return s, nil
}

// encoder returns an encoder for the features of a layer at a size.
func (f *showFlags) encoder(m *radio.Model, size sizeFlag, layer *layerFlags) (*radio.Encoder, error) {
	c := m.Config()
	if err := size.check(c); err != nil {
		return nil, err
	}
	if !size.given {
		size.Size = radio.PixelCount(c.PreferredResolution[0] * c.PreferredResolution[1])
	}
	enc := radio.NewEncoder(m)
	enc.Decode = image.DecodeOptions{Orient: f.orient, MaxPixels: f.pixels}
	processor := *m.Processor()
	enc.Processor = &processor
	size.apply(enc)
	f.alpha.apply(enc.Processor)
	enc.Request = layer.request()
	h, w, err := size.of(m)
	if err == nil { // report missing outputs before any image is read
		_, err = m.Plan(1, h, w, enc.Request)
	}
	return enc, err
}

func (s *showing) close() { s.enc.Model.Close() }

// same reports whether two paths are the same file.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func (s *showing) skip(f failure) {
	fmt.Fprintf(s.cmd.ErrOrStderr(), "cradio: skipped: %s\n", f.Error)
	s.failures = append(s.failures, f)
}

// each calls use for every image, in order. An image that fails is reported and skipped. If
// it is the only image, it ends the run.
func (s *showing) each(use func(name string, img *image.RGB) error) error {
	for _, name := range s.inputs.names {
		if err := s.cmd.Context().Err(); err != nil {
			return err
		}
		img, err := input(s.cmd, s.enc, name).Load()
		if err == nil {
			err = use(name, img)
			if whole := (*ending)(nil); errors.As(err, &whole) {
				return whole.error
			}
		}
		if err == nil {
			continue
		}
		if s.cmd.Context().Err() != nil || s.inputs.count() == 1 {
			return err
		}
		if changed := s.enc.Model.Unchanged(); changed != nil {
			return changed
		}
		s.skip(newFailure(name, err))
	}
	if len(s.inputs.names) == 0 || len(s.failures) == s.inputs.count() {
		return s.done()
	}
	return nil
}

// done returns an error if some images failed.
func (s *showing) done() error {
	if len(s.failures) == 0 {
		return nil
	}
	reason := fmt.Sprintf("%d of %s failed", len(s.failures), count(s.inputs.count(), "image"))
	if len(s.failures) == s.inputs.count() {
		reason += ": nothing was written"
	}
	return failed{reason}
}

// ending is an error that ends the run, not of one image only.
type ending struct{ error }

func (e *ending) Unwrap() error { return e.error }

// encode runs the model on an image.
func (s *showing) encode(name string, img *image.RGB) (*seen, error) {
	return encodeWith(s.cmd, s.enc, s.layer, name, img)
}

func encodeWith(cmd *cobra.Command, enc *radio.Encoder, layer layerFlags, name string, img *image.RGB) (*seen, error) {
	small, err := enc.Resize(img)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	e, err := enc.Encode(cmd.Context(), img)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := e.Items[0]
	parts := output.Parts(r, output.About{Features: true})
	if err := finite(name, parts, output.Float32); err != nil {
		return nil, err
	}
	out := &seen{name: name, original: &image.RGB{H: img.H, W: img.W}, img: small}
	out.Rows, out.Cols = r.Rows, r.Cols
	for _, p := range parts {
		switch {
		case p.Name == "summary" && layer == layerFlags{}, p.Name == "adaptor."+layer.adaptor+".summary":
			out.summary = p.Data
		case p.Name == "features" && layer.adaptor == "", p.Name == "adaptor."+layer.adaptor+".features",
			layer.block != "" && strings.HasPrefix(p.Name, "intermediate.") && strings.HasSuffix(p.Name, ".features"):
			out.Features, out.width = p.Data, p.Shape[1]
			finer := 1 // an adaptor's grid may be finer
			for finer*finer*r.Rows*r.Cols < p.Shape[0] {
				finer++
			}
			out.Rows, out.Cols = finer*r.Rows, finer*r.Cols
		}
	}
	return out, nil
}

// mostKept is the limit of the features that are kept in memory, bytes.
const mostKept = 4 << 30

// keep counts the features that are kept in memory.
func (s *showing) keep(im *seen) error {
	if s.kept += 4 * len(im.Features); s.kept > mostKept {
		return &ending{fmt.Errorf("the features of %s need more than %d GiB; give fewer images, or a smaller --size", count(s.inputs.count(), "image"), mostKept>>30)}
	}
	return nil
}

// all encodes every image.
func (s *showing) all() ([]*seen, error) {
	var list []*seen
	err := s.each(func(name string, img *image.RGB) error {
		im, err := s.encode(name, img)
		if err == nil {
			err = s.keep(im)
		}
		if err == nil {
			list = append(list, im)
		}
		return err
	})
	return list, err
}
