package main

import (
	"bytes"
	"strings"
	"testing"

	"cradio/conformance"

	"github.com/stretchr/testify/require"
)

// What runs the graphs is a device, or Gorgonia's machine.
func TestConformanceMachine(t *testing.T) {
	cradio("conformance", "--machine", "tapes").fails(t, exitError, "--machine tapes: must be tape")
	cradio("conformance", "--machine", "tape", "--device", "cpu").fails(t, exitError, "--machine tape runs on no device: leave out --device")
	cradio("conformance", "--machine", "tape", "--dtype", "int8").fails(t, exitError, "machine tape computes only in float32 and float64")
	cradio("conformance", "--device", "cpu:all").fails(t, exitError, "there is only one cpu")
	cradio("conformance", "--device", "tpu").fails(t, exitError, "--device tpu: not available in this program")
}

// The reports of several devices are told apart, as text and as JSON; that of one is as it was.
func TestConformanceOfSeveral(t *testing.T) {
	report := func(name conformance.MachineName, failures ...conformance.Failure) reports {
		return reports{machine: name, models: &conformance.Report{Failures: failures}}
	}
	two := []reports{report("cuda:0"), report("cuda:1", conformance.Failure{Bundle: "nano/base", Reason: "ratio 2"})}
	var text, list, one bytes.Buffer
	require.NoError(t, (&conformanceFlags{worst: -1}).print(&text, two))
	require.True(t, strings.HasPrefix(text.String(), "cuda:0\n\n"), text.String())
	require.Contains(t, text.String(), "\ncuda:1\n\n")
	asJSON := &conformanceFlags{json: true}
	require.NoError(t, asJSON.print(&list, two))
	require.Regexp(t, `^\{"cuda:0":\{.*"failed":\[\].*\},"cuda:1":\{.*"reason":"ratio 2".*\}\}\n$`, list.String())
	require.NoError(t, asJSON.print(&one, two[:1]))
	require.NotContains(t, one.String(), "cuda:0")
}
