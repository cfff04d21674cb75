package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var twins = flag.String("twins", "../../conformance/repositories", "folder of twins of published repositories, with an EXPECTED.json")

// TestTwins: twins of published repositories, at nano size, load as they are, and every
// image embeds without a flag; those that cannot be right are refused by name.
func TestTwins(t *testing.T) {
	var expected map[string]struct {
		Loads  bool     `json:"loads"`
		Embeds bool     `json:"every_photo_embeds_without_a_flag"`
		Says   []string `json:"says"`
	}
	data, err := os.ReadFile(filepath.Join(*twins, "EXPECTED.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &expected))
	require.NotEmpty(t, expected)
	images := filepath.Dir(picture("gray.jpg"))
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			model := filepath.Join(t.TempDir(), name)
			o := cradio("synth", filepath.Join(*twins, name), "--out", model)
			if !want.Loads {
				// Whoever has the weights too meets the same words.
				require.NoError(t, os.MkdirAll(model, 0o755))
				for _, f := range []string{"config.json", "preprocessor_config.json"} {
					data, err := os.ReadFile(filepath.Join(*twins, name, f))
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(filepath.Join(model, f), data, 0o644))
				}
				for _, says := range want.Says {
					o.fails(t, exitError, says)
					cradio("embed", picture("gray.jpg"), "-m", model).fails(t, exitError, says)
				}
				return
			}
			o.succeeds(t)
			o = cradio("info", "-m", model)
			o.succeeds(t)
			require.Regexp(t, `1\d\d training arguments ignored`, o.stdout)
			o = cradio("embed", images, "-m", model, "--json")
			o.succeeds(t)
			require.GreaterOrEqual(t, len(lines(t, o.stdout)), 20)
		})
	}
}
