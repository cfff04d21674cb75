package spec

import (
	"context"
	"fmt"

	"cradio/radio/checkpoint"
	"cradio/radio/image"
)

// Picture is how pictures become the pixels that the head was trained on.
type Picture struct {
	Size   string `json:"size"`             // as radio.ParseSize reads it
	Orient bool   `json:"orient,omitempty"` // their EXIF orientation is applied
	Alpha  Alpha  `json:"alpha,omitempty"`
	// FastDecode reads whole pictures in JPEG no finer than their resize needs; see radio.Encoder.
	FastDecode bool       `json:"fast_decode,omitempty"`
	Processor  *Processor `json:"processor,omitempty"` // or nil for the model's own
}

// Alpha is what becomes of transparent pictures.
type Alpha string

// What becomes of them.
const (
	OnWhite   Alpha = "" // composited on white
	AlphaDrop Alpha = "drop"
)

// Processor is an image.Processor; in JSON it is a preprocessor_config.json.
type Processor struct{ *image.Processor }

// MarshalJSON implements json.Marshaler.
func (p Processor) MarshalJSON() ([]byte, error) { return p.Config() }

// UnmarshalJSON implements json.Unmarshaler.
func (p *Processor) UnmarshalJSON(text []byte) (err error) {
	p.Processor, err = image.ParseProcessor(text)
	return err
}

func (p *Picture) check() error {
	if p.Alpha != OnWhite && p.Alpha != AlphaDrop {
		return fmt.Errorf("picture.alpha is %.80q: must be %q, or left out for pictures on white", string(p.Alpha), string(AlphaDrop))
	}
	if p.Processor != nil && p.Processor.Processor == nil {
		return fmt.Errorf("picture.processor is empty: leave it out for the model's own")
	}
	return nil
}

// Backbone identifies the model whose features a head knows.
type Backbone struct {
	Name string `json:"name,omitempty"` // where it came from, for messages
	checkpoint.Fingerprint
}

func (b *Backbone) check() error {
	for field, sum := range map[string]string{"config": b.Config, "weights": b.Weights} {
		if len(sum) != 64 {
			return fmt.Errorf("backbone.%s is %.80q, want a SHA-256 of 64 digits", field, sum)
		}
	}
	return nil
}

// Model is the part of *radio.Model that identifies it.
type Model interface {
	Source() string
	Fingerprint(ctx context.Context) (checkpoint.Fingerprint, error)
}

// Trained records the model that the head is trained on: the widths of the sources are its own.
func (s *Spec) Trained(ctx context.Context, m Model) error {
	id, err := m.Fingerprint(ctx)
	if err != nil {
		return err
	}
	s.Backbone = &Backbone{Name: m.Source(), Fingerprint: id}
	return nil
}
