package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"cradio/loader"
)

// Record is a line of metrics.jsonl: some steps of training, or an evaluation.
type Record struct {
	Step   int     `json:"step"` // steps done
	Epoch  float64 `json:"epoch"`
	Loss   *Number `json:"loss,omitempty"` // the mean since the last record
	Rate   *Number `json:"rate,omitempty"` // of the last step
	Norm   *Number `json:"grad_norm,omitempty"`
	Images *Number `json:"images_per_second,omitempty"`

	Evaluation map[string]Number `json:"val,omitempty"`
}

// Number is a float64 that JSON can hold: NaN and infinities are null.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	var v float64
	err := json.Unmarshal(text, &v)
	*n = Number(v)
	return err
}

func number(v float64) *Number {
	n := Number(v)
	return &n
}

// metrics is the records of a run, in memory and in a file.
type metrics struct {
	path    string
	file    *os.File
	records []Record
}

// openMetrics opens the metrics of a run that has done some steps, and was evaluated last after step evaluated:
// later lines, of what a crash has lost, are dropped, and so is a line that was not finished.
func openMetrics(path string, step, evaluated int) (*metrics, error) {
	l := &metrics{path: path}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var kept bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r Record
		if json.Unmarshal(lines.Bytes(), &r) != nil || r.Step > step || r.Evaluation != nil && r.Step > evaluated {
			break
		}
		l.records = append(l.records, r)
		kept.Write(lines.Bytes())
		kept.WriteByte('\n')
	}
	if kept.Len() != len(text) || len(text) == 0 {
		if err := loader.WriteFile(path, func(w io.Writer) error { _, err := w.Write(kept.Bytes()); return err }); err != nil {
			return nil, err
		}
	}
	l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	return l, err
}

func (l *metrics) add(r Record) error {
	l.records = append(l.records, r)
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("%s: the metrics of step %d are lost: %w", l.path, r.Step, err)
	}
	return nil
}

func (l *metrics) close() error { return l.file.Close() }
