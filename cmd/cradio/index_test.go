package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/features"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// indexed makes an index of a folder of pictures, and gives the folder.
func indexed(t *testing.T, more ...string) string {
	t.Helper()
	dir := shapes(t, "4")
	cradio(append([]string{"index", dir, "-m", "synthetic:nano", "--size", "32"}, more...)...).succeeds(t)
	return dir
}

func someOf(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.png"))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func TestIndex(t *testing.T) {
	dir := indexed(t)
	pictures := someOf(t, dir)
	v := parsed[indexJSON](t, cradio("index", dir+"/", "--json"))
	require.Equal(t, indexJSON{Index: dir + ".index", Model: "synthetic:nano", Synthetic: true, Images: len(pictures), Present: len(pictures), Skipped: []failure{}}, v)

	// What has come, changed and gone; what it was made with is remembered.
	require.NoError(t, os.Remove(pictures[0]))
	require.NoError(t, os.WriteFile(pictures[1], read(t, picture("gray.jpg")), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.jpg"), []byte("no picture"), 0o644))
	o := cradio("index", dir)
	o.fails(t, exitFailed, "1 image skipped")
	require.Contains(t, o.stderr, "bad.jpg")
	require.Contains(t, o.stdout, ".index: 7 images, 1 new, 2 removed\n")
	require.NoError(t, os.Remove(filepath.Join(dir, "bad.jpg")))

	o = cradio("index", dir, "--dtype", "bfloat16")
	o.fails(t, exitError, "was made with another precision: float32 of the model synthetic:nano, now bfloat16; vectors of both cannot be compared; add --replace")
	o = cradio("index", dir, "--dtype", "bfloat16", "--replace")
	o.succeeds(t)
	require.Contains(t, o.stdout, "7 images, 7 new, 0 removed\n")
	require.Equal(t, 7, parsed[indexJSON](t, cradio("index", dir, "--json")).Present, "the precision is remembered")
}

func TestSearch(t *testing.T) {
	dir := indexed(t)
	pictures := someOf(t, dir)
	o := cradio("search", dir, pictures[3], "--top", "3")
	o.succeeds(t)
	require.Contains(t, o.stdout, "1.0000  "+pictures[3]+"\n")
	require.NotContains(t, o.stderr, "synthetic", "what is in the index needs no model")

	sheet := filepath.Join(t.TempDir(), "found.png")
	v := parsed[searchJSON](t, cradio("search", dir+".index", picture("chelsea.jpg"), "--json", "--out", sheet, "-n", "5"))
	require.Len(t, v.Hits, 5)
	require.Equal(t, "summary", string(v.Source))
	for i, h := range v.Hits {
		require.Contains(t, pictures, h.Path)
		require.True(t, i == 0 || h.Score <= v.Hits[i-1].Score)
	}
	img, err := image.DecodeFile(sheet, image.DecodeOptions{})
	require.NoError(t, err)
	require.Greater(t, img.H, 2*cell)
	require.Greater(t, img.W, 2*cell)

	o = cradioWith(context.Background(), string(read(t, pictures[2])), "search", dir, "-", "-n", "1")
	o.succeeds(t)
	require.Equal(t, "1.0000  "+pictures[2]+"\n", o.stdout)
	o = cradio("search", dir, pictures[3], "--min", "1.1")
	o.succeeds(t)
	require.Empty(t, o.stdout)
	require.Contains(t, o.stderr, "no image has a score of at least 1.1")

	require.NoError(t, os.Remove(pictures[3]))
	o = cradio("search", dir, pictures[2], "--json")
	o.succeeds(t)
	require.Contains(t, o.stdout, `"gone":true`)
	require.Contains(t, o.stderr, "1 image is gone since the index was made: run cradio index again")
	o = cradio("search", dir, pictures[2], "--out", sheet)
	o.succeeds(t)
	require.Contains(t, o.stderr, "is left blank on the sheet")
}

func TestSearchByWords(t *testing.T) {
	dir := shapes(t, "4")
	cradio("index", dir, "-m", adaptors, "--adaptor", "clip", "--text", "synthetic:40", "--size", "32").succeeds(t)
	o := cradio("search", dir, "a", "red", "bicycle", "-n", "2", "--out", filepath.Join(t.TempDir(), "words.png"))
	o.succeeds(t)
	require.Contains(t, o.stderr, "“a red bicycle”: 2 of 8 images, by adaptor:clip of ")
	v := parsed[searchJSON](t, cradio("search", dir, "a red bicycle", "--json"))
	require.Equal(t, "a red bicycle", v.Query)
	require.Equal(t, "adaptor:clip", string(v.Source))
	require.Len(t, v.Hits, 8)
	cradio("search", dir, someOf(t, dir)[0], "--by", "adaptor:clip").succeeds(t)
	cradio("search", dir, "red", "--text", "synthetic:41").fails(t, exitError, "adaptor:clip has summaries of 40 elements, the text tower embeddings of 41: it is not the tower of its teacher; give another --text")
	cradio("search", dir, "red", "--by", "adaptor:sam").fails(t, exitError, "has adaptor:clip, summary; see")
	cradio("search", dir, " ").fails(t, exitError, "QUERY is empty")
}

func TestDups(t *testing.T) {
	dir := indexed(t)
	pictures := someOf(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "copy.png"), read(t, pictures[5]), 0o644))
	cradio("index", dir).succeeds(t)
	o := cradio("dups", dir, "-t", "1")
	o.succeeds(t)
	require.Contains(t, o.stdout, "group 1: 2 images\n  1.0000")
	require.Contains(t, o.stdout, filepath.Join(dir, "copy.png"))
	require.Contains(t, o.stderr, "2 of 9 images are in 1 group\n")
	v := parsed[dupsJSON](t, cradio("dups", dir+".index", "--json", "--threshold", "0.5"))
	require.Len(t, v.Groups, 1)
	require.Len(t, v.Groups[0].Images, 9)
	require.Positive(t, v.Groups[0].Images[0].Bytes)
}

