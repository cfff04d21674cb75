package pickle

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return b
}

// TestEveryProtocol: the values that Python wrote in each protocol are what Python says they are.
func TestEveryProtocol(t *testing.T) {
	var want map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(read(t, "values.json"), &want))
	for protocol := range highestProtocol + 1 {
		in := read(t, fmt.Sprintf("values%d.pickle", protocol))
		v, used, err := Load(in, Options{})
		require.NoError(t, err)
		require.Equal(t, len(in), used)
		values := v.(*Dict)
		require.Equal(t, len(want), values.Len())
		for name, value := range values.All() {
			got, err := JSON(value)
			require.NoError(t, err)
			require.JSONEq(t, string(want[name.(string)]), string(got), "protocol %d, %s", protocol, name)
		}
	}
}

func TestValues(t *testing.T) {
	for name, test := range map[string]struct {
		pickle string
		want   any
	}{
		"bytes":                 {"\x80\x03C\x02ab.", []byte("ab")},
		"old text":              {"U\x02ab.", "ab"},
		"old bytes":             {"U\x02\xff\xfe.", []byte("\xff\xfe")},
		"old quotes":            {"S'it\\'s \\x41\\102\\q\\n'\n.", "it's AB\\q\n"},
		"big":                   {"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00\x8a\x01\xff\x86.", nil},
		"negative":              {"\x8a\x01\xff.", int64(-1)},
		"no bytes":              {"\x8a\x00.", int64(0)},
		"long with L":           {"L12L\n.", int64(12)},
		"memo with gaps":        {"K\x05q\x05K\x06q\x000h\x05.", int64(5)},
		"memoize after a gap":   {"K\x05\x94K\x06\x940h\x00.", int64(5)},
		"pop a mark":            {"K\x01(0.", int64(1)},
		"pop to a mark":         {"K\x01(K\x02K\x031.", int64(1)},
		"duplicate":             {"K\x012\x86.", Tuple{int64(1), int64(1)}},
		"instance":              {"(iargparse\nNamespace\n}(U\x01aK\x01ub.", nil},
		"object":                {"(cargparse\nNamespace\no.", nil},
		"reconstructed":         {"ccopy_reg\n_reconstructor\n(cargparse\nNamespace\nc__builtin__\nobject\nNtR.", nil},
		"frames are no promise": {"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x07.", int64(7)},
	} {
		t.Run(name, func(t *testing.T) {
			v, used, err := Load([]byte(test.pickle+"rest"), Options{})
			require.NoError(t, err)
			require.Equal(t, len(test.pickle), used)
			if test.want != nil {
				require.Equal(t, test.want, v)
			}
		})
	}
}

// TestRefused: names of functions are refused by name, however they are asked for, and before anything is made of them.
func TestRefused(t *testing.T) {
	for _, pickle := range []string{
		"cposix\nsystem\n(S'id'\ntR.",
		"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
		"(S'id'\niposix\nsystem\n.",
		"(cposix\nsystem\nS'id'\no.",
		"cposix\nsystem\n(S'id'\nt\x81.",
		"cposix\nsystem\n.", // only named
	} {
		_, _, err := Load([]byte(pickle), Options{})
		require.ErrorIs(t, err, ErrRefused, "%q", pickle)
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "posix.system", e.Global)
		require.ErrorContains(t, err, `"posix.system"`)
	}
	for _, name := range []string{"os\nsystem", "nt\nsystem", "builtins\neval", "builtins\nexec", "builtins\ngetattr", "__builtin__\neval",
		"builtins\n__import__", "subprocess\nPopen", "functools\npartial", "operator\nattrgetter", "torch\nload", "numpy\nload",
		"webbrowser\nopen", "runpy\n_run_code", "copyreg\nadd_extension", "copyreg\n__reduce_ex__", "builtins\nobject.__reduce__",
		"collections\nOrderedDict.__class__", "argparse\nNamespace.__init__", "_codecs\ndecode", "\n", "builtins\nset\x00"} {
		_, _, err := Load([]byte("c"+name+"\n."), Options{})
		require.ErrorIs(t, err, ErrRefused, name)
	}
	// A chain that reaches for a function through what is known.
	for _, pickle := range []string{
		"cbuiltins\nint\n(K\x05tR.",
		"ccopyreg\n__newobj__\n(ccopyreg\n__newobj__\ncbuiltins\nset\ntR.",
		"ccopyreg\n_reconstructor\n(ccopyreg\n_reconstructor\ncbuiltins\nobject\nNtR.",
		"K\x01(tR.", "N(tR.", "(tR.", "cargparse\nNamespace\n)R(K\x01K\x02tb.", "]K\x01b.", "cbuiltins\nset\n}b.",
	} {
		_, _, err := Load([]byte(pickle), Options{})
		require.Error(t, err, "%q", pickle)
	}
}

