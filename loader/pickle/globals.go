package pickle

import (
	"strings"
)

// known are the names of Python and NumPy that may occur, by module and name. nil means that the name may not be called.
// None of them runs anything: each makes a value of this package from its arguments.
var known map[string]func(d *decoder, args Tuple) (any, error)

func init() { // not a literal: a reconstructor looks names up itself
	known = map[string]func(d *decoder, args Tuple) (any, error){
		"collections.OrderedDict": dictOf("collections.OrderedDict", 0),
		"collections.defaultdict": dictOf("collections.defaultdict", 1), // after the factory, a class
		"collections.Counter":     dictOf("collections.Counter", 0),
		"collections.deque":       listOf("collections.deque", 2),

		"builtins.dict":      dictOf("", 0),
		"builtins.list":      listOf("", 1),
		"builtins.tuple":     newTuple,
		"builtins.set":       newSet(false),
		"builtins.frozenset": newSet(true),
		"builtins.bytearray": newBytes,
		"builtins.bytes":     newBytes,
		"builtins.complex":   newComplex,
		"builtins.slice":     described("slice", 1, 3),
		"builtins.range":     described("range", 1, 3),
		"builtins.object":    nil, "builtins.type": nil, "builtins.int": nil, "builtins.float": nil, "builtins.str": nil,
		"builtins.bool": nil, "builtins.Ellipsis": nil, "builtins.NotImplemented": nil,

		"_codecs.encode":          encode,
		"copyreg._reconstructor":  reconstruct,
		"copyreg.__newobj__":      newObj,
		"argparse.Namespace":      withFields("argparse.Namespace"),
		"types.SimpleNamespace":   withFields("types.SimpleNamespace"),
		"uuid.UUID":               withFields("uuid.UUID"),
		"decimal.Decimal":         named("decimal.Decimal"),
		"fractions.Fraction":      named("fractions.Fraction"),
		"pathlib.Path":            newPath("/"),
		"pathlib.PosixPath":       newPath("/"),
		"pathlib.PurePath":        newPath("/"),
		"pathlib.PurePosixPath":   newPath("/"),
		"pathlib.WindowsPath":     newPath(`\`),
		"pathlib.PureWindowsPath": newPath(`\`),

		"datetime.datetime":  newDateTime,
		"datetime.date":      newDate,
		"datetime.time":      newTime,
		"datetime.timedelta": newTimeDelta,
		"datetime.timezone":  newTimeZone,

		"numpy.ndarray":                      nil,
		"numpy.dtype":                        newNumPyType,
		"numpy.core.multiarray._reconstruct": newArray,
		"numpy.core.multiarray.scalar":       newScalar,
		"numpy.core.numeric._frombuffer":     fromBuffer,
		"numpy.core.multiarray._frombuffer":  fromBuffer,
		"numpy.dtypes.Float64DType":          fixedType("f8"),
		"numpy.dtypes.Float32DType":          fixedType("f4"),
		"numpy.dtypes.Int64DType":            fixedType("i8"),
		"numpy.dtypes.BoolDType":             fixedType("b1"),
	}
	for _, scalar := range strings.Fields("bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 " +
		"longdouble complex64 complex128 str_ bytes_ object_ void datetime64 timedelta64 longlong ulonglong intc uintc") {
		known["numpy."+scalar] = nil
	}
}
