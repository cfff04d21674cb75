package output

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"cradio/radio"

	"gorgonia.org/tensor"
)

// AppendJSON appends a result as one JSON object, without a newline:
//
//	{"path": "cat.jpg", "model": "synthetic:B", "synthetic": true, "identity": "…", "settings": "…",
//	 "dtype": "float32", "layout": "nlc", "cradio": "v1.2.3",
//	 "height": 432, "width": 432, "original_height": 1080, "original_width": 1920,
//	 "rows": 27, "cols": 27, "summary": [C numbers],
//	 "features": [[D numbers], …T of them],
//	 "adaptors": {"clip": {"summary": […], "features": [[…], …]}},
//	 "intermediates": {"11": {"features": [[…], …], "prefix": [[…], …]}}}
//
// height and width are those of the model's input. original_height and original_width are those
// of the image file. Outputs that were not requested are left out. So are "identity",
// "settings" and "cradio", if About does not have them. If a path is not UTF-8, "path" holds
// U+FFFD in place of the bytes, and "path_base64" holds the exact path. Numbers are rounded to
// About.DType, and have as many digits as parsing needs to give the same number. NaN and
// infinity are an error, since JSON has neither.
func AppendJSON(b []byte, r radio.Result, about About) ([]byte, error) {
	identity, err := about.identity()
	if err != nil {
		return b, err
	}
	h := newHead(r.Name, &about, identity)
	o := object{b: h.Append(b), dtype: about.DType}
	o.integer("height", r.Height)
	o.integer("width", r.Width)
	o.integer("original_height", r.Original[0])
	o.integer("original_width", r.Original[1])
	o.integer("rows", r.Rows)
	o.integer("cols", r.Cols)
	o.array("summary", r.Summary)
	if about.Features {
		o.array("features", r.Features)
	}
	if len(r.Adaptors) > 0 {
		o.open("adaptors")
		for _, name := range slices.Sorted(maps.Keys(r.Adaptors)) {
			o.open(name)
			o.array("summary", r.Adaptors[name].Summary)
			if about.Features {
				o.array("features", r.Adaptors[name].Features)
			}
			o.close()
		}
		o.close()
	}
	if len(r.Intermediates) > 0 {
		o.open("intermediates")
		for _, i := range r.Intermediates {
			o.open(strconv.Itoa(i.Block))
			o.array("features", i.Features)
			o.array("prefix", i.Prefix)
			o.close()
		}
		o.close()
	}
	o.close()
	if o.err != nil {
		return b, fmt.Errorf("%s: %w", r.Name, o.err)
	}
	return o.b, nil
}

// object builds a JSON object, and keeps the first error. It does not use encoding/json, for
// speed: the features of an image are up to a million numbers.
type object struct {
	b     []byte
	dtype DType // of numbers
	err   error
}

func (o *object) key(name string) {
	if last := o.b[len(o.b)-1]; last != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(append(o.b, Quote(name)...), ':')
}

func (o *object) text(name, value string) {
	o.key(name)
	o.b = append(o.b, Quote(value)...)
}

func (o *object) integer(name string, value int) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, int64(value), 10)
}

func (o *object) open(name string) {
	o.key(name)
	o.b = append(o.b, '{')
}

func (o *object) close() { o.b = append(o.b, '}') }

// raw adds a value that is already JSON.
func (o *object) raw(name string, value []byte) {
	o.key(name)
	o.b = append(o.b, value...)
}

// array adds a tensor as nested lists. nil is left out.
func (o *object) array(name string, d *tensor.Dense) {
	if d == nil {
		return
	}
	o.key(name)
	p := newPart(name, d)
	o.nested(&p, p.Shape, 0)
}

// nested adds a tensor of the given shape, from element first on.
func (o *object) nested(p *Part, shape []int, first int) {
	o.b = append(o.b, '[')
	n := elements(shape[1:])
	for i := range shape[0] {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		if len(shape) > 1 {
			o.nested(p, shape[1:], first+i*n)
			continue
		}
		v := o.dtype.round(p.At(first + i))
		if v-v != 0 {
			o.err = fmt.Errorf("a value is %v in %s: JSON has no such number; choose .npz", p.At(first+i), o.dtype)
		}
		o.b = o.dtype.appendText(o.b, v)
	}
	o.b = append(o.b, ']')
}
