package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree makes files, and folders where a name ends in /; "a -> b" is a link.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name, target, link := strings.Cut(name, " -> ")
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		switch {
		case link:
			if err := os.Symlink(target, path); err != nil {
				t.Skip("this system makes no links")
			}
		case strings.HasSuffix(name, "/"):
			require.NoError(t, os.MkdirAll(path, 0o755))
		default:
			require.NoError(t, os.WriteFile(path, nil, 0o644))
		}
	}
	return dir
}

// found runs gather, and gives what it finds below dir, and what it says.
func found(t *testing.T, dir string, args ...string) (names []string, in *inputs, said string) {
	t.Helper()
	cmd := newRoot()
	cmd.SetContext(t.Context())
	var stderr bytes.Buffer
	cmd.SetErr(&stderr)
	require.NoError(t, setLog(cmd, "info"))
	in, err := gather(cmd, args)
	require.NoError(t, err)
	names = []string{}
	for _, name := range in.names {
		rel, err := filepath.Rel(dir, name)
		require.NoError(t, err)
		names = append(names, filepath.ToSlash(rel))
	}
	return names, in, strings.ReplaceAll(stderr.String(), dir, "DIR")
}

// TestFolders: links are followed, each real folder once, under its own path if it has one.
func TestFolders(t *testing.T) {
	for name, c := range map[string]struct {
		tree, want []string
		failed     []string
		says       string
	}{
		"a link to a folder": {[]string{"real/a.png", "photos -> real", "photos2/x.jpg"}, []string{"photos2/x.jpg", "real/a.png"}, nil, "DIR: 2 images\n"},
		"loops":              {[]string{"a/b/x.png", "a/b/up -> ..", "a/self -> .", "z -> a/b", "a/root -> .."}, []string{"a/b/x.png"}, nil, "DIR: 1 image\n"},
		"two links":          {[]string{"../out/x.png", "l1 -> ../out", "l2 -> ../out", "l1x -> l1"}, []string{"l1/x.png"}, nil, ""},
		"a link to a file":   {[]string{"a.png", "b.png -> a.png"}, []string{"a.png", "b.png"}, nil, ""},
		"broken links":       {[]string{"a.png", "b.png -> none", "c -> none", "d -> d", ".e -> none"}, []string{"a.png"}, []string{"b.png", "c", "d"}, "DIR: 1 image\n"},
		"names of all kinds": {[]string{"a.JFIF", "b.jif", "c.apng", "d.pbm", "e.Pgm", "f.pnm", "g.ppm", "h.mpo", "i.JPEG", "j.tiff", ".hidden.png", ".dir/a.png"},
			[]string{"a.JFIF", "b.jif", "c.apng", "d.pbm", "e.Pgm", "f.pnm", "g.ppm", "h.mpo", "i.JPEG", "j.tiff"}, nil, "DIR: 10 images\n"},
		"left out": {[]string{"a.png", "x.txt", "b.HEIC", "in/c.heic", "d.avif", "e", "Makefile", "f.mp4", "g.mp4", "h.mp4"}, []string{"a.png"}, nil,
			"DIR: 1 image; left out: 2 .heic (convert them: magick mogrify -format png *.heic), 1 .avif (convert them: magick mogrify -format png *.avif), 3 .mp4, 2 without extension, 1 .txt\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, append([]string{"top/"}, prefixed("top/", c.tree)...)...)
			dir = filepath.Join(dir, "top")
			names, in, said := found(t, dir, dir)
			require.Equal(t, c.want, names)
			var failed []string
			for _, f := range in.failures {
				failed = append(failed, filepath.Base(f.Path))
				require.Contains(t, f.Error, f.Path)
			}
			require.Equal(t, c.failed, failed)
			require.Contains(t, said, c.says)
		})
	}
}

func prefixed(prefix string, names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, prefix+name)
	}
	return list
}

