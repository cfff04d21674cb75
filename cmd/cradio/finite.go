package main

import (
	"fmt"
	"strings"

	"cradio/radio/output"
)

// finite refuses NaN and infinity in any of the tensors that are to be written of an image.
func finite(name string, parts []output.Part) error {
	for _, p := range parts {
		for i, v := range p.Data {
			if v-v != 0 {
				return fmt.Errorf("%s: %s%s is %v: the checkpoint holds values that float32 cannot compute with",
					name, p.Name, indexText(p.Shape, i), v)
			}
		}
	}
	return nil
}

// indexText is where element i of a tensor is: [3, 17].
func indexText(shape []int, i int) string {
	index := make([]string, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		index[axis] = fmt.Sprint(i % shape[axis])
		i /= shape[axis]
	}
	return "[" + strings.Join(index, ", ") + "]"
}
