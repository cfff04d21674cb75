package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"cradio/radio"
	"cradio/radio/output"
)

func (e *embedding) printJSON(r radio.Result) (err error) {
	if e.buffer, err = output.AppendJSON(e.buffer[:0], r, e.about); err != nil {
		return err
	}
	e.buffer = append(e.buffer, '\n')
	_, err = e.cmd.OutOrStdout().Write(e.buffer)
	return err
}

// print prints the shape of each output, and its first values.
func (e *embedding) print(r radio.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d×%d pixels, %d×%d patches\n", shown(r.Name), r.Height, r.Width, r.Rows, r.Cols)
	for _, p := range output.Parts(r, e.about) {
		fmt.Fprintf(&b, "  %s %s: norm %.5g, values", p.Name, shapeText(p.Shape), norm(p.Data))
		for _, v := range p.Data[:min(5, len(p.Data))] {
			fmt.Fprintf(&b, " %.4g", v)
		}
		b.WriteString(" …\n")
	}
	if e.previews {
		text, err := preview(r, trueColours())
		if err != nil {
			return err
		}
		b.WriteString(text)
	}
	_, err := fmt.Fprint(e.cmd.OutOrStdout(), b.String())
	return err
}

func norm(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// report prints what is in the file.
func (e *embedding) report(arrays []output.Array) error {
	if e.json {
		return json.NewEncoder(e.cmd.OutOrStdout()).Encode(map[string]any{
			"out": e.out, "model": e.about.Model, "synthetic": e.about.Synthetic,
			"pictures": e.encoded + e.resumed, "failed": append([]failure{}, e.failed...), "arrays": append([]output.Array{}, arrays...),
		})
	}
	const most = 8 // arrays to name
	list := []string{count(e.encoded+e.resumed, "image")}
	for i, a := range arrays {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more arrays", len(arrays)-most))
			break
		}
		list = append(list, a.Name+" "+shapeText(a.Shape))
	}
	say("%s: %s%s", shown(e.out), strings.Join(list, ", "), e.rowsText())
	return nil
}

// rowsText describes the rows of failed images, in formats that have such rows.
func (e *embedding) rowsText() string {
	rows := count(e.missed, "row")
	switch {
	case isNPY(e.out):
		text := "; the paths of the rows are in " + shown(e.out+output.SidecarExtension)
		if e.missed > 0 && e.about.Missing == output.NaN {
			return "; " + rows + " of NaN for images that failed" + text
		}
		if e.missed > 0 {
			return fmt.Sprintf("; %s failed and left out", count(e.missed, "image")) + text
		}
		return text
	case isParquet(e.out) && e.missed > 0:
		return "; " + rows + " with an error"
	}
	return ""
}

// shapeText is a shape as Python prints it.
func shapeText(shape []int) string {
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 {
		text += ","
	}
	return "(" + text + ")"
}
