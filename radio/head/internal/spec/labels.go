package spec

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Labels are the names of classes by their number. In JSON they are an object from numbers to names,
// as Hugging Face's id2label.
type Labels []string

// MarshalJSON implements json.Marshaler.
func (l Labels) MarshalJSON() ([]byte, error) {
	m := make(map[int]string, len(l)) // encoding/json sorts keys as text
	for i, name := range l {
		m[i] = name
	}
	return json.Marshal(m)
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *Labels) UnmarshalJSON(text []byte) error {
	var m map[string]string
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("id2label: want an object from numbers to names: %w", err)
	}
	if m == nil {
		*l = nil
		return nil
	}
	*l = make(Labels, len(m))
	for i := range *l {
		name, ok := m[strconv.Itoa(i)]
		if !ok {
			return fmt.Errorf("id2label has %d names and none for %d: want all numbers from 0", len(m), i)
		}
		(*l)[i] = name
	}
	return nil
}

// Label is the name of a class, or its number where it has no name.
func (s *Spec) Label(class int) string {
	if class >= 0 && class < len(s.Labels) {
		return s.Labels[class]
	}
	return strconv.Itoa(class)
}
