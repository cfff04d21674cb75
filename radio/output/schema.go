package output

import (
	"cmp"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// schema has a column for each field of a row, in the order of rows.add.
func schema(d DType, parts []partColumn) *parquet.Schema {
	text := parquet.Encoded(parquet.String(), &parquet.Plain) // an encoding that every reader supports
	number := parquet.Optional(parquet.Encoded(parquet.Int(32), &parquet.Plain))
	columns := record{Group: parquet.Group{}}
	add := func(name string, n parquet.Node) {
		columns.Group[name] = n
		columns.order = append(columns.order, name)
	}
	add("path", text)
	for _, name := range []string{"height", "width", "input_height", "input_width", "rows", "cols"} {
		add(name, number)
	}
	for _, p := range parts {
		add(p.Name, parquet.Optional(parquet.List(parquet.Encoded(leaf(d), &parquet.Plain))))
	}
	add("error", parquet.Optional(text))
	add("path_base64", parquet.Optional(text))
	return parquet.NewSchema("images", columns)
}

// record is a Group that keeps the order of its fields. parquet.Group sorts them.
type record struct {
	parquet.Group
	order []string
}

// Fields returns the fields in order.
func (r record) Fields() []parquet.Field {
	fields := r.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return cmp.Compare(slices.Index(r.order, a.Name()), slices.Index(r.order, b.Name()))
	})
	return fields
}

func leaf(d DType) parquet.Node {
	switch d {
	case Float16:
		return parquet.Leaf(float16Type{parquet.FixedLenByteArrayType(2)})
	case Float64:
		return parquet.Leaf(parquet.DoubleType)
	}
	return parquet.Leaf(parquet.FloatType)
}

// float16Type is the type of two bytes with the logical type float16.
type float16Type struct{ parquet.Type }

// LogicalType implements parquet.Type.
func (float16Type) LogicalType() *format.LogicalType {
	return &format.LogicalType{Value: new(format.Float16Type)}
}

// String implements parquet.Type.
func (float16Type) String() string { return "FLOAT16" }
