package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": [1, -0.5e+3, true, false, null, "x\u00e9\n\ud83d\ude00"], "b": {}}`: "",
		" \t\r\n0 ":                 "",
		`""`:                        "",
		``:                          "want JSON, found unexpected EOF at byte 0",
		`{"a"`:                      "want JSON, found unexpected EOF at byte 4",
		`{"a": 1,}`:                 `want JSON, found "}" at byte 8`,
		`[1 2]`:                     `want JSON, found "2" at byte 3`,
		`{1: 2}`:                    `want JSON, found "1" at byte 1`,
		`01`:                        `want nothing after the JSON value, found "1"`,
		`1.`:                        "EOF",
		`-`:                         "EOF",
		`1e+`:                       "EOF",
		`+1`:                        `want JSON, found "+" at byte 0`,
		`nul`:                       "EOF",
		`nulL`:                      `found "L" at byte 3`,
		"\"a\nb\"":                  `found "\n" at byte 2`,
		"\"\\n\nb\"":                `found "\n" at byte 3`,
		`"\x"`:                      `found "x" at byte 2`,
		`"\u12g4"`:                  `found "u" at byte 2`,
		`"\`:                        "EOF",
		`"\n`:                       "EOF",
		"{\"\xff\": 1}":             "want UTF-8 text, found other bytes",
		`{"a": 1, "\u0061": 2}`:     `want every key once, found key "a" twice`,
		`{"a": {"b": 1, "b": 2}}`:   `key "b" twice`,
		`{"a": {"b": 1}, "b": 2}`:   "",
		`{} {}`:                     "want nothing after the JSON value, found {",
		`{} x`:                      `want JSON, found "x" at byte 3`,
		`[[[[[[[[0]]]]]]]]`:         "",
		`[[[[[[[[[0]]]]]]]]]`:       "want fewer objects and lists within each other, found one more at byte 8",
		`[{"a":[{"a":[{"a":[{"a":`:  "EOF",
		strings.Repeat("1", 200):    "want at most 150 bytes of JSON, found 200",
		`{` + many(30) + `}`:        "",
		`{` + many(30) + `,"7":0}`:  `key "7" twice`,
		`{` + many(30) + `,"29":0}`: `key "29" twice`,
	} {
		l := Limits{Bytes: 150, Depth: 8}
		if strings.HasPrefix(text, `{"0"`) {
			l = Limits{}
		}
		err := Check([]byte(text), l)
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want, text)
	}
	var e *Error
	require.ErrorAs(t, Check([]byte(`{"a":0,"a":1}`), Limits{}), &e)
	require.Equal(t, "a", e.Key)
	require.ErrorAs(t, Check([]byte(`{"":0,"":1}`), Limits{}), &e) // found by fuzzing
	require.True(t, e.Twice)
	require.Empty(t, e.Key)
	require.ErrorContains(t, Check([]byte(`[1, 2, 3] "`+strings.Repeat("x", 200)+`"`), Limits{}), "…")
	require.ErrorContains(t, Check(bytes.Repeat([]byte("["), 1<<20), Limits{}), "at byte 128")
}

// many are members of an object with so many keys.
func many(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"%d":0`, i))
	}
	return strings.Join(list, ",")
}

// TestReader: what comes is read, and another value is an error that shows it.
func TestReader(t *testing.T) {
	r, err := NewReader([]byte(` {"name": "w\u0021", "size": [1, 9223372036854775807], "none": null, "more": {"x": [{}]}} `), Limits{})
	require.NoError(t, err)
	var sizes []int64
	require.NoError(t, r.Object(func(key string) error {
		switch key {
		case "name":
			s, err := r.Text()
			require.Equal(t, "w!", s)
			return err
		case "size":
			return r.Array(func() error {
				n, err := r.Natural()
				sizes = append(sizes, n)
				return err
			})
		case "none":
			return r.ObjectOrNull(nil)
		}
		return r.Skip()
	}))
	require.NoError(t, r.End())
	require.Equal(t, []int64{1, 1<<63 - 1}, sizes)

	for text, want := range map[string]string{
		`[`:                   "found [",
		`{}`:                  "found {",
		`"seven"`:             `found "seven"`,
		`null`:                "found null",
		`true`:                "found true",
		`-1`:                  `found "-1"`,
		`1.0`:                 `found "1.0"`,
		`9223372036854775808`: `found "9223372036854775808"`,
		`tru`:                 "want JSON",
		``:                    "want JSON",
	} {
		for name, read := range map[string]func(r *Reader) error{
			"natural": func(r *Reader) error { _, err := r.Natural(); return err },
			"text":    func(r *Reader) error { _, err := r.Text(); return err },
			"object":  func(r *Reader) error { return r.Object(func(string) error { return r.Skip() }) },
			"array":   func(r *Reader) error { return r.Array(r.Skip) },
			"either":  func(r *Reader) error { return r.ObjectOrNull(func(string) error { return r.Skip() }) },
		} {
			r, err := NewReader([]byte(text), Limits{})
			require.NoError(t, err)
			if name == "text" && strings.HasPrefix(text, `"`) || name == "object" && text == "{}" || name == "either" && (text == "{}" || text == "null") {
				require.NoError(t, read(r), text)
				continue
			}
			if name == "array" && text == "[" {
				require.ErrorContains(t, read(r), "EOF")
				continue
			}
			require.ErrorContains(t, read(r), want, name+" of "+text)
		}
	}
}

// FuzzCheck: what is accepted is what encoding/json accepts, less what the package refuses.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-0.5e+3,true,false,null,"\u00e9\n"],"b":{}}`, `"\ud83d\ude00\ud83d"`, `[[[]]]`, "1 1", `{"a":0,"a":0}`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := Check(text, Limits{})
		if err == nil != json.Valid(text) {
			if err == nil {
				t.Fatalf("%q is not JSON", text)
			}
			e := err.(*Error)
			if !e.Twice && utf8.Valid(text) && !strings.HasPrefix(e.Want, "fewer") {
				t.Fatalf("%q is JSON: %v", text, err)
			}
		}
		if err != nil || len(bytes.TrimSpace(text)) == 0 || bytes.TrimSpace(text)[0] != '"' {
			return
		}
		r, err := NewReader(text, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Text(); err != nil || got != want {
			t.Fatalf("%q is %q, want %q (%v)", text, got, want, err)
		}
	})
}
