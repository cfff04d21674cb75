package digits_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"strings"
	"testing"

	"cradio/radio"
	"cradio/radio/digits"

	"github.com/stretchr/testify/require"
)

// TestPictures: each is read as what its name says, in every precision.
func TestPictures(t *testing.T) {
	for _, dtype := range radio.DTypes() {
		if dtype.GPUAlone() {
			continue
		}
		m, h, err := digits.Open(t.Context(), radio.Options{DType: dtype})
		require.NoError(t, err)
		e := radio.NewEncoder(m)
		e.Size, err = radio.ParseSize(h.Spec().Picture.Size)
		require.NoError(t, err)
		e.Request = radio.Request{NoFeatures: true, Heads: []radio.Head{h}}
		names, err := fs.Glob(digits.Pictures(), "*.png")
		require.NoError(t, err)
		require.Len(t, names, 10)
		for _, name := range names {
			text, err := fs.ReadFile(digits.Pictures(), name)
			require.NoError(t, err)
			img, err := e.Bytes(name, text).Load()
			require.NoError(t, err)
			out, err := e.Encode(t.Context(), img)
			require.NoError(t, err)
			scores := radio.Values[float64](out.Items[0].Heads[0].Values)
			if dtype != radio.Float64 {
				scores = nil
				for _, v := range radio.Values[float32](out.Items[0].Heads[0].Values) {
					scores = append(scores, float64(v))
				}
			}
			best := 0
			for i, v := range scores {
				if v > scores[best] {
					best = i
				}
			}
			require.Equal(t, strings.TrimSuffix(name, ".png"), h.Spec().Labels[best], dtype)
		}
		require.NoError(t, m.Close())
	}
}

func Example() {
	m, h, err := digits.Open(context.Background(), radio.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	fmt.Println(h.Spec().Kind, "head,", h.Spec().Outputs, "classes")
	// Output: linear head, 10 classes
}
