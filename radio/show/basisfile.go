package show

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cradio/loader"
)

// Origin identifies the features of a Basis.
type Origin struct {
	Model    string // the name that the user gave; only for messages
	Identity string // identity of the model; see radio.Model.Identity
	Layer    string // "features", "block 5", "adaptor clip"
}

// basisFormat is "format" in the metadata of a file.
const basisFormat = "cradio basis v1"

// WriteBasis writes a basis to a safetensors file. The tensors are mean (D), axes (K, D), and
// shares, low and high (K). The metadata holds format, model, identity and layer. With a
// foreground, there are also front.mean and front.axis (D), front.threshold (1) and, in the
// metadata, front.side, "high" or "low".
func WriteBasis(path string, b *Basis, of Origin) error {
	d, k := len(b.Mean), len(b.Shares)
	tensor := func(name string, values []float32, shape ...int) loader.Tensor {
		return loader.Tensor{Name: name, DType: loader.F32, Shape: shape, Data: loader.Float32Data(values)}
	}
	list := []loader.Tensor{
		tensor("mean", b.Mean, d), tensor("axes", b.Axes, k, d),
		tensor("shares", b.Shares, k), tensor("low", b.Low, k), tensor("high", b.High, k),
	}
	about := map[string]string{
		"format": basisFormat, "model": strings.ToValidUTF8(of.Model, "\ufffd"), "identity": of.Identity, "layer": of.Layer,
	}
	if f := b.Front; f != nil {
		list = append(list, tensor("front.mean", f.Mean, d), tensor("front.axis", f.Axis, d), tensor("front.threshold", []float32{f.Threshold}, 1))
		about["front.side"] = string(f.side())
	}
	return loader.Write(path, list, about)
}

func (f *Front) side() Side {
	if f.Above {
		return High
	}
	return Low
}

// ReadBasis reads a file that WriteBasis wrote. For any other file, or invalid values, it
// returns a *loader.Error. The caller compares the Origin; see Suits.
func ReadBasis(path string) (*Basis, Origin, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return nil, Origin{}, err
	}
	defer f.Close()
	return readBasis(f, path)
}

// basisSource is the part of a safetensors file that readBasis uses.
type basisSource interface {
	Lookup(name string) (loader.Info, bool)
	Float32(name string, shape ...int) ([]float32, error)
	Metadata() map[string]string
}

func readBasis(f basisSource, path string) (*Basis, Origin, error) {
	const do = "make it with cradio pca --save-basis"
	about := f.Metadata()
	of := Origin{about["model"], about["identity"], about["layer"]}
	wrong := func(item, want, found string) error {
		return &loader.Error{File: path, Item: item, Want: want, Found: found, Do: do}
	}
	if about["format"] != basisFormat {
		found := "a safetensors file that is not a basis"
		if about["format"] != "" {
			found = fmt.Sprintf("%q", about["format"])
		}
		return nil, of, wrong("", fmt.Sprintf("a basis (%q)", basisFormat), found)
	}
	info, ok := f.Lookup("axes")
	if !ok || len(info.Shape) != 2 || info.Shape[0] < 1 || info.Shape[0] > maxAxes || info.Shape[1] < info.Shape[0] {
		return nil, of, wrong(`tensor "axes"`, "shape (K, D), K from 1 to 3 and D at least K", fmt.Sprint(info.Shape))
	}
	k, d := info.Shape[0], info.Shape[1]
	var failed error
	get := func(name string, shape ...int) []float32 {
		values, err := f.Float32(name, shape...)
		if failed = cmp.Or(failed, err); failed != nil {
			return nil
		}
		if at := slices.IndexFunc(values, func(v float32) bool { return v-v != 0 }); at >= 0 {
			failed = wrong(fmt.Sprintf("tensor %q", name), "finite numbers", fmt.Sprintf("%v at %d", values[at], at))
		}
		return slices.Clone(values) // a copy, since Close unmaps the memory
	}
	b := &Basis{
		Mean: get("mean", d), Axes: get("axes", k, d),
		Shares: get("shares", k), Low: get("low", k), High: get("high", k),
	}
	switch side := about["front.side"]; side {
	case "":
	case string(High), string(Low):
		b.Front = &Front{Mean: get("front.mean", d), Axis: get("front.axis", d), Above: side == string(High)}
		if t := get("front.threshold", 1); failed == nil {
			b.Front.Threshold = t[0]
		}
	default:
		return nil, of, wrong("front.side in the metadata", `"high" or "low"`, fmt.Sprintf("%q", side))
	}
	if failed != nil {
		return nil, of, failed
	}
	return b, of, nil
}

// Suits returns an error if features are of another model or another layer than the basis.
func (of Origin) Suits(path string, features Origin) error {
	const do = "make a basis of these features with --save-basis"
	short := func(id string) string { return id[:min(len(id), 12)] }
	if of.Identity != features.Identity {
		return &loader.Error{
			File: path, Want: fmt.Sprintf("a basis of %s (identity %s…)", features.Model, short(features.Identity)),
			Found: fmt.Sprintf("one of another model, %q (identity %s…)", of.Model, short(of.Identity)), Do: do,
		}
	}
	if of.Layer != features.Layer {
		return &loader.Error{File: path, Want: "a basis of " + features.Layer, Found: fmt.Sprintf("one of another layer, %q", of.Layer), Do: do}
	}
	return nil
}
