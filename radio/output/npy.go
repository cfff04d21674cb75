package output

import (
	"context"
	"fmt"
	"io"

	"cradio/loader"
	"cradio/loader/npy"
)

// onlyOne selects the array that an .npy file holds.
func onlyOne(about About) func(Part) bool {
	name := "summary"
	if about.Features {
		name = "features"
	}
	return func(p Part) bool { return p.Name == name }
}

// SidecarExtension is added to the path of an .npy file. That JSON file describes the rows.
const SidecarExtension = ".json"

func writeNPY(ctx context.Context, t *table) error {
	arrays := t.arrays()
	if len(arrays) != 1 {
		return fmt.Errorf("%s: an .npy file holds one array, found %d; choose .npz", t.path, len(arrays))
	}
	array := arrays[0]
	return loader.WriteFiles(
		loader.FileToWrite{Path: t.path, Write: func(w io.Writer) error {
			return npy.WriteFrom(w, floats(t.about.DType), array.Shape, array.data(ctx))
		}},
		loader.FileToWrite{Path: t.path + SidecarExtension, Write: func(w io.Writer) error {
			return t.writeSidecar(w, array.Array)
		}},
	)
}

// floats returns NumPy's name of a type.
func floats(d DType) npy.Float {
	switch d {
	case Float16:
		return npy.Float16
	case Float64:
		return npy.Float64
	}
	return npy.Float32
}

func writeNPZ(ctx context.Context, t *table) error {
	return t.file(func(w io.Writer) error {
		z := npy.NewZip(w)
		if err := z.Strings("paths", t.names); err != nil {
			return err
		}
		for _, s := range t.shapes.arrays() {
			if err := z.Int64(s.name, []int{len(t.names), 2}, s.values); err != nil {
				return err
			}
		}
		for _, f := range t.facts {
			if err := z.Strings(f.name, []string{f.text}); err != nil {
				return err
			}
		}
		for _, a := range t.arrays() {
			if err := z.From(a.Name, floats(t.about.DType), a.Shape, a.data(ctx)); err != nil {
				return err
			}
		}
		return z.Close()
	})
}
