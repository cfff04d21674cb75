package kernels_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// statement is one by which threads, and the copy engine, wait for each other, or fetch what others read.
var statement = regexp.MustCompile(`(?m)^\s*(?:@!?%?p\d*\s+)?(bar\.sync|bar\.arrive|bar\.warp\.sync|cp\.(?:reduce\.)?async\.\w+|mbarrier|wgmma\.(?:fence|commit_group|wait_group)|fence|griddepcontrol\.wait)[^;]*;`)

// without is what comes in the place of a statement. A loop that waits goes on at once.
func without(statement string) string {
	if strings.Contains(statement, "mbarrier.try_wait") {
		return "setp.eq.s32 p,0,0;"
	}
	return "membar.cta;"
}

// alone is the text of a module with one of its kernels.
func alone(t *testing.T, text, kernel string) string {
	first := strings.Index(text, ".visible .entry")
	from := strings.Index(text, ".visible .entry "+kernel+"(")
	require.Positive(t, from, kernel)
	text, one := text[:first], text[from:]
	if next := strings.Index(one[1:], ".visible .entry"); next > 0 {
		one = one[:1+next]
	}
	return text + one
}

// wrong runs a kernel, and says what is wrong with its result, "" for nothing.
type wrong func(r rig) string

// notices runs a text in each order of warps, until something is wrong.
func notices(t *testing.T, text string, run wrong) (what string) {
	r := load(t, text)
	var failure error
	r.failure = &failure
	r.inEachOrder(func() {
		if what != "" {
			return
		}
		what = run(r)
		if failure != nil {
			what = failure.Error()
		}
	})
	return what
}

// mutate takes each statement by which threads wait for each other, or fetch, out one after another. Each
// time something must be wrong: the emulator reports a race, or the result is not what it was.
func mutate(t *testing.T, module, kernel string, run wrong) {
	text, err := kernels.PTX(module)
	require.NoError(t, err)
	mutateText(t, alone(t, text, kernel), 0, run)
}

// mutateIn is mutate for a kernel that runs with others of its module.
func mutateIn(t *testing.T, module, kernel string, run wrong) {
	text, err := kernels.PTX(module)
	require.NoError(t, err)
	one := alone(t, text, kernel)
	head := strings.Index(one, ".visible .entry")
	others := text[:head] + strings.Replace(text[head:], one[head:], "", 1)
	mutateText(t, others+one[head:], len(others), run)
}

// mutateText takes out the statements from an offset on.
func mutateText(t *testing.T, text string, from int, run wrong) {
	require.Empty(t, notices(t, text, run), "as it is")
	all := statement.FindAllStringSubmatchIndex(text[from:], -1)
	require.NotEmpty(t, all)
	for _, at := range all {
		for j := range at {
			at[j] += from
		}
		if notices(t, text[:at[0]]+without(text[at[0]:at[1]])+text[at[1]:], run) == "" {
			t.Errorf("not noticed: line %d, %s", 1+strings.Count(text[:at[2]], "\n"), text[at[2]:at[1]])
		}
	}
	t.Logf("%d statements, each noticed", len(all))
}

func (c *linearCase) wrong(size, threads int, dense bool) wrong {
	c.fill()
	want := c.want(rounded(c.x), rounded(c.w))
	return func(r rig) string {
		limit := bf16Linear(c.in)
		if !dense {
			limit += rounding
		}
		return distance(c.bf16(r, size, threads, dense), want, limit)
	}
}

func (c *attentionCase) wrong() wrong {
	want := c.want(rounded(c.qkv))
	return func(r rig) string { return distance(c.bf16(r, false), want, weightsRounded+resultRounded) }
}

