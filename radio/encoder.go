package radio

import (
	"context"
	"errors"
	"fmt"

	"cradio/radio/image"
)

// Encoder turns images of any size into features: it decodes, resizes as the
// model's preprocessor says, batches images of one size, and runs the model. Several
// goroutines may use one while nobody changes its fields; see Batcher for images that
// come from many goroutines.
type Encoder struct {
	Model     *Model
	Request   Request
	Processor *image.Processor // how an image becomes pixels; a copy of the model's unless changed
	Size      Size             // to what size images are brought; Card unless changed
	// Exact resizes as Python does, in two steps: CLIPImageProcessor, and then bilinear
	// interpolation to the nearest supported size. Otherwise there is one step.
	Exact  bool
	Decode image.DecodeOptions // of files
	// FastDecode reads a JPEG no finer than its resize needs, at a half, a quarter or an eighth
	// of its size, as Pillow's draft mode does: faster, and slightly different pixels.
	FastDecode bool
	BatchSize  int // images at a time
	// Borrow says that Stream's yield does not keep the tensors of a Result after it returns. Then
	// they are not copied, and the next forward pass overwrites them.
	Borrow bool
}

// NewEncoder is an Encoder with a copy of the model's own preprocessing, one image at
// a time.
func NewEncoder(m *Model) *Encoder {
	return &Encoder{Model: m, Processor: m.Processor(), BatchSize: 1}
}

// Encoding is the result of a set of images, in the order in which they were given.
type Encoding struct {
	// Output joins the images along a batch axis. Summary (B, C) is always there. Outputs that
	// depend on the size are there if all images have one size, and otherwise only in Items.
	Output
	Items []Result
}

// Encode encodes decoded images. Images of one size are batched together.
func (e *Encoder) Encode(ctx context.Context, images ...*image.RGB) (*Encoding, error) {
	inputs := make([]Input, len(images))
	for i, img := range images {
		inputs[i] = decoded(fmt.Sprintf("image %d", i), img)
	}
	return e.encodeAll(ctx, inputs)
}

// EncodeFiles encodes image files. It fails on the first file that cannot be read. Stream goes on.
func (e *Encoder) EncodeFiles(ctx context.Context, paths ...string) (*Encoding, error) {
	inputs := make([]Input, len(paths))
	for i, p := range paths {
		inputs[i] = e.File(p)
	}
	return e.encodeAll(ctx, inputs)
}

func (e *Encoder) encodeAll(ctx context.Context, inputs []Input) (*Encoding, error) {
	if len(inputs) == 0 {
		return nil, errors.New("no pictures to encode")
	}
	all := &Encoding{}
	keeping := *e
	keeping.Borrow = false
	err := keeping.Stream(ctx, inputs, func(r Result) error {
		all.Items = append(all.Items, r)
		return r.Err
	})
	if err != nil {
		return nil, err
	}
	all.Output = join(all.Items)
	return all, nil
}