func TestBroken(t *testing.T) {
	for name, test := range map[string]struct{ pickle, want string }{
		"empty":                   {"", "cut short"},
		"no end":                  {"N", "cut short"},
		"nothing to stop with":    {".", "a value on the stack"},
		"no instruction":          {"\xff", "byte 0xff"},
		"protocol 6":              {"\x80\x06N.", "protocol 6"},
		"long frame":              {"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "cut short"},
		"long text":               {"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.", "9223372036854775807 bytes"},
		"long bytes":              {"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "cut short"},
		"long integer":            {"\x8b\xff\xff\xff\x7f.", "at most 4096 bytes"},
		"many digits":             {"L" + strings.Repeat("9", 5000) + "\n.", "an integer"},
		"line without end":        {"I12", "a line"},
		"text without quotes":     {"Sabc\n.", "in quotes"},
		"half an escape":          {"Va\\u12\n.", "digits after"},
		"no number":               {"Ix\n.", "an integer"},
		"no float":                {"Fx\n.", "a number"},
		"no mark":                 {"t.", "a mark"},
		"below the mark":          {"N(0\x85.", ""},
		"pop under a mark":        {"K\x01(a.", "a value on the stack"},
		"memo":                    {"h\x05.", "none with number 5"},
		"append to a number":      {"K\x01K\x02a.", "want a list, found an int"},
		"key without value":       {"}(K\x01u.", "a value for every key"},
		"a list as a key":         {"}]K\x01s.", "cannot be a key"},
		"a deep key":              {"}" + strings.Repeat("(", 20) + strings.Repeat("t", 20) + "K\x01s.", "nested more than 8 deep"},
		"extension":               {"\x82\x01.", "registry"},
		"buffer":                  {"\x97.", "outside"},
		"persistent":              {"K\x01Q.", "outside the pickle"},
		"zeros of a bytearray":    {"c__builtin__\nbytearray\n(J\xff\xff\xff\x7ftR.", "unsupported arguments"},
		"keywords":                {"cbuiltins\nset\n)}K\x01K\x02s\x92.", "by keyword"},
		"long name":               {"c" + strings.Repeat("a", 1000) + "\nb\n.", "a name of at most"},
		"numpy with too few data": {"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(U\x02f8tRU\x01xtR.", "do not fit its shape"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Load([]byte(test.pickle), Options{})
			if test.want == "" {
				return
			}
			require.ErrorContains(t, err, test.want)
			var e *Error
			require.ErrorAs(t, err, &e)
		})
	}
}

// TestBounds: what small pickles blow up to is bounded, and found out quickly.
func TestBounds(t *testing.T) {
	small := Options{MaxMemory: 1 << 20}
	for name, pickle := range map[string]string{
		"copies of a list":      "](" + strings.Repeat("K\x01", 1000) + "eq\x000" + strings.Repeat("cbuiltins\nlist\nh\x00\x85R0", 1000) + "N.",
		"copies of a dict":      "}(" + numbered(1000) + "uq\x000" + strings.Repeat("ccollections\nOrderedDict\nh\x00\x85R0", 1000) + "N.",
		"copies of attributes":  "}(" + numbered(1000) + "uq\x000" + strings.Repeat("cargparse\nNamespace\n)Rh\x00b0", 1000) + "N.",
		"copies of bytes":       "X\x00\x10\x00\x00" + strings.Repeat("a", 4096) + "q\x000" + strings.Repeat("c_codecs\nencode\nh\x00U\x06latin1\x86R0", 1000) + "N.",
		"long keys":             "X\x00\x10\x00\x00" + strings.Repeat("a", 4096) + "q\x000}(" + strings.Repeat("h\x00\x85N", 1000) + "u.",
		"many marks":            strings.Repeat("(", 1<<20) + ".",
		"many values":           strings.Repeat("N", 1<<20) + ".",
		"many kept":             "N" + strings.Repeat("\x94", 1<<20) + ".",
		"many deep":             strings.Repeat("]", 1<<20) + ".",
		"a path of a long text": "X\x00\x10\x00\x00" + strings.Repeat("a", 4096) + "q\x000cpathlib\nPath\n(" + strings.Repeat("h\x00", 1000) + "tR.",
	} {
		_, _, err := Load([]byte(pickle), small)
		require.ErrorContains(t, err, "memory bound", name)
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "I%d\nN", i)
	}
	return b.String()
}

