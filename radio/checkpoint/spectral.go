package checkpoint

import (
	"fmt"
	"math"
	"strings"

	"cradio/loader"
)

// spectral is a weight under RADIO's spectral reparametrisation (enable_spectral_reparam.py):
// training stored a matrix and, separately, its learned spectral norm,
//
//	weight = original · s / (uᵀ·original·v + eps)
//
// with s = scale in version 1, softplus(scale) + 0.05 in version 2, and u and v the
// singular vectors as the last step of training left them. Queries, keys and values
// each have a norm of their own.
type spectral struct {
	original string
	norms    []norm // of as many equal groups of rows
	eps      float64
}

// norm is the tensors of one group of rows; without a scale it stays as it is.
type norm struct {
	scale, u, v string
	version     string // empty in files of version 1
}

// spectralOf finds the reparametrised form of a tensor "….weight"; nil where there is none.
func spectralOf(src loader.Source, name string, eps float64) recipe {
	stem, ok := strings.CutSuffix(name, ".weight")
	if !ok {
		return nil
	}
	at := stem + ".parametrizations.weight."
	if _, ok := src.Lookup(at + "original"); !ok {
		return nil
	}
	s := spectral{original: at + "original", eps: eps}
	for _, parts := range []int{3, 2} { // queries, keys and values; the halves of a SwiGLU
		for i := range parts {
			s.norms = append(s.norms, normAt(src, fmt.Sprintf("%s0.parts.%d.", at, i)))
		}
		if last := s.norms[parts-2]; last.scale != "" {
			return s
		}
		s.norms = nil
	}
	s.norms = []norm{normAt(src, at+"0.")}
	return s
}

func normAt(src loader.Source, at string) (n norm) {
	has := func(name string) string {
		if _, ok := src.Lookup(at + name); ok {
			return at + name
		}
		return ""
	}
	if n.scale = has("scale"); n.scale != "" {
		n.u, n.v, n.version = at+"_u", at+"_v", has("_sn_version")
	}
	return n
}

func (s spectral) uses() []string {
	names := []string{s.original}
	for _, n := range s.norms {
		if n.scale != "" {
			names = append(names, n.scale, n.u, n.v)
		}
		if n.version != "" {
			names = append(names, n.version)
		}
	}
	return names
}

func (s spectral) check(src loader.Source, shape []int) error {
	if err := src.Check(s.original, shape...); err != nil {
		return err
	}
	if len(shape) != 2 || shape[0]%len(s.norms) != 0 {
		return fmt.Errorf("%s: tensor %q: is reparametrised in %d groups of rows, want a matrix that can be split into them, found %v", src, s.original, len(s.norms), shape)
	}
	if len(s.norms) == 1 && s.norms[0].scale == "" {
		return fmt.Errorf("%s: tensor %q: is reparametrised in an unknown way, without a scale; export the checkpoint without parametrisations", src, s.original)
	}
	for _, n := range s.norms {
		if n.scale == "" {
			continue
		}
		if err := src.Check(n.u, shape[0]/len(s.norms)); err != nil {
			return err
		}
		if err := src.Check(n.v, shape[1]); err != nil {
			return err
		}
		if _, err := n.factor(src); err != nil {
			return err
		}
	}
	return nil
}

func (s spectral) read(src loader.Source, dst []float32, shape []int) ([]float32, error) {
	original, err := src.Float32(s.original, shape...)
	if err != nil {
		return nil, err
	}
	defer src.Release(s.original)
	out := room(dst, len(original))
	rows, cols := shape[0]/len(s.norms), shape[1]
	for i, n := range s.norms {
		from, to := original[i*rows*cols:][:rows*cols], out[i*rows*cols:]
		if n.scale == "" {
			copy(to, from)
			continue
		}
		factor, err := n.factor(src)
		if err != nil {
			return nil, err
		}
		u, err := src.Float32(n.u, rows)
		if err != nil {
			return nil, err
		}
		v, err := src.Float32(n.v, cols)
		if err != nil {
			return nil, err
		}
		factor /= bilinear(u, from, v) + s.eps
		for j, w := range from {
			to[j] = float32(float64(w) * factor)
		}
	}
	return out, nil
}

// bilinear is uᵀ·w·v for w of len(u) rows.
func bilinear(u, w, v []float32) (sum float64) {
	for i, a := range u {
		var dot float64
		for j, b := range v {
			dot += float64(w[i*len(v)+j]) * float64(b)
		}
		sum += float64(a) * dot
	}
	return sum
}

// factor is s of the formula.
func (n norm) factor(src loader.Source) (float64, error) {
	info, _ := src.Lookup(n.scale)
	if elements(info.Shape) != 1 {
		return 0, fmt.Errorf("%s: tensor %q: want one number, found shape %v", info.File, n.scale, info.Shape)
	}
	scale, err := src.Float32(n.scale, info.Shape...)
	if err != nil {
		return 0, err
	}
	version := int64(1)
	if n.version != "" {
		info, _ := src.Lookup(n.version)
		if elements(info.Shape) != 1 {
			return 0, fmt.Errorf("%s: tensor %q: want one number, found shape %v", info.File, n.version, info.Shape)
		}
		v, err := src.Int64(n.version, info.Shape...)
		if err != nil {
			return 0, err
		}
		version = v[0]
	}
	x := float64(scale[0])
	switch version {
	case 1:
		return x, nil
	case 2:
		const alpha = 0.05
		return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) + alpha, nil
	}
	return 0, fmt.Errorf("%s: tensor %q: spectral reparametrisation of version %d is not implemented; the versions that are: 1, 2", src, n.version, version)
}
