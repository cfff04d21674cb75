package checkpoint

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Python's json module writes constants that JSON does not have, and editors a byte
// order mark.
func TestPythonsJSON(t *testing.T) {
	tree := nanoConfig(t)
	set(tree, "args.best_metric", "NAN")
	set(tree, "args.note", `a "quoted" NaN, and a \`)
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	text := strings.Replace(string(data), `"NAN"`, "[NaN, Infinity, -Infinity]", 1)
	_, err = ParseConfig([]byte("\ufeff" + text))
	require.NoError(t, err)
}

func TestNullIsFalse(t *testing.T) {
	tree := nanoConfig(t)
	set(tree, "args.cls_token_per_teacher", nil)
	c, err := parse(t, tree)
	require.NoError(t, err)
	require.Equal(t, 1, c.NumClasses)
	require.Equal(t, []int{0}, c.SummaryIdxs)
	set(tree, "args.cls_token_per_teacher", 1)
	c, err = parse(t, tree)
	require.NoError(t, err)
	require.Equal(t, 4, c.NumClasses)
}

func TestModelInsideAnother(t *testing.T) {
	tower := nanoConfig(t)
	for _, name := range []string{"vision_config", "vision_tower_config"} {
		c, err := parse(t, map[string]any{"model_type": "vlm", "llm_config": map[string]any{"hidden_size": 64}, name: tower})
		require.NoError(t, err)
		require.Equal(t, name, c.At)
		require.Equal(t, 64, c.Width)
		require.Contains(t, c.Ignored, name+".args.amp")
	}
	c, err := parse(t, map[string]any{"encoder": map[string]any{"inner": tower}})
	require.NoError(t, err)
	require.Equal(t, "encoder.inner", c.At)
	_, err = parse(t, map[string]any{"a": tower, "b": tower})
	require.EqualError(t, err, "config.json: describes 2 RADIO models, in a, b; keep one")
	_, err = parse(t, map[string]any{"model_type": "llama", "text_config": map[string]any{}})
	require.ErrorContains(t, err, `config.json: args: is missing: it describes another kind of model, model_type "llama"; give a checkpoint of the RADIO family`)
	set(tower, "args.model", "eradio")
	_, err = parse(t, map[string]any{"vision_config": tower})
	require.ErrorContains(t, err, `config.json: vision_config.args.model: is "eradio"`)
}

func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadConfig(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	path := filepath.Join(dir, "config.json")
	require.NoError(t, os.WriteFile(path, make([]byte, maxConfigBytes+1), 0o600))
	_, err = ReadConfig(dir)
	require.ErrorContains(t, err, "want a file of at most")
	require.NoError(t, os.WriteFile(path, synthetic(t, "B"), 0o600))
	c, err := ReadConfig(dir)
	require.NoError(t, err)
	require.Equal(t, "vit_base_patch16_224", c.Model)
}

// What people have in the place of config.json is named, with what helps.
func TestConfigOfAnotherKind(t *testing.T) {
	for text, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n": "config.json: want JSON, found a git-lfs pointer",
		"<!DOCTYPE html><html>": "config.json: want JSON, found ",
		"":                      "config.json: want JSON, found an empty file",
		"\xff\xfe{\x00}\x00":    "config.json: want JSON, found ",
		"PK\x03\x04":            "config.json: want JSON, found a zip",
		"{":                     "not a JSON object",
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600))
		_, err := ReadConfig(dir)
		require.ErrorContains(t, err, want, text)
	}
}
