package text

import (
	"fmt"
	"slices"
	"strings"

	"cradio/loader"
)

// layout reads a checkpoint by the names of open_clip's CLIP, all matrices (out, in),
// whatever its own names are. It is a source for package layers. Vision tensors are never
// asked for.
type layout struct {
	loader.Source
	names func(name string) []string // in the file; the rows of several are joined
	// transposed says that text_projection is (D, E).
	transposed bool
}

// newLayout recognises a file by its names.
func newLayout(src loader.Source, c *Config) (*layout, error) {
	has := func(name string) bool { _, ok := src.Lookup(name); return ok }
	l := &layout{Source: src}
	switch {
	case has("token_embedding.weight"):
		l.names, l.transposed = openCLIPNames(""), !c.ProjectionBias
	case has("text.token_embedding.weight"):
		l.names, l.transposed = openCLIPNames("text."), !c.ProjectionBias
	case has("text_model.embeddings.token_embedding.weight"):
		l.names = transformersNames(c.ProjectionBias)
	default:
		found := src.Names()
		if len(found) > 3 {
			found = found[:3]
		}
		return nil, &loader.Error{
			File: src.String(), Want: "a text tower: token_embedding.weight, text.token_embedding.weight or text_model.embeddings.token_embedding.weight",
			Found: "none of them, but " + strings.Join(found, ", "), Do: "check that this is the model of the adaptor's teacher, with its text tower",
		}
	}
	return l, nil
}

// openCLIPNames are those of open_clip: below prefix, which is "text." in its CustomTextCLIP.
// The scale and the bias of logits belong to the whole. A projection without a bias is a
// parameter, not a layer.
func openCLIPNames(prefix string) func(string) []string {
	return func(name string) []string {
		switch {
		case strings.HasPrefix(name, "logit_"):
			return []string{name}
		case name == projectionWeight+"?":
			return []string{prefix + "text_projection"}
		}
		return []string{prefix + name}
	}
}

// scaled says that the file has the scale of logits. That of a text model alone has not.
func (l *layout) scaled() bool {
	_, ok := l.Lookup("logit_scale")
	return ok
}

const projectionWeight = "text_projection.weight"

// transformersNames are those of CLIPModel and SiglipModel.
func transformersNames(siglip bool) func(string) []string {
	parts := strings.NewReplacer(
		"transformer.resblocks.", "encoder.layers.", "ln_1.", "layer_norm1.", "ln_2.", "layer_norm2.", "ln_final.", "final_layer_norm.",
		"attn.out_proj.", "self_attn.out_proj.", "mlp.c_fc.", "mlp.fc1.", "mlp.c_proj.", "mlp.fc2.", "token_embedding.", "embeddings.token_embedding.")
	return func(name string) []string {
		switch {
		case strings.HasPrefix(name, "logit_"):
			return []string{name}
		case name == "positional_embedding":
			return []string{"text_model.embeddings.position_embedding.weight"}
		case strings.HasPrefix(name, "text_projection."):
			if siglip {
				return []string{strings.Replace(name, "text_projection", "text_model.head", 1)}
			}
			return []string{name}
		}
		if block, leaf, ok := strings.Cut(name, "attn.in_proj_"); ok {
			var list []string
			for _, x := range []string{"q", "k", "v"} {
				list = append(list, "text_model."+parts.Replace(block)+"self_attn."+x+"_proj."+leaf)
			}
			return list
		}
		return []string{"text_model." + parts.Replace(name)}
	}
}

// plan is how a tensor is put together: which of the file's, of which shape.
type plan struct {
	names      []string
	shape      []int // of each
	transposed bool
}

