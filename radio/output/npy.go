package output

import (
	"context"
	"fmt"
	"io"

	"cradio/loader/npy"
)

// onlyOne picks the array that an .npy file holds.
func onlyOne(about About) func(Part) bool {
	name := "summary"
	if about.Features {
		name = "features"
	}
	return func(p Part) bool { return p.Name == name }
}

func writeNPY(ctx context.Context, t *table) error {
	arrays := t.arrays()
	if len(arrays) != 1 {
		return fmt.Errorf("%s: an .npy file holds one array, and there are %d; choose .npz", t.path, len(arrays))
	}
	return t.file(func(w io.Writer) error {
		return npy.WriteFrom(w, arrays[0].Shape, arrays[0].data(ctx))
	})
}

func writeNPZ(ctx context.Context, t *table) error {
	return t.file(func(w io.Writer) error {
		z := npy.NewZip(w)
		if err := z.Strings("paths", t.names); err != nil {
			return err
		}
		if err := z.Int64("sizes", []int{len(t.names), 2}, t.sizes); err != nil {
			return err
		}
		if err := z.Strings("model", []string{t.about.Model}); err != nil {
			return err
		}
		if t.about.Synthetic {
			if err := z.Strings("note", []string{SyntheticNote}); err != nil {
				return err
			}
		}
		for _, a := range t.arrays() {
			if err := z.Float32From(a.Name, a.Shape, a.data(ctx)); err != nil {
				return err
			}
		}
		return z.Close()
	})
}
