package pathlist

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// image is an image file of the tests of radio/image.
func image(t *testing.T, name string) string {
	data, err := os.ReadFile(filepath.Join("../../../../conformance/images", name))
	require.NoError(t, err)
	return string(data)
}

// utf16Text is text as UTF-16, little-endian or big-endian.
func utf16Text(text string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// TestSplit: whatever a system writes paths with.
func TestSplit(t *testing.T) {
	ab := []string{"a.jpg", "sub dir/ünï.jpg"}
	const text = "a.jpg\nsub dir/ünï.jpg\n"
	dos := strings.ReplaceAll(text, "\n", "\r\n")
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"plain":                  {text, ab},
		"no newline at the end":  {strings.TrimSuffix(text, "\n"), ab},
		"CRLF":                   {dos, ab},
		"CR":                     {strings.ReplaceAll(text, "\n", "\r"), ab},
		"blank lines":            {"\n \n" + dos + "\r\n\n", ab},
		"BOM":                    {"\ufeff" + dos, ab},
		"UTF-16 LE":              {"\xff\xfe" + utf16Text(dos, false), ab},
		"UTF-16 BE":              {"\xfe\xff" + utf16Text(dos, true), ab},
		"UTF-16 LE, no BOM":      {utf16Text(dos, false), ab},
		"UTF-16 BE, no BOM":      {utf16Text(text, true), ab},
		"one line, UTF-16":       {utf16Text("a.jpg", false), ab[:1]},
		"Chinese, UTF-16":        {utf16Text("照片.jpg\n图😀.jpg", false), []string{"照片.jpg", "图😀.jpg"}},
		"Cyrillic, UTF-16":       {utf16Text("фотографии/снимок.jpg\nфотографии/снимки.jpg\n", true), []string{"фотографии/снимок.jpg", "фотографии/снимки.jpg"}},
		"NUL":                    {"a.jpg\x00sub dir/ünï.jpg\x00", ab},
		"NUL, none at the end":   {"a.jpg\x00sub dir/ünï.jpg", ab},
		"NUL, newlines in names": {"a\nb.jpg\x00c\x00", []string{"a\nb.jpg", "c"}},
		"NUL, names of a length": {"img01.png\x00img02.png\x00", []string{"img01.png", "img02.png"}},
		"NUL, one name":          {"img1.png\x00", []string{"img1.png"}},
		"spaces are kept":        {" a.jpg \n", []string{" a.jpg "}},
		"bytes are kept":         {"caf\xe9.jpg\n", []string{"caf\xe9.jpg"}},
		"a name like a file's":   {"BMW/a.jpg\nGIF/b.gif\nRIFF/c\n", []string{"BMW/a.jpg", "GIF/b.gif", "RIFF/c"}},
		"a control character":    {"a\x1b[31m.jpg\n", []string{"a\x1b[31m.jpg"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Split([]byte(c.data))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	for want, data := range map[string]string{
		"is empty":                      "",
		"is empty; want a path":         "\ufeff\r\n",
		"UTF-32":                        "\xff\xfe\x00\x00a\x00\x00\x00",
		"an odd number of bytes":        "\xff\xfea\x00b",
		"invalid UTF-16":                "\xff\xfea\x00\x00\xd8b\x00",
		"path 2 has 40000 bytes":        "a\n" + strings.Repeat("x", 40000),
		"a zip archive":                 "PK\x03\x04",
		"binary data":                   strings.Repeat("\x01\x02abc\xff", 100),
		"a PBM, PGM or PPM image":       "P6\n# made by hand\n1 1\n255\nabc",
		"a HEIC or AVIF image":          "\x00\x00\x00\x18ftypheic",
		"a JPEG image, not a path on e": image(t, "gray.jpg"),
		"a PNG image":                   image(t, "rgba.png"),
		"a GIF image":                   image(t, "plain.gif"),
		"a WebP image":                  image(t, "lossy.webp"),
	} {
		_, err := Split([]byte(data))
		require.ErrorContains(t, err, want)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("a.jpg\r\nb\n"))
	f.Add([]byte("\xff\xfea\x00\n\x00"))
	f.Add([]byte("a\x00b\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		names, err := Split(data)
		if err == nil {
			require.False(t, slices.Contains(names, ""))
		}
	})
}
