package checkpoint

import (
	"cradio/loader"
)

// recipe makes a tensor of the model from tensors of a file.
type recipe interface {
	// uses lists the file's tensors.
	uses() []string
	check(src loader.Source, shape []int) error
	read(src loader.Source, dst []float32, shape []int) ([]float32, error)
}

// plain is a tensor as the file has it.
type plain string

func (p plain) uses() []string                             { return []string{string(p)} }
func (p plain) check(src loader.Source, shape []int) error { return src.Check(string(p), shape...) }
func (p plain) read(src loader.Source, dst []float32, shape []int) ([]float32, error) {
	return src.Float32Into(dst, string(p), shape...)
}

// joined is tensors that follow one another along the first axis, all of one shape.
type joined []string

func (j joined) uses() []string { return j }

// part is the shape of each, nil where they cannot make a tensor of that shape.
func (j joined) part(shape []int) []int {
	if len(shape) == 0 || shape[0]%len(j) != 0 {
		return nil
	}
	return append([]int{shape[0] / len(j)}, shape[1:]...)
}

func (j joined) check(src loader.Source, shape []int) error {
	for _, name := range j {
		if err := src.Check(name, j.part(shape)...); err != nil {
			return err
		}
	}
	return nil
}

func (j joined) read(src loader.Source, dst []float32, shape []int) ([]float32, error) {
	out := room(dst, elements(shape))
	n := len(out) / len(j)
	for i, name := range j {
		v, err := src.Float32(name, j.part(shape)...)
		if err != nil {
			return nil, err
		}
		copy(out[i*n:], v)
		src.Release(name)
	}
	return out, nil
}

// filled is a tensor that no file has: all its elements are one number.
type filled float32

func (f filled) uses() []string                   { return nil }
func (f filled) check(loader.Source, []int) error { return nil }
func (f filled) read(_ loader.Source, dst []float32, shape []int) ([]float32, error) {
	out := room(dst, elements(shape))
	for i := range out {
		out[i] = float32(f)
	}
	return out, nil
}

// room is n elements of dst, or new ones if it has fewer. They need not be zero.
func room(dst []float32, n int) []float32 {
	if dst == nil || n > cap(dst) {
		return make([]float32, n)
	}
	return dst[:n]
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
