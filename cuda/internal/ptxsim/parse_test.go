package ptxsim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	m, err := Parse(`
// a comment; with { things } in it
.version 8.0
.target sm_90a, debug
.address_size 64
.file 1 "a \\ file.cu", 12, 34
/* another
   comment */
.global .align 8 .u64 g = 1;
.const .align 4 .b8 c[5] = {1, 255, -1};
.shared .align 16 .b8 module_shared[20];
.extern .shared .align 16 .b8 dynamic[];
.visible .entry first(
	.param .u32 first_param_0,
	.param .u64 .ptr .global .align 16 first_param_1,
	.param .align 64 .b8 first_param_2[128]
)
.maxntid 128, 1, 1
.minnctapersm 2
{
	.reg .b32 %r<3>, other;
	.pragma "nounroll";
	.loc 1 2 3
	mov.u32 %r0, -5; { .reg .b32 %r0; .shared .b8 own[3]; mov.u32 %r0, 7; }
	mov.u32 %r1, dynamic; @!%p0 bra $end;
	.reg .pred %p<1>;
$end:
	ret;
}
.entry second() { ret; }`)
	require.ErrorContains(t, err, "%p0 is not a predicate register", "registers are declared before they are used")
	require.Nil(t, m)

	m, err = Parse(`.version 8.0
.target sm_90a
.address_size 64
.shared .align 16 .b8 module_shared[20];
.extern .shared .align 16 .b8 dynamic[];
.visible .entry first(
	.param .u32 first_param_0,
	.param .u64 .ptr .global .align 16 first_param_1,
	.param .align 64 .b8 first_param_2[128]
)
.maxntid 128, 1, 1
{
	.shared .align 8 .b8 own[3];
	ret;
}
.entry second { ret; }`)
	require.NoError(t, err)
	require.Equal(t, "8.0", m.Version)
	require.Equal(t, "sm_90a", m.Target)
	k := m.Kernels["first"]
	require.Equal(t, 128, k.MaxThreads)
	require.Equal(t, []Param{{"first_param_0", 0, 4, 4}, {"first_param_1", 8, 8, 8}, {"first_param_2", 64, 128, 64}}, k.Params)
	require.Equal(t, dynamicAlign, k.Shared, "20 and 3 bytes, up to where dynamic memory begins")
	require.Equal(t, map[string]int{"ret": 1}, k.Opcodes)
	require.Len(t, m.Kernels, 2)
}

