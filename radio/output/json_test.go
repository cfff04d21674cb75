package output

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendJSON(t *testing.T) {
	r := result("a \"b\".jpg", 0, 1, 2)
	line, err := AppendJSON(nil, r, about)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"path": "a \"b\".jpg", "model": "synthetic:nano", "synthetic": true, "identity": "1234", "settings": "size=32",
		"dtype": "float32", "layout": "nlc", "cradio": "v1.2.3",
		"height": 16, "width": 32, "original_height": 100, "original_width": 200, "rows": 1, "cols": 2, "summary": [0, 1, 2, 3], "features": [[100, 101], [102, 103]],
		"adaptors": {"clip": {"summary": [200, 201, 202], "features": [[300, 301, 302], [303, 304, 305]]}},
		"intermediates": {"7": {"features": [[400, 401], [402, 403]], "prefix": [[500, 501]]}}}`, string(line))
	require.NotContains(t, string(line), "\n")

	line, err = AppendJSON([]byte("before"), summary("a", ramp(0.1, 1)), About{Model: "m"})
	require.NoError(t, err)
	require.Equal(t, `before{"path":"a","model":"m","synthetic":false,"dtype":"float32","layout":"nlc","height":0,"width":0,"original_height":0,"original_width":0,"rows":0,"cols":0,"summary":[0.1]}`, string(line))

	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		_, err = AppendJSON(nil, summary("a.jpg", ramp(float32(v), 1)), About{Model: "m"})
		require.ErrorContains(t, err, "a.jpg: a value is")
	}
}

// TestNumbersSurvive: the digits parse to the same float32.
func TestNumbersSurvive(t *testing.T) {
	values := []float32{1e-45, -3.4028235e38, 1.0 / 3, 16777217, 1e21, -0.000012345678, float32(math.Copysign(0, -1))}
	d := ramp(0, len(values))
	copy(d.Float32s(), values)
	line, err := AppendJSON(nil, summary("", d), About{Model: "m"})
	require.NoError(t, err)
	var got struct{ Summary []float32 }
	require.NoError(t, json.Unmarshal(line, &got))
	for i, v := range values {
		require.Equal(t, math.Float32bits(v), math.Float32bits(got.Summary[i]))
	}
}

// TestFewDigits: a number has as few digits as possible to get it back, via any larger type.
func TestFewDigits(t *testing.T) {
	d := ramp(0, 6)
	copy(d.Float32s(), []float32{1.0 / 3, 0.1, 100, 65504, 5.9604645e-8, -2.00048828125})
	for dtype, want := range map[DType]string{Float16: "[0.3333,0.1,100,65500,6e-08,-2]", BFloat16: "[0.334,0.1,100,65500,5.96e-08,-2]"} {
		line, err := AppendJSON(nil, summary("", d), About{Model: "m", DType: dtype})
		require.NoError(t, err)
		require.Contains(t, string(line), `"summary":`+want)
		require.Contains(t, string(line), `"dtype":"`+string(dtype))
	}
	_, err := AppendJSON(nil, summary("a", ramp(65520, 1)), About{Model: "m", DType: Float16})
	require.ErrorContains(t, err, "a: a value is 65520 in float16")
}
