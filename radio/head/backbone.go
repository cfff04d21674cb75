package head

import (
	"context"
	"fmt"

	"cradio/radio"
)

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
		{"configuration has", want.Config, found.Config}, {"weights have", want.Weights, found.Weights}, {"adapter has", want.Adapter, found.Adapter},
	} {
		if part.want != part.found {
			return fmt.Errorf("%s: trained on another model, %s: its %s SHA-256 %.12s…, that of %s %.12s…; open the model that it was trained on, or train a head for this one",
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
