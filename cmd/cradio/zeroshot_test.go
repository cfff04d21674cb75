package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"cradio/loader"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
)

// adaptors is a checkpoint with the adaptors clip and sam, whose summaries have 40 elements.
const adaptors = "../../conformance/checkpoints/hub"

func TestZeroshot(t *testing.T) {
	labels := file(t, "labels.txt", []byte("\ufefftabby cat\r\n\ngolden retriever\n"))
	args := []string{"zeroshot", "-m", adaptors, "--text", "synthetic:40", "--labels", "steam locomotive," + labels}
	o := cradio(append(args, picture("chelsea.jpg"), picture("gray.jpg"))...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "the text tower has synthetic weights")
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], "chelsea.jpg: ")
	for _, label := range []string{"tabby cat", "golden retriever", "steam locomotive"} {
		require.Contains(t, lines[0], label)
	}

	o = cradio(append(args, picture("chelsea.jpg"), "--json")...)
	o.succeeds(t)
	var line zeroshotJSON
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &line))
	sum := 0.0
	for i, l := range line.Labels {
		sum += float64(l.Score)
		require.True(t, i == 0 || l.Score <= line.Labels[i-1].Score)
	}
	require.InDelta(t, 1, sum, 1e-6, "the default of a CLIP tower is softmax")

	o = cradio(append(args, picture("chelsea.jpg"), "--json", "--scores", "cosine", "--top", "1", "--templates", "a drawing of {}", "--templates", "base")...)
	o.succeeds(t)
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &line))
	require.Len(t, line.Labels, 1)
	require.LessOrEqual(t, math.Abs(float64(line.Labels[0].Score)), 1.0)

	o = cradio(append(args, picture("chelsea.jpg"), "--labels", strings.Repeat("cat ", 90))...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "1 text is longer than the 77 tokens that the tower reads, and cut; of the first, \"a photo of the large cat cat")
	require.Contains(t, o.stderr, "this is lost: \"cat cat")
}

func TestZeroshotBad(t *testing.T) {
	good := picture("gray.jpg")
	text := file(t, "x.txt", []byte("hello"))
	latin := file(t, "latin.txt", []byte("cat\ncaf\xe9\n"))
	with := func(more ...string) []string {
		return append([]string{"zeroshot", good, "-m", adaptors, "--text", "synthetic:40"}, more...)
	}
	for want, args := range map[string][]string{
		"--labels is missing":      with(),
		"--text is missing":        {"zeroshot", good, "-m", adaptors, "--labels", "a"},
		"want synthetic:WIDTH":     {"zeroshot", good, "-m", adaptors, "--labels", "a", "--text", "synthetic:x"},
		"--top 0":                  with("--labels", "a", "--top", "0"),
		"--scores best":            with("--labels", "a", "--scores", "best"),
		"--tokens: tokenizer is":   with("--labels", "a", "--tokens", "t5"),
		"no IMAGE":                 {"zeroshot", "--labels", "a"},
		"--max-pixels 0":           with("--labels", "a", "--max-pixels", "0"),
		"--batch 0: must be at le": with("--labels", "a", "--batch", "0"),
	} {
		cradio(args...).fails(t, exitError, want)
	}
	for want, args := range map[string][]string{
		`classes 1 and 2 are both "a"`:                                                   with("--labels", "a,a"),
		"class 1 has no name":                                                            with("--labels", " ,a"),
		`latin.txt, line 2: "caf\xe9" is not UTF-8`:                                      with("--labels", latin),
		"is neither openai, simple, base, nor a file":                                    with("--labels", "a", "--templates", "none"),
		`template 1, "hello", has no {}`:                                                 with("--labels", "a", "--templates", text),
		`no adaptor "siglip": it has clip, sam`:                                          with("--labels", "a", "--adaptor", "siglip"),
		"adaptor clip has summaries of 40 elements, the text":                            {"zeroshot", good, "-m", adaptors, "--adaptor", "clip", "--labels", "a", "--text", "synthetic:48"},
		"no adaptor that texts can be compared with":                                     {"zeroshot", good, "-m", "synthetic:nano", "--labels", "a", "--text", "synthetic:40"},
		"no adaptor that texts of width 48 can be compared with: the widths are clip 40": {"zeroshot", good, "-m", adaptors, "--labels", "a", "--text", "synthetic:48"},
		"no text tower: want a folder with open_clip_config.json":                        {"zeroshot", good, "-m", adaptors, "--labels", "a", "--text", t.TempDir()},
		"1 of 1 image failed":                                                            {"zeroshot", text, "-m", adaptors, "--labels", "a", "--text", "synthetic:40"},
	} {
		o := cradio(args...)
		require.NotZero(t, o.code, want)
		require.Contains(t, o.stderr, want)
	}
}