// TestIndexBad: what cannot be is said in one line, with what to do.
func TestIndexBad(t *testing.T) {
	dir := indexed(t)
	query := picture("gray.jpg")
	store := filepath.Join(t.TempDir(), "store")
	cradio(onNano(dir, "--out", store)...).succeeds(t)
	for want, args := range map[string][]string{
		"no IMAGE given": {"index"},
		"--out INDEX is missing: several IMAGEs have no name in common":                      {"index", dir, dir},
		"is no folder to name the index after":                                               {"index", query},
		"is an index: give the images that it is of":                                         {"index", dir + ".index"},
		"is a store of cradio features, not an index; choose another --out":                  {"index", dir, "--out", store},
		"--batch 0: must be at least 1":                                                      {"index", dir, "-b", "0"},
		"no adaptor \"clip\": this checkpoint has none":                                      {"index", dir, "--adaptor", "clip", "--out", store + "2", "-m", "synthetic:nano"},
		"found a folder with other files, such as ":                                          {"index", dir, "--out", dir, "-m", "synthetic:nano"},
		"is no index, and so is not removed":                                                 {"index", dir, "--out", dir, "-m", "synthetic:nano", "--replace"},
		"want FOLDER and QUERY":                                                              {"search", dir},
		"no such folder, and no index of it":                                                 {"search", dir + "2", query},
		"has no index yet: make it with cradio index":                                        {"search", filepath.Dir(query), query},
		"nowhere: no such file or folder":                                                    {"index", "nowhere"},
		"is a folder; QUERY is one image, or words":                                          {"search", dir, dir},
		"none.jpg: no such file; QUERY is an image, or words":                                {"search", dir, "none.jpg"},
		"cannot be searched by words (\"a red bicycle\" is no file)":                         {"search", dir, "a red bicycle"},
		"--top 0: must be at least 1":                                                        {"search", dir, query, "-n", "0"},
		"--out x.jpg: must end in .png":                                                      {"search", dir, query, "--out", "x.jpg"},
		"was made with another precision: float32 of the model synthetic:nano, now bfloat16": {"search", dir, query, "--dtype", "bfloat16"},
		"was made with another model":                                                        {"search", dir, query, "-m", adaptors},
		"want one FOLDER that has an index; found 0 arguments":                               {"dups"},
		"--threshold 2: must be above 0, and at most 1":                                      {"dups", dir, "-t", "2"},
		"want the source mean, found [summary]":                                              {"dups", dir, "--by", "mean"},
	} {
		cradio(args...).fails(t, exitError, want)
	}
}

// TestIndexInterrupted: what was done can be searched.
func TestIndexInterrupted(t *testing.T) {
	dir := shapes(t, "4")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := cradioWith(ctx, "", "index", dir, "-m", "synthetic:nano", "--size", "32")
	o.fails(t, exitInterrupted, "interrupted")
	require.False(t, features.IsStore(dir+".index"))
}

// TestReadOnlyIndex: an index on a disk that cannot be written to is searched.
func TestReadOnlyIndex(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser writes everywhere")
	}
	dir := indexed(t)
	require.NoError(t, filepath.WalkDir(dir+".index", func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		t.Cleanup(func() { os.Chmod(path, 0o755) })
		return os.Chmod(path, 0o555)
	}))
	cradio("search", dir, someOf(t, dir)[0]).succeeds(t)
	cradio("dups", dir).succeeds(t)
	require.NoError(t, os.Remove(someOf(t, dir)[0]))
	cradio("index", dir).fails(t, exitError, "the folder is read-only: make it writable or choose another folder")
}

func TestIndexExport(t *testing.T) {
	dir := indexed(t)
	out := t.TempDir()
	o := cradio("index", "export", dir, "--to", filepath.Join(out, "photos.jsonl"))
	o.succeeds(t)
	require.Equal(t, filepath.Join(out, "photos.jsonl")+": 8 vectors of 192 numbers\n", o.stdout)
	require.FileExists(t, filepath.Join(out, "photos.jsonl"))
	cradio("index", "export", dir+".index", "--to", filepath.Join(out, "clip")+"/").succeeds(t)
	require.FileExists(t, filepath.Join(out, "clip", "metadata", "metadata_0.parquet"))
	cradio("index", "export", dir, "--to", "photos").fails(t, exitError, `--to: "photos" is no target: want one of X.jsonl`)
	cradio("index", "export", dir).fails(t, exitError, "--to TARGET is missing")
	cradio("index", "export", dir, "--to", "x.jsonl", "--by", "mean").fails(t, exitError, "want the source mean, found [summary]")
}

// TestSearchTeacher: words are compared by the tower of the adaptor's teacher only.
func TestSearchTeacher(t *testing.T) {
	dir, tower := shapes(t, "4"), smallTower(t)
	model := wideFeatures(t, map[string]any{"type": "open_clip", "model": "ViT-H-14-378-quickgelu", "pretrained": "dfn5b"})
	cradio("index", dir, "-m", model, "--adaptor", "clip", "--text", tower, "--size", "32").succeeds(t)
	cradio("search", dir, "a red bicycle").fails(t, exitError, "this text tower is not that of the teacher of adaptor clip")
	cradio("search", dir, "a red bicycle", "--other-tower").succeeds(t)
}
