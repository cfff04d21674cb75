package kernel

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// without are the kernels that AVX2 has and NEON does without, and why.
var without = map[string]string{
	"Float32.GemmJoined":  "columns are transposed",
	"Float32.GemmPacking": "there is no GemmJoined",
	"Float32Slim":         "tiles of 8 columns are slim enough", "Float32Slim.Cols": "so", "Float32Slim.PerWord": "so",
	"StreamTile":           "cores find by themselves that lines are written whole",
	"Float32Slim.GemmRows": "so", "Float32Slim.GemmCols": "so", "Float32Slim.Softmax": "so",
}

// What assembly does on amd64 it does on arm64: a kernel that is forgotten there would work, by
// the definition, at a tenth of the speed.
func TestNEONHasWhatAVX2Has(t *testing.T) {
	have := kernelsSetBy(t, "neon", "tables_arm64.go", "tables_elementwise_arm64.go")
	require.Contains(t, have, "LayerNorm")
	for name := range kernelsSetBy(t, "avx2", "tables_amd64.go") {
		reason, left := without[name]
		assert.True(t, have[name] != left, "%s: AVX2 sets it. NEON sets it: %v, and the reason to do without is %q", name, have[name], reason)
	}
}

// kernelsSetBy are the fields of a table that a function sets, and the functions it calls on
// the table, in the sources. Those of tiles come by the names of both, such as Float32.Softmax.
func kernelsSetBy(t *testing.T, function string, sources ...string) map[string]bool {
	t.Helper()
	set, functions := map[string]bool{}, map[string]*ast.FuncDecl{}
	for _, name := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				functions[f.Name.Name] = f
			}
		}
	}
	require.Contains(t, functions, function)
	var walk func(f *ast.FuncDecl)
	walk = func(f *ast.FuncDecl) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					name := fieldOf(to)
					if name == "" {
						continue
					}
					set[name] = true
					if len(n.Rhs) != len(n.Lhs) {
						continue
					}
					if tiles, ok := n.Rhs[i].(*ast.CompositeLit); ok {
						for _, e := range tiles.Elts {
							if kv, ok := e.(*ast.KeyValueExpr); ok {
								set[name+"."+kv.Key.(*ast.Ident).Name] = true
							}
						}
					}
				}
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && functions[name.Name] != nil {
					walk(functions[name.Name])
				}
			}
			return true
		})
	}
	walk(functions[function])
	return set
}

// fieldOf is the field of the table t that an expression names, or "".
func fieldOf(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok && x.Name == "t" {
		return s.Sel.Name
	}
	if outer := fieldOf(s.X); outer != "" {
		return outer + "." + s.Sel.Name
	}
	return ""
}
