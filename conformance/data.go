package conformance

import (
	"fmt"
	"slices"
	"strings"

	"cradio/loader"

	"gorgonia.org/tensor"
)

// data reads the tensors of a bundle.
type data struct {
	*loader.File
	bundle    *Bundle // named in the report
	reference *Bundle // the bundle of the file and of the baselines
	path      string  // path of the checkpoint, or ""
}

// names returns the names of the tensors with a prefix, without it, in the file's order.
func (d *data) names(prefix string) []string {
	var names []string
	for _, n := range d.Names() {
		if name, ok := strings.CutPrefix(n, prefix); ok {
			names = append(names, name)
		}
	}
	return names
}

// truth returns a reference tensor.
func (d *data) truth(name string) (values []float32, shape []int, err error) {
	return d.float32s(truthPrefix + name)
}

// float32s returns a tensor and its shape.
func (d *data) float32s(name string) (values []float32, shape []int, err error) {
	info, _ := d.Lookup(name) // if it is missing, Float32 returns the error
	values, err = d.Float32(name, info.Shape...)
	return values, info.Shape, err
}

// pixels returns the model's input, (B, 3, H, W) in [0, 1].
func (d *data) pixels() (*tensor.Dense, error) {
	const name = "pixels"
	info, _ := d.Lookup(name)
	s := info.Shape
	raw, err := d.Uint8(name, s...)
	if err != nil {
		return nil, err
	}
	switch {
	case len(s) == 4 && s[1] == 3 && s[0] > 0:
	case len(s) == 3 && s[2] == 3: // one image, (H, W, 3)
		raw = toPlanes(raw)
		s = []int{1, 3, s[0], s[1]}
	default:
		return nil, fmt.Errorf("pixels are %v, want (B, 3, H, W) or (H, W, 3)", s)
	}
	values := make([]float32, len(raw))
	for i, v := range raw {
		values[i] = float32(v) / 255
	}
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(values)), nil
}

// toPlanes converts (H, W, 3) to (3, H, W).
func toPlanes(interleaved []uint8) []uint8 {
	n := len(interleaved) / 3
	out := make([]uint8, len(interleaved))
	for i, v := range interleaved {
		out[i%3*n+i/3] = v
	}
	return out
}

// Names of tensors that list the rows that a bundle keeps: of features, of all tokens in other
// tensors of a forward pass, and of the gradient of one parameter.
const (
	featureRows = "feature_rows"
	tokenRows   = "token_rows"
	rowsPrefix  = "rows/"
)

// kept returns the name of the list of rows that a bundle keeps of a tensor of shape s, and their axis.
func (d *data) kept(name string, s []int) (list string, axis int) {
	if _, ok := d.Lookup(rowsPrefix + name); ok {
		if len(s) > 1 && s[0] == 1 {
			axis = 1 // position embeddings
		}
		return rowsPrefix + name, axis
	}
	if strings.HasSuffix(name, "features") {
		return featureRows, 1
	}
	return tokenRows, 1
}

// pick returns the values of ours that the bundle keeps: all, or only some rows.
func (d *data) pick(name string, ours *tensor.Dense, shape []int) ([]float64, error) {
	values, err := float64s(ours)
	if err != nil {
		return nil, err
	}
	s := []int(ours.Shape())
	if slices.Equal(s, shape) {
		return values, nil
	}
	list, axis := d.kept(name, s)
	info, ok := d.Lookup(list)
	if !ok || len(info.Shape) != 1 || len(s) != len(shape) || len(s) <= axis || axis == 1 && len(s) != 3 {
		return nil, fmt.Errorf("has shape %v, want %v as in the reference", s, shape)
	}
	if want := slices.Concat(s[:axis], info.Shape, s[axis+1:]); !slices.Equal(want, shape) {
		return nil, fmt.Errorf("has shape %v, and %v in the rows of %s; want %v as in the reference", s, want, list, shape)
	}
	rows, err := d.Int64(list, info.Shape...)
	if err != nil {
		return nil, err
	}
	outer, inner := product(s[:axis]), product(s[axis+1:])
	picked := make([]float64, 0, product(shape))
	for b := range outer {
		for _, row := range rows {
			if row < 0 || row >= int64(s[axis]) {
				return nil, fmt.Errorf("%s has row %d, but the tensor has only %d rows", list, row, s[axis])
			}
			at := (b*s[axis] + int(row)) * inner
			picked = append(picked, values[at:at+inner]...)
		}
	}
	return picked, nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
