package checkpoint

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// synthetic is the config.json of a synthetic model.
func synthetic(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("..", "configs", name+".json"))
	require.NoError(t, err)
	return data
}

// nanoConfig is the nano config.json as a tree that a test can change.
func nanoConfig(t testing.TB) map[string]any {
	data := synthetic(t, "nano")
	var tree map[string]any
	require.NoError(t, json.Unmarshal(data, &tree))
	return tree
}

// set changes a field by its path; deleted removes it.
func set(tree map[string]any, path string, value any) {
	parts := strings.Split(path, ".")
	for _, p := range parts[:len(parts)-1] {
		tree = tree[p].(map[string]any)
	}
	name := parts[len(parts)-1]
	if value == deleted {
		delete(tree, name)
		return
	}
	tree[name] = value
}

type deletion struct{}

var deleted = deletion{}

func parse(t testing.TB, tree map[string]any) (*Config, error) {
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	return ParseConfig(data)
}

func TestSyntheticConfigs(t *testing.T) {
	for name, want := range map[string]struct {
		width, depth, heads, hidden, classes, registers, summary int
		scaled                                                   bool
	}{
		"B":    {768, 12, 12, 3072, 4, 4, 2304, false},
		"L":    {1024, 24, 16, 4096, 4, 4, 3072, false},
		"H":    {1280, 32, 16, 5120, 4, 4, 3840, false},
		"g":    {1536, 40, 24, 6144, 2, 6, 3072, true},
		"nano": {64, 3, 2, 256, 4, 4, 192, false},
	} {
		c, err := ParseConfig(synthetic(t, name))
		require.NoError(t, err)
		require.Equal(t, want.width, c.Width, name)
		require.Equal(t, want.depth, c.Depth, name)
		require.Equal(t, want.heads, c.Heads, name)
		require.Equal(t, want.hidden, c.Hidden, name)
		require.Equal(t, want.classes, c.NumClasses, name)
		require.Equal(t, want.registers, c.Registers, name)
		require.Equal(t, want.summary, c.SummaryWidth(), name)
		require.Equal(t, want.scaled, c.ScaledLN, name)
		require.True(t, c.AlignCorners)
	}
}

func TestVariantsLoadByTheirUpstreamNames(t *testing.T) {
	for _, name := range variantNames() {
		tree := nanoConfig(t)
		set(tree, "args.model", name)
		set(tree, "args.model_kwargs", map[string]any{})
		set(tree, "patch_size", nil)
		c, err := parse(t, tree)
		require.NoError(t, err, name)
		require.Equal(t, variants[name].width, c.Width)
		require.Equal(t, strings.Contains(name, "_v2_") && !strings.Contains(name, "so400m") || strings.Contains(name, "bigG"), c.LayerScale, name)
		require.Equal(t, strings.Contains(name, "patch14"), c.Patch == 14, name)
	}
	for name, hidden := range map[string]int{"vit_so400m_patch16_224": 4304, "vit_so400m_v2_patch16_224": 4320} {
		tree := nanoConfig(t)
		set(tree, "args.model", name)
		set(tree, "args.model_kwargs", deleted)
		c, err := parse(t, tree)
		require.NoError(t, err)
		require.Equal(t, hidden, c.Hidden)
	}
}

func TestTokenRules(t *testing.T) {
	teacher := func(name string, summary bool) map[string]any {
		return map[string]any{"name": name, "use_summary": summary}
	}
	for _, c := range []struct {
		name               string
		fields             map[string]any
		classes, registers int
		summary            []int
	}{
		{"a full multiple more where it divides", map[string]any{"register_multiple": 4}, 4, 4, []int{0, 1, 2}},
		{"to the next multiple", map[string]any{"register_multiple": 5}, 4, 1, []int{0, 1, 2}},
		{"no registers", map[string]any{"register_multiple": nil}, 4, 0, []int{0, 1, 2}},
		{"zero is none", map[string]any{"register_multiple": 0}, 4, 0, []int{0, 1, 2}},
		{"a number of registers comes first", map[string]any{"register_multiple": 8, "cpe_num_registers": 3}, 4, 3, []int{0, 1, 2}},
		{"one class token", map[string]any{"cls_token_per_teacher": false, "register_multiple": nil,
			"teachers": []any{teacher("a", true), teacher("b", false)}}, 1, 0, []int{0}},
		{"teachers of one name share a token", map[string]any{
			"teachers": []any{teacher("a", true), teacher("b", true), teacher("a", false)}}, 2, 6, []int{0, 1}},
		{"use_summary defaults to true", map[string]any{"teachers": []any{map[string]any{"name": "a"}}}, 1, 7, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := nanoConfig(t)
			for k, v := range c.fields {
				set(tree, "args."+k, v)
			}
			got, err := parse(t, tree)
			require.NoError(t, err)
			require.Equal(t, c.classes, got.NumClasses)
			require.Equal(t, c.registers, got.Registers)
			require.Equal(t, c.summary, got.SummaryIdxs)
		})
	}
}

func TestAlignmentByVersion(t *testing.T) {
	for version, want := range map[string]bool{
		"radio_v2.5-b": true, "c-radio_v2-b": true, "c-radio_v3-l": true, "e-radio_v2": true, "": true, "something": true,
		"c-radio_v4-h": false, "c-radio_v4-so400m": false, "c-radio_v5-h": false, "C-RADIOv4-H": false, "c-radio-v3_l": true, "c-radio_v10-b": false,
	} {
		tree := nanoConfig(t)
		set(tree, "version", version)
		c, err := parse(t, tree)
		require.NoError(t, err)
		require.Equal(t, want, c.AlignCorners, version)
		require.Contains(t, c.AlignFrom, version)
		for _, said := range []bool{true, false} {
			set(tree, "align_corners", said)
			c, err = parse(t, tree)
			require.NoError(t, err)
			require.Equal(t, said, c.AlignCorners)
			require.Equal(t, "the field align_corners", c.AlignFrom)
		}
	}
}