func TestTokenize(t *testing.T) {
	o := cradio("tokenize", "A photo of a tabby cat.", "")
	o.succeeds(t)
	require.Contains(t, o.stdout, "A photo of a tabby cat.: 7 tokens\n  a</w>(320) photo</w>(1125)")
	require.Contains(t, o.stdout, ": 0 tokens")

	o = cradio("tokenize", strings.Repeat("cat ", 90))
	o.succeeds(t)
	require.Contains(t, o.stdout, "90 tokens, cut after 75")

	o = cradioWith(t.Context(), "a cat\n\na dog\n", "tokenize", "--json")
	o.succeeds(t)
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	require.Len(t, lines, 2)
	var line tokensJSON
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &line))
	require.Equal(t, "a dog", line.Text)
	require.Len(t, line.IDs, 77)
	require.Len(t, line.Pieces, 2)

	cradio("tokenize", "a", "--kind", "siglip").fails(t, exitError, "the vocabulary is not a part of cradio")
	cradio("tokenize", "a", "--kind", "t5").fails(t, exitError, "want one of clip, siglip, siglip2")
	none := filepath.Join(t.TempDir(), "none")
	require.Contains(t, cradio("tokenize", "a", "--kind", "siglip", "--tokenizer", none).stderr, none)
}

func TestText(t *testing.T) {
	lines := file(t, "lines.txt", []byte("a cat\n\na dog\n"))
	o := cradio("text", lines, "--text", "synthetic:40", "--unit")
	o.succeeds(t)
	var one textJSON
	require.NoError(t, json.Unmarshal([]byte(strings.Split(o.stdout, "\n")[1]), &one))
	require.Equal(t, "a dog", one.Text)
	require.Len(t, one.Embedding, 40)
	require.InDelta(t, 1, norm(one.Embedding), 1e-6)

	for _, name := range []string{"x.npz", "x.npy", "x.jsonl", "x.safetensors", "x.parquet"} {
		out := filepath.Join(t.TempDir(), name)
		o := cradio("text", lines, "--text", "synthetic:40", "--out", out)
		o.succeeds(t)
		require.Contains(t, o.stderr, name+": 2 texts, embeddings [2 40]")
		require.NotEmpty(t, read(t, out))
		switch name {
		case "x.parquet":
			rows, err := parquet.ReadFile[textJSON](out)
			require.NoError(t, err)
			require.Len(t, rows, 2)
			require.Equal(t, "a dog", rows[1].Text)
			require.Len(t, rows[1].Embedding, 40)
		case "x.safetensors":
			f, err := loader.OpenFile(out)
			require.NoError(t, err)
			require.Equal(t, `["a cat","a dog"]`, f.Metadata()["texts"])
			_, err = f.Float32("embeddings", 2, 40)
			require.NoError(t, err)
			f.Close()
		}
	}
	cradio("text", lines, "--text", "synthetic:40", "--out", "x.csv").fails(t, exitError, "must end in .npz, .npy, .safetensors, .parquet or .jsonl")
	cradio("text", file(t, "none.txt", nil), "--text", "synthetic:40").fails(t, exitError, "there are no texts")
	cradioWith(t.Context(), "a\n", "text").fails(t, exitError, "--text is missing")
}
