package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Differences compares the options of a checkpoint with those of a run that would resume it: one
// line for each that differs, such as "optim.rate was 0.001, is 0.01".
func Differences(was, is json.RawMessage) ([]string, error) {
	before, err := flat(was)
	if err != nil {
		return nil, err
	}
	after, err := flat(is)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		b, had := before[key]
		a, has := after[key]
		switch {
		case !had:
			lines = append(lines, fmt.Sprintf("%s was not set, is %s", key, a))
		case !has:
			lines = append(lines, fmt.Sprintf("%s was %s, is not set", key, b))
		case a != b:
			lines = append(lines, fmt.Sprintf("%s was %s, is %s", key, b, a))
		}
	}
	return lines, nil
}

// flat gives the values of a JSON object by their paths.
func flat(text json.RawMessage) (map[string]string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("options are no JSON object: %w", err)
	}
	values := map[string]string{}
	var walk func(path string, v any) error
	walk = func(path string, v any) error {
		if fields, ok := v.(map[string]any); ok {
			for key, field := range fields {
				if err := walk(strings.TrimPrefix(path+"."+key, "."), field); err != nil {
					return err
				}
			}
			return nil
		}
		text, err := json.Marshal(v)
		values[path] = string(text)
		return err
	}
	return values, walk("", tree)
}

// DataSum identifies training data: the contents of every sample and its target, in order. Where
// the files are does not count.
func DataSum(samples func(add func(parts ...any))) string {
	h := sha256.New()
	n := 0
	samples(func(parts ...any) {
		n++
		fmt.Fprintln(h, parts...)
	})
	return fmt.Sprintf("%d samples, %s", n, hex.EncodeToString(h.Sum(nil)))
}