// TestLinkGiven: a folder that is itself a link.
func TestLinkGiven(t *testing.T) {
	dir := tree(t, "real/a.png", "link -> real")
	names, _, _ := found(t, dir, filepath.Join(dir, "link"))
	require.Equal(t, []string{"link/a.png"}, names)
}

// TestManyKinds: a long list is cut, and not in silence.
func TestManyKinds(t *testing.T) {
	l := leftOut{}
	for i := range 20 {
		l[fmt.Sprintf(".x%02d", i)] = 2
	}
	require.True(t, strings.HasSuffix(l.String(), ", 2 .x11, 16 of 8 other kinds"), l.String())
}

// TestUnreadableFolder: one failure among others.
func TestUnreadableFolder(t *testing.T) {
	dir := tree(t, "a.png", "locked/b.png", "open/c.png")
	s := newSearch(t.Context())
	s.readDir = func(path string) ([]fs.DirEntry, error) {
		if filepath.Base(path) == "locked" {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return os.ReadDir(path)
	}
	require.NoError(t, s.folder(dir))
	require.Equal(t, []string{filepath.Join(dir, "a.png"), filepath.Join(dir, "open", "c.png")}, s.found)
	require.Len(t, s.failures, 1)
	require.Contains(t, s.failures[0].Error, "locked: permission denied")
	require.Error(t, newSearch(t.Context()).folder(filepath.Join(dir, "none")))
}

// TestUnfollowable: a folder's broken link fails, the rest is written, and the status is 1.
func TestUnfollowable(t *testing.T) {
	dir := tree(t, "broken -> none")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.jpg"), read(t, picture("gray.jpg")), 0o644))
	out := filepath.Join(t.TempDir(), "x.jsonl")
	o := cradio(nano("embed", dir, "-s", "16", "-o", out)...)
	o.fails(t, exitFailed, "1 of 2 images failed")
	require.Contains(t, o.stderr, "cradio: skipped: stat "+filepath.Join(dir, "broken"))
	require.Len(t, lines(t, string(read(t, out))), 1)
	cradio(nano("embed", dir, "-s", "16", "-o", out, "--strict")...).fails(t, exitFailed, "(stopped there: --strict)")

	only := tree(t, "broken -> none")
	none := filepath.Join(t.TempDir(), "x.npz")
	cradio(nano("embed", only, "-o", none)...).fails(t, exitFailed, "1 of 1 image failed: no file was written")
	require.Empty(t, left(t, filepath.Dir(none)))
}

func TestPatterns(t *testing.T) {
	dir := tree(t, "a.png", "b.JPG", "c.txt", "d.heic", ".h.png", ".hid/x.png", "deep/a.png", "deep/x/b.png", "deep/x/y/c.png", "deep/x/y/c.gif",
		"deep/.t/d.png", "link -> deep", "one[1].png", "folder.png/in.gif", "raw/p.gif", "raw/p.dat", "deep/raw/q.gif", "back\\slash.gif")
	for text, want := range map[string]string{
		"*":                     "a.png b.JPG back\\slash.gif deep/a.png deep/raw/q.gif deep/x/b.png deep/x/y/c.gif deep/x/y/c.png folder.png/in.gif one[1].png raw/p.gif",
		"*.*":                   "a.png b.JPG back\\slash.gif folder.png/in.gif one[1].png",
		"*.png":                 "a.png folder.png/in.gif one[1].png",
		".*.png":                ".h.png",
		"deep/**/*.png":         "deep/a.png deep/x/b.png deep/x/y/c.png",
		"deep/**":               "deep/a.png deep/raw/q.gif deep/x/b.png deep/x/y/c.gif deep/x/y/c.png",
		"./**/c.*":              "deep/x/y/c.gif deep/x/y/c.png",
		"**/y/*.{png,gif}":      "deep/x/y/c.gif deep/x/y/c.png",
		"{a,deep/a}.png":        "a.png deep/a.png",
		"deep/*/*.png":          "deep/x/b.png",
		"**/raw":                "deep/raw/q.gif raw/p.gif",
		"raw/*.dat":             "raw/p.dat",
		"**/*.heic":             "d.heic",
		"lin[k]/*.png":          "link/a.png",
		"deep/?/[a-c].[!g]ng":   "deep/x/b.png",
		"one[1].png":            "one[1].png", // there is a file of that name
		"deep/../deep/x/*.png":  "deep/x/b.png",
		"l*/**/c.png":           "link/x/y/c.png",
		`deep/x/\b.*`:           "deep/x/b.png",
		"deep//x//*.png":        "deep/x/b.png",
		"{deep/**/c,raw/p}.gif": "deep/x/y/c.gif raw/p.gif",
	} {
		if runtime.GOOS == "windows" && strings.Contains(text, `\`) {
			continue
		}
		t.Run(text, func(t *testing.T) {
			names, _, _ := found(t, dir, dir+"/"+text)
			require.Equal(t, want, strings.Join(names, " "))
		})
	}
	t.Run("from where the program runs", func(t *testing.T) {
		t.Chdir(dir)
		_, in, _ := found(t, "/", filepath.Join(dir, "a.png"))
		require.Len(t, in.names, 1)
		cmd := newRoot()
		cmd.SetContext(t.Context())
		cmd.SetErr(&bytes.Buffer{})
		for text, want := range map[string][]string{"d*/**/c.png": {"deep/x/y/c.png"}, "**/c.png": {"deep/x/y/c.png"}, "?.png": {"a.png"}} {
			in, err := gather(cmd, []string{text})
			require.NoError(t, err)
			require.Equal(t, want, in.names)
		}
	})
	for text, want := range map[string]string{
		"*.xyz":   "no images match",
		"no/*":    "no images match",
		"c.[tx]*": "left out: 1 .txt",
		"{a":      "a [ or { is not closed",
	} {
		cradio("embed", dir+"/"+text).fails(t, exitError, want)
	}
}

// TestLists: folders in them are searched, what fails is one of many, duplicates stay.
func TestLists(t *testing.T) {
	dir := tree(t, "in/a.png", "in/b.txt", "empty/", "c.png")
	list := file(t, "list.txt", []byte(strings.Join([]string{dir + "/c.png", dir + "/in", dir + "/c.png", dir + "/empty", dir + "/no.png"}, "\n")))
	names, in, said := found(t, dir, "@"+list)
	require.Equal(t, []string{"c.png", "in/a.png", "c.png", "no.png"}, names)
	require.Contains(t, said, "in: 1 image; left out: 1 .txt")
	require.Len(t, in.failures, 1)
	require.Contains(t, in.failures[0].Error, "no images in this folder")

	cradio("embed", "@"+picture("gray.jpg")).fails(t, exitError, "gray.jpg: holds a JPEG image, not a path on each line; give an image without the @")
	cradio("embed", "@-", "-").fails(t, exitError, "standard input can be one image or one list")
	cradio("embed", "").fails(t, exitError, `an IMAGE is empty ("")`)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "-"), read(t, picture("gray.jpg")), 0o644))
	t.Chdir(dir)
	o := cradioWith(t.Context(), "-\n", nano("embed", "@-", "-s", "16", "--json")...)
	o.succeeds(t)
	require.Equal(t, "./-", lines(t, o.stdout)[0].Path)
}

// TestGivenByName: a file is read whatever it is called.
func TestGivenByName(t *testing.T) {
	cradio(nano("embed", file(t, "photo.dat", read(t, picture("gray.jpg"))), "-s", "16")...).succeeds(t)
}

func TestSeenFolders(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	var s seenFolders
	info := func(path string) fs.FileInfo {
		i, err := os.Stat(path)
		require.NoError(t, err)
		return i
	}
	require.True(t, s.add(info(a)))
	require.True(t, s.add(info(b)))
	require.False(t, s.add(info(a)))
	other := seenFolders{rest: []fs.FileInfo{info(a)}} // as where there are no inodes
	require.False(t, other.addSlow(info(a)))
	require.True(t, other.addSlow(info(b)))
}
