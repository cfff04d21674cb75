package data

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parseColours reads a table of the names and colours of classes; see ParseClassMap. It returns nil for what is none.
func parseColours(text string) (*ClassMap, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		return nil, nil // a map
	}
	var at []int
	for _, names := range [][]string{{"name", "class", "label"}, {"r", "red"}, {"g", "green"}, {"b", "blue"}} {
		i := slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, folded(h)) })
		if i < 0 {
			return nil, nil
		}
		at = append(at, i)
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("class map: %w", err)
	}
	if len(rows) == 0 || len(rows) > Ignored {
		return nil, fmt.Errorf("class map: has %s: must be 1 to %d", many(len(rows), "class"), Ignored)
	}
	m := &ClassMap{of: map[int]uint8{}, colours: true}
	for class, row := range rows {
		colour := 0
		for _, i := range at[1:] {
			v, err := strconv.ParseUint(strings.TrimSpace(row[i]), 10, 8)
			if err != nil {
				return nil, fmt.Errorf("class map: line %d: %s is %q: must be 0 to 255", class+2, header[i], row[i])
			}
			colour = colour<<8 | int(v)
		}
		if _, twice := m.of[colour]; twice {
			return nil, fmt.Errorf("class map: line %d: the colour #%06x is there twice", class+2, colour)
		}
		m.of[colour] = uint8(class)
		m.names = append(m.names, strings.TrimSpace(row[at[0]]))
	}
	return m, nil
}