// What is wrong is named, with its line and its kernel.
func TestErrors(t *testing.T) {
	for body, message := range map[string]string{
		"frobnicate.u32 %d, %a;":               "ptx line 19, k: frobnicate.u32 %d, %a: instruction frobnicate.u32 is not known",
		"add.cc.u32 %d, %a, %b;":               "instruction add.cc.u32 is not known: modifier .cc",
		"add.u32 %d, %a;":                      "2 operands, want 3 to 3",
		"add.u32 %d, %a, %unknown;":            "special register %unknown of 32 bits is not known",
		"add.u32 %d, %a, unknown;":             `"unknown" is not a register, a symbol or a number`,
		"add.u32 %d, %a, %ad;":                 "%ad has 64 bits, want 32",
		"add.u64 %dd, %ad, %a;":                "%a has 32 bits, want 64",
		"add.u32 12, %a, %a;":                  `"12" is not a register of 32 bits`,
		"add.f16 %d, %a, %b;":                  "add has no type that is known",
		"setp.lt.f16 %p, %a, %b;":              "setp has no type that is known",
		"setp.ltu.s32 %p, %a, %b;":             "comparison ltu is not for this type",
		"setp.lt.and.s32 %p, %a, %b;":          "3 operands, want 4",
		"bra nowhere;":                         "there is no label nowhere",
		"$a: $a: ret;":                         "there are two labels $a",
		".reg .b32 %a;":                        "there are two registers %a",
		".reg .b32 %z<99999>;":                 "99999 registers, want at most 65536",
		".reg .b99 %z;":                        "type .b99 is not known",
		".shared .b8 s[99999999];":             "want a number below",
		".shared .b8 s[];":                     "s has no size",
		"ld.global.u32 %d, [%a];":              "%a has 32 bits, want an address of 64",
		"ld.global.v2.u32 %d, [%in];":          "1 elements, want 2",
		"ld.global.bf16 %h, [%in];":            "a type that memory does not have",
		"st.param.u32 [out], %d;":              "parameters and constants cannot be written",
		"ld.shared.u32 %d, [out];":             "out is in space param",
		"cvt.f32.s32 %d, %a;":                  "a conversion from an integer that does not round to the nearest",
		"cp.async.bulk.prefetch.L2 [%in], 16;": "cp has none of .tensor",
		"mov.u32 %d, %clock;":                  "special register %clock of 32 bits is not known",
		"call foo;":                            "instruction call is not known",
		"mov.u32 %d, %a":                       `found "", want ","`,
		"mov.u32 %d, [%a;":                     `found ";", want "]"`,
		"@%d ret;":                             "%d is not a predicate register",
		"\"":                                   "a string has no end",
	} {
		text := header + body + "\n}"
		if body == "mov.u32 %d, %a" {
			text = header + body
		}
		_, err := Parse(text)
		require.ErrorContains(t, err, message, body)
	}
	for text, message := range map[string]string{
		".version":          `found "", want a name`,
		".func f { ret; }":  `".func" is not known outside of a kernel`,
		".extern .func f;":  `declaration ".func" is not known`,
		".address_size 32":  "addresses of 32 bits, want 64",
		".entry k() { ret;": `the text ends in a kernel, want "}"`,
		".entry k() { ret; } .entry k() { ret; }": "there are two kernels of this name",
		".entry k() .maxblocks 3 { ret; }":        "directive .maxblocks is not known",
		".global .u32 x[];":                       "x has no size",
		".global .u32 x = y;":                     `initial value "y" is not a number`,
		".global .u32 x[1] = {1, 2};":             "one too many",
		".global .align 3 .u32 x;":                "an alignment is 3, want a power of two",
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, message, text)
	}
}

// Whatever the text, Parse returns, and what it accepts has branches that lead somewhere.
func FuzzParse(f *testing.F) {
	f.Add(header + "add.u32 %d, %a, 0x12; st.global.u32 [%out+4], %d;\n}")
	f.Add(header + "{ .reg .b32 %z<3>; $l: @!%p bra.uni $l; mov.b32 {%h, %g}, %a; }\n}")
	f.Add(header + ".shared .align 4 .b8 s[4]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%a, %a, %a, %a}, {%a, %a, %a, %a}, {%a, %a}, {%a, %a, %a, %a};}")
	f.Add(header + "shfl.sync.bfly.b32 %d|%p, %a, 1, 31, -1; setp.lt.and.s32 %p|%q, %a, %b, !%c; cp.async.cg.shared.global [%a], [%in], 16, %b;}")
	f.Add(".const .b8 c[2] = {1, -2}; .extern .shared .b8 d[]; .entry k(.param .align 8 .b8 p[3]) .maxntid 3, 4 { ret; }")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		m, err := Parse(text)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if err != nil {
			return
		}
		for _, k := range m.Kernels {
			for _, in := range k.code {
				if in.target < 0 || in.target >= len(k.code) {
					t.Fatalf("%s: target %d of %d", in.text, in.target, len(k.code))
				}
				if in.run == nil && in.kind != branch && in.kind != exit {
					t.Fatalf("%s does nothing", in.text)
				}
			}
		}
	})
}

// A real text, as NVRTC writes them, is read in full.
func BenchmarkParse(b *testing.B) {
	files, err := filepath.Glob("../../kernels/*.ptx")
	require.NoError(b, err)
	var texts []string
	n := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(b, err)
		texts = append(texts, string(data))
		n += len(data)
	}
	require.NotEmpty(b, texts)
	b.SetBytes(int64(n))
	for b.Loop() {
		_, err := Parse(texts[0])
		require.NoError(b, err)
		for _, text := range texts[1:] {
			_, err := Parse(strings.Clone(text))
			require.NoError(b, err)
		}
	}
}
