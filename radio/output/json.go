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
// height and width are what the model saw, original_height and original_width those of the
// image in its file. What was not asked for is left out, and so are "identity", "settings" and
// "cradio" where About has none. A path may hold bytes that are not UTF-8, which JSON cannot: then
// "path" has U+FFFD in their places, and "path_base64" the path itself. Numbers are
// rounded to About.DType, and have the digits that it takes to be read back as they were.
// JSON has no NaN and no infinity: they are an error.
func AppendJSON(b []byte, r radio.Result, about About) ([]byte, error) {
	identity, err := about.identity()
	if err != nil {
		return b, err
	}
	h := newHead(r.Name, &about, identity)
	o := object{b: h.append(b), dtype: about.DType}
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

// object builds a JSON object, and keeps the first error. It is by hand for the
// sake of numbers: a picture's features are a million of them.
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

// raw adds what is JSON already.
func (o *object) raw(name string, value []byte) {
	o.key(name)
	o.b = append(o.b, value...)
}

// array adds a tensor as lists in lists; nil is left out.
func (o *object) array(name string, d *tensor.Dense) {
	if d == nil {
		return
	}
	o.key(name)
	p := newPart(name, d)
	o.nested(&p, p.Shape, 0)
}

// nested adds the elements from the one at first on that make a tensor of shape.
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
			o.err = fmt.Errorf("a value is %v in %s, which JSON cannot hold; choose .npz", p.At(first+i), o.dtype)
		}
		o.b = o.dtype.appendText(o.b, v)
	}
	o.b = append(o.b, ']')
}
