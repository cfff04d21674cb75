package strictjson

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestUnmarshalExact(t *testing.T) {
	type inner struct {
		Low float64 `json:"low"`
	}
	type outer struct {
		Kind string            `json:"kind"`
		Deep *inner            `json:"deep"`
		List []inner           `json:"list"`
		Map  map[string]*inner `json:"map"`
		Raw  json.RawMessage   `json:"raw"`
		Skip int               `json:"-"`
	}
	var v outer
	good := `{"kind":"a","deep":{"low":1},"list":[{"low":2}],"map":{"x":{"low":3}},"raw":{"any":1}}`
	if err := UnmarshalExact([]byte(good), Limits{}, &v); err != nil || v.Map["x"].Low != 3 {
		t.Fatal(err, v)
	}
	for text, path := range map[string]string{
		`{"Kind":"a"}`:            "Kind",
		`{"deep":{"high":1}}`:     "deep.high",
		`{"list":[{},{"Low":1}]}`: "list.1.Low",
		`{"map":{"x":{"y":1}}}`:   "map.x.y",
		`{"-":1}`:                 "-",
	} {
		var unknown *UnknownError
		if err := UnmarshalExact([]byte(text), Limits{}, &outer{}); !errors.As(err, &unknown) || unknown.Path != path {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{`{"deep":[]}`, `[]`, `{"list":{}}`, `{"kind":1}`, `{`, `{"kind":"a","kind":"b"}`} {
		if UnmarshalExact([]byte(text), Limits{}, &outer{}) == nil {
			t.Errorf("%s: no error", text)
		}
	}
}
