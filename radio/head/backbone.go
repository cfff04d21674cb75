package head

import (
	"context"
	"fmt"

	"cradio/radio"
	"cradio/radio/image"
)

// Picture is how pictures become the pixels that the head was trained on.
type Picture struct {
	Size      string     `json:"size"`                // as radio.ParseSize reads it
	Processor *Processor `json:"processor,omitempty"` // or nil for the model's own
}

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
	if _, err := radio.ParseSize(p.Size); err != nil {
		return fmt.Errorf("picture.%w", err)
	}
	if p.Processor != nil && p.Processor.Processor == nil {
		return fmt.Errorf("picture.processor is empty: leave it out for the model's own")
	}
	return nil
}

// Backbone identifies the model whose features a head knows.
type Backbone struct {
	Name string `json:"name,omitempty"` // where it came from, for messages
	radio.Fingerprint
}

func (b *Backbone) check() error {
	for field, sum := range map[string]string{"config": b.Config, "weights": b.Weights} {
		if len(sum) != 64 {
			return fmt.Errorf("backbone.%s is %.80q, want a SHA-256 of 64 digits", field, sum)
		}
	}
	return nil
}

// Trained records the model that the head is trained on: the widths of the sources are its own.
func (s *Spec) Trained(ctx context.Context, m *radio.Model) error {
	id, err := m.Fingerprint(ctx)
	if err != nil {
		return err
	}
	s.Backbone = &Backbone{Name: m.Source(), Fingerprint: id}
	return nil
}

// CheckModel refuses another model than the one that the head was trained on. It reads the whole
// checkpoint, as Model.Fingerprint does. A head that names none fits any model of its sizes.
func (h *Head) CheckModel(ctx context.Context, m *radio.Model) error {
	c := m.Config()
	if err := h.CheckConfig(&c); err != nil {
		return err
	}
	want := h.spec.Backbone
	if want == nil {
		return nil
	}
	found, err := m.Fingerprint(ctx)
	if err != nil {
		return err
	}
	for _, part := range []struct{ name, want, found string }{
		{"configuration", want.Config, found.Config}, {"weights", want.Weights, found.Weights}, {"adapter", want.Adapter, found.Adapter},
	} {
		if part.want != part.found {
			return fmt.Errorf("%s: trained on another model, %s: its %s has SHA-256 %.12s…, that of %s %.12s…; open the model that it was trained on, or train a head for this one",
				h, want.Name, part.name, none(part.want), m.Source(), none(part.found))
		}
	}
	return nil
}

// none is the text for a sum of nothing.
func none(sum string) string {
	if sum == "" {
		return "(none)"
	}
	return sum
}

// CheckConfig refuses a backbone of other sizes.
func (h *Head) CheckConfig(c *radio.Config) error {
	for i, source := range h.spec.Input {
		width, err := source.Width(c)
		if err != nil {
			return fmt.Errorf("%s: %w", h, err)
		}
		if width != h.spec.Widths[i] {
			return fmt.Errorf("%s: reads %s of width %d, that of this model has %d; open the model that it was trained on", h, source, h.spec.Widths[i], width)
		}
	}
	return nil
}

// Widths returns the width of each source in a model, for Spec.Widths.
func Widths(c *radio.Config, input []radio.Source) ([]int, error) {
	widths := make([]int, len(input))
	for i, source := range input {
		var err error
		if widths[i], err = source.Width(c); err != nil {
			return nil, err
		}
	}
	return widths, nil
}
