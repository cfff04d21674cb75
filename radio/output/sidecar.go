package output

import (
	"cradio/radio/output/internal/line"
	"encoding/base64"
	"encoding/json"
	"io"
)

// failed is an image without features.
type failed struct {
	name, reason string
	row          int // of NaN, or -1
}

// writeSidecar writes the JSON file that describes the rows of an .npy file:
//
//	{"model": "…", "synthetic": "false", "identity": "…", "settings": "…", "cradio": "…", "dtype": "float32", "layout": "nlc",
//	 "array": "summary", "shape": [N, C], "paths": [N texts], "paths_base64": [N texts, where one is not UTF-8],
//	 "sizes": [[height, width], …], "original_sizes": [[…], …], "grid": [[rows, columns], …],
//	 "failed": [{"path": "…", "error": "…", "row": 3}, …]}
//
// "row" is present if the file has a row of NaN for the image.
func (t *table) writeSidecar(w io.Writer, array Array) error {
	paths, raw, err := pathLists(t.names)
	if err != nil {
		return err
	}
	o := object{b: []byte{'{'}}
	for _, f := range t.facts {
		o.text(f.name, f.text)
	}
	o.text("array", array.Name)
	shape, err := json.Marshal(array.Shape)
	if err != nil {
		return err
	}
	o.raw("shape", shape)
	o.raw("paths", paths)
	if raw != nil {
		o.raw("paths_base64", raw)
	}
	for _, s := range t.shapes.arrays() {
		list := make([][2]int64, len(t.names))
		for i := range list {
			list[i] = [2]int64(s.values[2*i:])
		}
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		o.raw(s.name, text)
	}
	o.key("failed")
	o.b = append(o.b, '[')
	for i, f := range t.failed {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = append(o.b, '{')
		o.text("path", f.name)
		if line.Valid(f.name) != f.name {
			o.text("path_base64", base64.StdEncoding.EncodeToString([]byte(f.name)))
		}
		o.text("error", f.reason)
		if f.row >= 0 {
			o.integer("row", f.row)
		}
		o.close()
	}
	o.b = append(o.b, "]}\n"...)
	_, err = w.Write(o.b)
	return err
}
