package train

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/show"
)

// Curves draws the metrics of a run: the loss, the rate, and the main figure of the validation
// part, by steps.
func Curves(title string, records []Record, figure string) show.Sheet {
	colours := show.Palette(3)
	loss, rate, val := show.Curve{Name: "loss", Colour: colours[0]}, show.Curve{Name: "rate", Colour: colours[1]}, show.Curve{Name: figure, Colour: colours[2]}
	add := func(c *show.Curve, step int, v *Number) {
		if v != nil {
			c.X, c.Y = append(c.X, float64(step)), append(c.Y, float64(*v))
		}
	}
	for _, r := range records {
		add(&loss, r.Step, r.Loss)
		add(&rate, r.Step, r.Rate)
		if v, ok := r.Evaluation[figure]; ok {
			add(&val, r.Step, &v)
		}
	}
	sheet := show.Sheet{Title: title, Strips: []show.Strip{{Panels: []show.Panel{
		(&show.Chart{Title: "loss of training", Under: "steps", Lines: []show.Curve{loss}}).Panel(),
		(&show.Chart{Title: "rate", Under: "steps", ZeroUp: true, Lines: []show.Curve{rate}}).Panel(),
	}}}}
	if len(val.Y) > 0 {
		sheet.Strips = append(sheet.Strips, show.Strip{Panels: []show.Panel{
			(&show.Chart{Title: figure + " of val", Under: "steps", Lines: []show.Curve{val}}).Panel(),
		}})
	}
	return sheet
}

// writeSheet draws a sheet to a PNG file.
func writeSheet(path string, s show.Sheet) error {
	img, err := s.Draw()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	comment := strings.Join(slices.Concat([]string{s.Title}, s.Notes), "\n")
	return loader.WriteFile(path, func(w io.Writer) error { return show.WritePNG(w, img, comment) })
}

func confusionSheet(note string, e *Evaluation) *show.Sheet {
	return show.Confusion(note, e.Classes, e.Confusion.Counts)
}
