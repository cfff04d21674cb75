package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// headJSON is the start of the JSON object of these commands.
type headJSON struct {
	Model     string    `json:"model"`
	Synthetic bool      `json:"synthetic"`
	Layer     string    `json:"layer"`
	Out       string    `json:"out,omitempty"`
	Failed    []failure `json:"failed,omitempty"`
}

func (s *showing) head() headJSON {
	return headJSON{s.model.name, s.enc.Model.Synthetic(), s.layer.name(s.enc.Model.Config()), s.out, s.failures}
}

// imageJSON is the start of the object of an image.
type imageJSON struct {
	Path       string `json:"path"`
	PathBase64 string `json:"path_base64,omitempty"` // where path is not UTF-8
	Original   [2]int `json:"original"`              // height and width of the image
	Height     int    `json:"height"`                // of the model's input
	Width      int    `json:"width"`
	Rows       int    `json:"rows"` // of patches
	Cols       int    `json:"cols"`
}

func (im *seen) json() imageJSON {
	f := newFailure(im.name, errors.New(""))
	return imageJSON{f.Path, f.PathBase64, [2]int{im.original.H, im.original.W}, im.img.H, im.img.W, im.Rows, im.Cols}
}

// printJSON prints the output of --json.
func (s *showing) printJSON(v any) error {
	if !s.json {
		return nil
	}
	e := json.NewEncoder(s.cmd.OutOrStdout())
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// number is a float that JSON shows with 7 digits. NaN and infinity are null.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return fmt.Appendf(nil, "%.7g", float64(n)), nil
}

// grid splits values (rows·cols) into rows.
func grid[T, U any](values []T, cols int, as func(T) U) [][]U {
	var out [][]U
	for i, v := range values {
		if i%cols == 0 {
			out = append(out, make([]U, 0, cols))
		}
		out[len(out)-1] = append(out[len(out)-1], as(v))
	}
	return out
}

func toNumber(v float64) number { return number(v) }
func itself(v int) int          { return v }