func TestMutations(t *testing.T) {
	large := &linearCase{rows: 130, out: 130, in: 200, bias: true}
	small := &linearCase{rows: 66, out: 66, in: 200, bias: true}
	for _, dense := range []bool{false, true} {
		form := map[bool]string{false: "bf16", true: "f32"}[dense]
		for c, tile := range map[*linearCase]struct{ size, threads int }{large: tiles[0], small: tiles[1]} {
			name := fmt.Sprintf("linear_%dx%d_%s", tile.size, tile.size, form)
			t.Run(name, func(t *testing.T) { mutate(t, "linear.80", name, c.wrong(tile.size, tile.threads, dense)) })
		}
		name := "layernorm_" + form
		t.Run(name, func(t *testing.T) { mutate(t, "layernorm.60", name, wrongNorm(name, form, 600)) })
	}
	for _, hd := range headDims {
		name := fmt.Sprintf("attention_%d", hd)
		t.Run(name, func(t *testing.T) { mutate(t, "attention.80", name, newAttention(5, 1, 200, 1, hd, 1).wrong()) })
	}
	for _, name := range []string{"product_f32", "product_transposed_f32"} {
		t.Run(name, func(t *testing.T) {
			const m, n, k = 66, 66, 40
			a, b := normal(1, m*k, 1), normal(2, k*n, 1)
			want := product(a, b, m, n, k, name == "product_transposed_f32")
			mutate(t, "lineargrad.60", name, func(r rig) string { return distance(r.product(name, a, b, m, n, k), want, 8) })
		})
	}
	for _, name := range []string{"row_statistics_f32", "layernorm_grad_f32", "sum_rows_f32"} {
		t.Run(name, func(t *testing.T) {
			const rows, dim = 9, 600
			x, w, dy := normal(1, rows*dim, 1), normal(2, dim, 1), normal(3, rows*dim, 1)
			wantX, wantW := layerNormGrad(x, w, dy, rows, dim)
			mutateIn(t, "grad.60", name, func(r rig) string {
				dx, dw := r.normGrad(x, w, dy, rows, dim)
				return distance(dx, wantX, 8) + distance(dw, wantW, 8)
			})
		})
	}
	for _, name := range []string{"attention_grad_rows_f32", "attention_grad_q_f32", "attention_grad_kv_f32"} {
		t.Run(name, func(t *testing.T) {
			c := &crossCase{batch: 2, queries: 35, tokens: 70, heads: 1, hd: 32, shared: true}
			mutateIn(t, "attentiongrad.60", name, c.wrong())
		})
	}
	t.Run("attention_weights_f32", func(t *testing.T) {
		c := newAttention(8, 1, 300, 1, 24, 1)
		row := func(r int) (p []float64) { // softmax of the scores of a token
			sum := 0.0
			for j := range c.tokens {
				s := 0.0
				for k := range c.hd {
					s += float64(c.qkv[r*3*c.hd+k]) * float64(c.qkv[(j*3+1)*c.hd+k])
				}
				p = append(p, math.Exp(s*c.scale()))
				sum += p[j]
			}
			for j := range p {
				p[j] /= sum
			}
			return p
		}
		want := append(row(299), row(1)...)
		mutateIn(t, "heads.60", "attention_weights_f32", func(r rig) string {
			index := r.alloc(8)
			binary.LittleEndian.PutUint32(r.bytes(index, 8), 299)
			binary.LittleEndian.PutUint32(r.bytes(index, 8)[4:], 1)
			y := r.alloc(4 * len(want))
			r.run("attention_weights_f32", [3]int{2, 1, 1}, [3]int{128, 1, 1}, 0, y, c.qkv, index, 2, c.tokens, 1, c.hd, float32(c.scale()))
			return distance(r.floats(y, len(want)), want, 8)
		})
	})
	t.Run("linear_f32", func(t *testing.T) {
		small.fill()
		want := small.want(small.x, small.w)
		mutate(t, "linear.60", "linear_f32", func(r rig) string { return distance(small.float32(r), want, 8) })
	})
	t.Run("attention_f32", func(t *testing.T) {
		c := newAttention(4, 1, 100, 1, 32, 1)
		want := c.want(c.qkv)
		mutate(t, "attention.60", "attention_f32", func(r rig) string { return distance(c.float32(r), want, 8) })
	})
}

func wrongNorm(kernel, form string, dim int) wrong {
	const rows = 3
	x, w, b := normal(1, rows*dim, 1), normal(2, dim, 1), normal(3, dim, 1)
	want := layerNorm(x, w, b, rows, dim, eps, 1)
	limit := map[string]float64{"f32": 4, "bf16": bf16Norm}[form]
	return func(r rig) string { return distance(r.norm(kernel, form, x, w, b, rows, dim, 1), want, limit) }
}
