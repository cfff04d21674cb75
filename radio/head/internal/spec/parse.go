package spec

import (
	"errors"
	"fmt"

	"cradio/loader/strictjson"
)

// The files of a head's folder.
const (
	DescriptionFile = "head.json"
	WeightsFile     = "head.safetensors"
)

// Format is the version of head.json.
const Format = 1

// MaxBytes bounds head.json; a thousand classes take 30 KB.
const MaxBytes = 16 << 20

// Description is head.json.
type Description struct {
	Format int `json:"format"`
	Spec
	SHA256 string `json:"weights_sha256"` // of head.safetensors
}

// Parse reads a head.json.
func Parse(text []byte) (*Description, error) {
	d := &Description{}
	err := strictjson.UnmarshalExact(text, strictjson.Limits{Bytes: MaxBytes, Depth: 16}, d)
	var unknown *strictjson.UnknownError
	if errors.As(err, &unknown) {
		return nil, fmt.Errorf("%w; a newer cradio may have written it", err)
	}
	if err != nil {
		return nil, err
	}
	if d.Format != Format {
		return nil, fmt.Errorf("format is %d, want %d; a newer cradio may have written it", d.Format, Format)
	}
	if len(d.SHA256) != 64 {
		return nil, fmt.Errorf("weights_sha256 is %.80q, want the SHA-256 of %s in 64 digits", d.SHA256, WeightsFile)
	}
	return d, d.Check()
}
