package checkpoint

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// essential is a config.json without the fields that do not change the features, and without spaces:
// short, for the fuzzer's sake.
func essential(t testing.TB, data []byte) []byte {
	c, err := ParseConfig(data)
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(plainJSON(data), &tree))
	for _, path := range c.Ignored {
		within, names := tree, strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			within, _ = within[name].(map[string]any) // nil for a field of a teacher: teachers[0].x
		}
		delete(within, names[len(names)-1])
	}
	short, err := json.Marshal(tree)
	require.NoError(t, err)
	again, err := ParseConfig(short)
	require.NoError(t, err)
	c.Ignored, again.Ignored = nil, nil
	require.Equal(t, c, again)
	return short
}

// FuzzParseConfig: a config that is accepted is one that a model can have.
func FuzzParseConfig(f *testing.F) {
	for _, name := range []string{"B", "g", "nano"} {
		f.Add(essential(f, synthetic(f, name)))
	}
	for _, name := range []string{"C-RADIOv4-H", "Nemotron-tower"} {
		data, err := os.ReadFile(filepath.Join("../../conformance/repositories", name, "config.json"))
		require.NoError(f, err)
		f.Add(essential(f, data))
	}
	f.Add([]byte(`{"args": {"teachers": [{}], "model_kwargs": {"depth": 1e400}}}`))
	f.Add([]byte(`{"args": {"teachers": [{"name": "a"}], "model": "vit_base_patch16_224", "tome": {"r": 4}, "damp": 1}}`))
	f.Add([]byte(`{"args": {"teachers": [{}]}, "preferred_resolution": ["512"]}`))
	f.Add([]byte(`{"args": {"teachers": [{}], "input_size": [3, "224", 224]}, "preferred_resolution": [512, {}]}`))
	f.Add([]byte(`{"model_type": "radio", "hidden_size": 64, "num_attention_heads": 2, "mlp_ratio": NaN}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig(data)
		if err != nil {
			return
		}
		if c.Width < 1 || c.Depth < 1 || c.Width%c.Heads != 0 || c.Grid < 1 || c.Prefix() < 1 || c.Hidden < 1 {
			t.Errorf("accepted %+v", c)
		}
	})
}
