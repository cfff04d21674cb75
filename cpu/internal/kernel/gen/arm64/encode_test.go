package arm64

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Words that an assembler makes.
func TestEncode(t *testing.T) {
	for text, want := range map[string]uint32{
		"fmla v31.4s, v1.4s, v2.4s":       0x4e22cc3f,
		"fmla v1.4s, v2.4s, v19.s[3]":     0x4fb31841,
		"fmla v0.2d, v1.2d, v2.d[1]":      0x4fc21820,
		"smlal2 v1.4s, v2.8h, v15.h[5]":   0x4f5f2841,
		"sdot v8.4s, v9.16b, v30.4b[2]":   0x4f9ee928,
		"smmla v8.4s, v9.16b, v10.16b":    0x4e8aa528,
		"bfmmla v8.4s, v9.8h, v10.8h":     0x6e4aed28,
		"bfcvtn2 v1.8h, v2.4s":            0x4ea16841,
		"fcvtzu v1.4s, v2.4s, #23":        0x6f29fc41,
		"shl v1.4s, v2.4s, #23":           0x4f375441,
		"dup v5.4s, v6.s[2]":              0x4e1404c5,
		"mov v5.s[1], v6.s[3]":            0x6e0c64c5,
		"mov v7.16b, v8.16b":              0x4ea81d07,
		"ext v1.16b, v2.16b, v3.16b, #8":  0x6e034041,
		"ldr q7, [x3]":                    0x3dc00067,
		"ldr q7, [x3, #48]":               0x3dc00c67,
		"ldr s7, [x3], #-4":               0xbc5fc467,
		"ldp q1, q2, [x3, #-32]":          0xad7f0861,
		"stp q1, q2, [x3], #32":           0xac810861,
		"st1 {v4.s}[3], [x5]":             0x4d0090a4,
		"prfm pldl2keep, [x7, x8]":        0xf8a868e2,
		"fmov v3.4s, #1.0":                0x4f03f603,
		"fmadd s1, s2, s3, s4":            0x1f031041,
		"ld1r {v1.4s}, [x2], #4":          0x4ddfc841,
		"sshll2 v1.8h, v2.16b, #0":        0x4f08a441,
		"fcmgt v1.4s, v2.4s, v3.4s":       0x6ea3e441,
		"usdot v8.4s, v9.16b, v10.4b[1]":  0x4faaf128,
		"uzp2 v10.2d, v11.2d, v12.2d":     0x4ecc596a,
		"scvtf s3, x9":                    0x9e220123,
		"bfdot v16.4s, v17.8h, v18.2h[3]": 0x4f72fa30,
	} {
		got, err := encode(text)
		require.NoError(t, err)
		require.Equal(t, want, got, "%s is %#08x", text, got)
	}
	for _, text := range []string{
		"fmla v0.4s, v1.4s", "fmla v32.4s, v1.4s, v2.4s", "fmla v0.4s, v1.4s, v2.s[4]", "ldr q0, [x1, #8]", "ldr q0, [x1, #-16]",
		"smlal v0.4s, v1.4h, v16.h[0]", "shl v0.4s, v1.4s, #32", "shll v0.4s, v1.4h, #8", "fmov s0, #2.0", "vfmadd v0", "",
	} {
		_, err := encode(text)
		require.Error(t, err, text)
	}
}

// Every instruction, with fields of all kinds, is what LLVM's assembler makes of it, where
// that is installed.
func TestEncodeLikeLLVM(t *testing.T) {
	assembler, err := exec.LookPath("llvm-mc")
	if err != nil {
		t.Skip("llvm-mc is not installed")
	}
	r := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for pattern, in := range instructions {
		for range 5 {
			parts := strings.Split(pattern, "_")
			text, last := parts[0], 0
			for i, name := range strings.Fields(in.fields) {
				v := anyOf(r, name)
				if strings.HasPrefix(pattern, "ldp") && name == "a" { // the two must differ
					v = (last + 1) % 32
				}
				if v == 31 && strings.HasSuffix(text, "x") { // the stack, or zero
					v = 30
				}
				text += fmt.Sprint(v) + parts[i+1]
				last = v
			}
			texts = append(texts, text)
		}
	}
	cmd := exec.Command(assembler, "-triple=aarch64", "-mattr=+bf16,+i8mm,+dotprod", "-show-encoding")
	cmd.Stdin = strings.NewReader(strings.Join(texts, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	words := regexp.MustCompile(`encoding: \[0x(..),0x(..),0x(..),0x(..)\]`).FindAllStringSubmatch(string(out), -1)
	require.Len(t, words, len(texts))
	for i, w := range words {
		got, err := encode(texts[i])
		require.NoError(t, err)
		require.Equal(t, w[4]+w[3]+w[2]+w[1], fmt.Sprintf("%08x", got), texts[i])
	}
}

// anyOf is a number that a field can have.
func anyOf(r *rand.Rand, name string) int {
	if s, ok := shapes[name]; ok {
		return s.least + r.IntN((s.most-s.least)/s.step+1)*s.step
	}
	switch name {
	case "nm":
		return r.IntN(32)
	case "is", "lane":
		return r.IntN(4)
	case "ih":
		return r.IntN(8)
	case "m4":
		return r.IntN(16)
	case "right32":
		return 1 + r.IntN(32)
	}
	n := 0
	fmt.Sscan(name[1:], &n)
	return n
}