func (l *layout) plan(name string, shape []int) plan {
	p := plan{names: l.names(name), shape: slices.Clone(shape)}
	if len(p.names) > 1 {
		p.shape[0] /= len(p.names)
	}
	if name == projectionWeight && l.transposed {
		p.names = l.names(name + "?")
		p.shape[0], p.shape[1] = shape[1], shape[0]
		p.transposed = true
	}
	if info, ok := l.Lookup(p.names[0]); ok && len(shape) == 0 && len(info.Shape) == 1 && info.Shape[0] == 1 {
		p.shape = []int{1} // SigLIP's numbers
	}
	return p
}

// Check implements layers.Source.
func (l *layout) Check(name string, shape ...int) error {
	p := l.plan(name, shape)
	for _, n := range p.names {
		if err := l.Source.Check(n, p.shape...); err != nil {
			return err
		}
	}
	return nil
}

// Float32 implements layers.Source.
func (l *layout) Float32(name string, shape ...int) ([]float32, error) {
	return l.Float32Into(nil, name, shape...)
}

// Float32Into implements layers.Source.
func (l *layout) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	p := l.plan(name, shape)
	if len(p.names) == 1 && !p.transposed {
		return l.Source.Float32Into(dst, p.names[0], p.shape...)
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	dst = slices.Grow(dst[:0], n)[:n]
	at := 0
	for _, name := range p.names {
		part, err := l.Source.Float32(name, p.shape...)
		if err != nil {
			return nil, err
		}
		if p.transposed {
			transpose(dst, part, p.shape[0], p.shape[1])
		} else {
			at += copy(dst[at:], part)
		}
		l.Source.Release(name)
	}
	return dst, nil
}

// transpose writes x (rows, cols) to dst (cols, rows).
func transpose(dst, x []float32, rows, cols int) {
	for c := range cols {
		for r := range rows {
			dst[c*rows+r] = x[r*cols+c]
		}
	}
}

// Release implements layers.Source.
func (l *layout) Release(name string) {
	for _, n := range append(l.names(name), l.names(name+"?")...) {
		if _, ok := l.Lookup(n); ok {
			l.Source.Release(n)
		}
	}
}

// tokens reads rows of the table of tokens (V, D), which may be larger than all the rest, and in half
// precision.
func (l *layout) tokens(c *Config) func(dst []float32, ids []int) error {
	const name = "token_embedding.weight"
	return tokenRows(l.Source, l.names(name)[0], c)
}

// tokenRows reads rows of a table by its name in a source: those alone, if the source can.
func tokenRows(src loader.Source, name string, c *Config) func(dst []float32, ids []int) error {
	shape := [2]int{c.Vocabulary, c.Width}
	if r, ok := src.(loader.RowSource); ok {
		return func(dst []float32, ids []int) error { return r.Float32Rows(dst, name, ids, shape) }
	}
	return func(dst []float32, ids []int) error {
		table, err := src.Float32(name, shape[:]...)
		if err != nil {
			return err
		}
		for i, id := range ids {
			copy(dst[i*c.Width:(i+1)*c.Width], table[id*c.Width:])
		}
		return nil
	}
}

// unused lists the tensors of the tower that are not read. Those of the picture side are
// not the tower's, nor are the numbers of positions that old files have.
func (l *layout) unused(asked []string) []string {
	read := map[string]bool{}
	for _, name := range asked {
		for _, n := range append(l.names(name), l.names(name+"?")...) {
			read[n] = true
		}
	}
	return slices.DeleteFunc(l.Names(), func(name string) bool {
		for _, prefix := range []string{"visual.", "visual_projection.", "vision_model.", "vision_tower.", "image_encoder."} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return read[name] || strings.HasSuffix(name, ".position_ids") || strings.HasSuffix(name, "attn_mask")
	})
}

// refuse is the error of tensors that would change the result.
func (l *layout) refuse(unused []string) error {
	if len(unused) == 0 {
		return nil
	}
	return &loader.Error{
		File: l.String(), Item: fmt.Sprintf("tensor %q", unused[0]), Want: "no other tensors of a text tower than those of its configuration",
		Found: fmt.Sprintf("%d more", len(unused)), Do: "check that the configuration belongs to this file",
	}
}
