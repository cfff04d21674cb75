package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProgressOffATerminal: a line of the log, and not for every picture.
func TestProgressOffATerminal(t *testing.T) {
	cmd := newRoot()
	var log bytes.Buffer
	cmd.SetErr(&log)
	require.NoError(t, setLog(cmd, "info"))
	p := newProgress(&log, 10, true)
	p.step()
	require.Empty(t, log.String())
	p.said = p.said.Add(-2 * sayEvery)
	p.began = p.began.Add(-20 * time.Second)
	p.step()
	p.step()
	require.Regexp(t, `^cradio: embedding: done 2, of 10, each 10(\.\d+)?s, left 1m2\ds\n$`, log.String())
	p.printf("said %d\n", 3)
	require.Contains(t, log.String(), "said 3\n")
	p.stop()
}
