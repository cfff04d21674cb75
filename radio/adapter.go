package radio

import (
	"fmt"

	"cradio/radio/lora"
)

// mergeAdapter merges the adapter of a folder into the weights; none for an empty name.
func (m *Model) mergeAdapter(dir string) error {
	if dir == "" {
		return nil
	}
	a, err := lora.Load(dir)
	if err != nil {
		return err
	}
	if err := a.Merge(m.net.Linears()); err != nil {
		return fmt.Errorf("%s: %w", m.source, err)
	}
	m.adapter, err = a.Sum()
	return err
}
