package features_test

import (
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// FuzzSet: any text is a set or an error.
func FuzzSet(f *testing.F) {
	dir := f.TempDir()
	filled(f, dir, recipe(features.Float32), whole, 1)
	set := contents(f, dir)["set.jsonl"]
	f.Add([]byte(set))
	f.Add([]byte(set[:len(set)/2]))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := features.ParseSet(text)
		if err != nil {
			require.Contains(t, err.Error(), "set.jsonl")
			return
		}
		require.LessOrEqual(t, n, len(text))
	})
}

// FuzzIndex: any bytes are an index or an error.
func FuzzIndex(f *testing.F) {
	r := recipe(features.BFloat16)
	good := append(features.IndexHeader(&r), features.IndexRecord(&r, sum(0))...)
	f.Add(good, false)
	f.Add(good[:len(good)-1], true)
	f.Add(good[:63], false)
	f.Fuzz(func(t *testing.T, text []byte, repair bool) {
		n, err := features.ParseIndex(text, &r, repair)
		if err != nil {
			require.Contains(t, err.Error(), filepath.Base("index"))
			return
		}
		require.LessOrEqual(t, n*recordBytes, len(text))
	})
}

// FuzzPlainLine: a line that the fast parser reads is the same to the strict one.
func FuzzPlainLine(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	for _, seed := range []string{
		`{"path":"a.jpg","sha256":"` + sum + `","stamp":{"size":1,"modified":1786000000123456789,"changed":9223372036854775807,"inode":4}}`,
		`{"path":"ä \"b\".jpg","sha256":"` + sum + `","stamp":{"size":01,"modified":2,"changed":3,"inode":4}}`,
		`{"path":"a","sha256":"` + sum + `","stamp":{"size":1,"modified":-2,"changed":3,"inode":18446744073709551615}}`,
		`{"path":"","sha256":"` + sum + `","stamp":{"size":1}}`,
	} {
		f.Add(seed + "\n")
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Count(line, "\n") != 1 {
			return
		}
		fast, strict, plain, err := features.ParseLine([]byte(line))
		if plain {
			require.NoError(t, err)
			require.Equal(t, strict, fast)
		}
	})
}