func TestJSONBounds(t *testing.T) {
	load := func(pickle string) any {
		v, _, err := Load([]byte(pickle), Options{})
		require.NoError(t, err)
		return v
	}
	for name, test := range map[string]struct{ pickle, want string }{
		"a list in itself":        {"]\x94h\x00a.", "a list in it contains itself"},
		"a dict in itself":        {"}\x94U\x01ah\x00s.", "a dict in it contains itself"},
		"through a tuple":         {"]\x94h\x00\x85a.", "contains itself"},
		"through a namespace":     {"cargparse\nNamespace\n)R\x94}U\x01ah\x00sb.", "contains itself"},
		"nested":                  {strings.Repeat("]", 200) + strings.Repeat("a", 199) + ".", "more than 100 deep"},
		"a billion laughs":        {")" + strings.Repeat("\x94h\x00\x86", 0) + laughs(60) + ".", "more than 16777216 bytes"},
		"a text many times":       {"X\x00\x00\x10\x00" + strings.Repeat("a", 1<<20) + "\x940(" + strings.Repeat("h\x00", 100) + "t.", "more than 16777216 bytes"},
		"a key many times":        {"X\x00\x00\x10\x00" + strings.Repeat("a", 1<<20) + "\x940}h\x00Ns\x940(" + strings.Repeat("h\x01", 100) + "t.", "more than 16777216 bytes"},
		"tuples as keys are told": {"}(K\x01NU\x011NM\x01\x00Nu.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := JSON(load(test.pickle))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
	text, err := JSON(load("}(K\x01U\x01aU\x011U\x01bu."))
	require.NoError(t, err)
	require.Equal(t, `{"1 (an int)":"a","1":"b"}`, string(text))
	text, err = JSON(load("(U\x03<&>ccollections\nOrderedDict\nt."))
	require.NoError(t, err)
	require.Equal(t, `["<&>","collections.OrderedDict"]`, string(text))
}

// laughs is a tuple of a tuple twice, so many deep.
func laughs(deep int) string {
	var b strings.Builder
	b.WriteString("K\x01")
	for range deep {
		b.WriteString("2\x86")
	}
	return b.String()
}

// TestDict: keys that Python takes for the same are one, in their first place.
func TestDict(t *testing.T) {
	v, _, err := Load([]byte("}(K\x01U\x01a\x88U\x01bG\x3f\xf0\x00\x00\x00\x00\x00\x00U\x01cU\x011U\x01du."), Options{})
	require.NoError(t, err)
	d := v.(*Dict)
	require.Equal(t, 2, d.Len())
	got, ok := d.Get("1")
	require.True(t, ok)
	require.Equal(t, "d", got)
	_, ok = d.Get("absent")
	require.False(t, ok)
	for key, value := range d.All() {
		require.Equal(t, int64(1), key)
		require.Equal(t, "c", value)
		break
	}
	require.NoError(t, d.Set(Tuple{"x", int64(1)}, nil))
	require.NoError(t, d.Set(Tuple{"x", true}, nil))
	require.Equal(t, 3, d.Len())
	require.Error(t, d.Set(&List{}, nil))
}

func TestGlobalsAndPersistent(t *testing.T) {
	opt := Options{
		Globals: func(name string) (any, bool) {
			return &Global{Name: name, New: func(args Tuple) (any, error) { return len(args), nil }}, name == "a.b"
		},
		Persistent: func(id any) (any, error) {
			if id == "x" {
				return nil, fmt.Errorf("no such thing")
			}
			return id, nil
		},
	}
	v, _, err := Load([]byte("ca\nb\n(NNtRK\x05QPtext\n\x87."), opt)
	require.NoError(t, err)
	require.Equal(t, Tuple{2, int64(5), "text"}, v)
	_, _, err = Load([]byte("Px\n."), opt)
	require.ErrorContains(t, err, "no such thing")
	_, _, err = Load([]byte("ca\nc\n."), opt)
	require.ErrorIs(t, err, ErrRefused)
}

// FuzzLoad, whose seeds are short for the fuzzer's sake: any bytes give values or an error, within the bound; what JSON writes of them is JSON.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"cposix\nsystem\n(S'id'\ntR.", "]\x94h\x00a.", ")" + laughs(9) + ".", "(K\x01U\x01ad.", "L-5L\n.",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01(K\x01tcnumpy\ndtype\n(U\x02i1tR\x89U\x01xtb.",
		"cdatetime\ndatetime\n(U\x0aabcdefghijtR.", "K\x01Q.",
		"\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94K\x01u.", "\x80\x05(\x8f\x94(M\x00\x01J\xff\xff\xff\xff\x90(N\x88\x91C\x01aB\x01\x00\x00\x00bt.",
		"(dp0\nVa\\u00e9\np1\nF1.5\nsS'b\\x41'\nI01\ns.", "ccollections\nOrderedDict\n]]U\x01aK\x01eaa\x85R}U\x01mNsb.",
		"cpathlib\nPosixPath\n(X\x01\x00\x00\x00/U\x01atR.", "c_codecs\nencode\n(X\x02\x00\x00\x00\xc3\xbfU\x06latin1tR.",
		"cdatetime\ntimezone\n(cdatetime\ntimedelta\n(J\xff\xff\xff\xffM\x10\x0eK\x00tRtR.", "}(N\x8a\x01\x05\x88\x8b\x00\x00\x00\x00K\x01\x85G\x3f\xf0\x00\x00\x00\x00\x00\x00u.",
		"ccopyreg\n_reconstructor\n(cargparse\nNamespace\ncbuiltins\nobject\nNtR."} {
		f.Add([]byte(seed))
	}
	opt := Options{MaxMemory: 1 << 20, Persistent: func(id any) (any, error) { return id, nil }}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, used, err := Load(in, opt)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		if used > len(in) {
			t.Fatalf("%d bytes of %d", used, len(in))
		}
		if text, err := JSON(v); err == nil && len(text) < 1<<16 && !json.Valid(text) {
			t.Fatalf("not JSON: %s", text)
		}
	})
}
