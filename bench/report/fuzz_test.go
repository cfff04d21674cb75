package report_test

import (
	"bytes"
	"io"
	"testing"

	"cradio/bench/report"

	"github.com/stretchr/testify/require"
)

// Whatever is read is either refused or can be printed and drawn.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"cells": [{"model": "B", "rounds": [[{"entrant": "a", "runs": 1, "seconds": 1, "before": 1, "after": 1}]], "results": [{"entrant": "a"}]}]}`))
	f.Add([]byte(`{"cells": [{"results": [], "rounds": [[], null]}]}`))
	f.Add([]byte(`{"threads": -1, "starts": [{}], "cells": [{"gflop": 1e308}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := report.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		r.WriteTable(io.Discard)
		_ = report.Plot(io.Discard, []*report.Report{r}, nil) // there may be nothing to draw
	})
}

// A case that is read is written in the same way.
func FuzzParseCase(f *testing.F) {
	for _, seed := range []string{"B:224:1", "nano:16:1024", ":1:", "B:-16:1", "B:9223372036854775807:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := report.ParseCase(text)
		if err != nil {
			return
		}
		again, err := report.ParseCase(c.Short()[:len(c.Short())-len(":float32")])
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
}
