package main

import (
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"
)

// failure is an image that has no features, or a folder that could not be searched.
type failure struct {
	Path       string `json:"path"`
	PathBase64 string `json:"path_base64,omitempty"` // where path is not UTF-8
	Error      string `json:"error"`                 // in one line, for a terminal too
	Kind       string `json:"kind"`                  // see failureKind
}

func newFailure(path string, err error) failure {
	f := failure{Path: path, Error: strings.ReplaceAll(err.Error(), path, shown(path)), Kind: failureKind(err)}
	f.Error = escaped(f.Error, false)
	if !utf8.ValidString(path) {
		f.PathBase64 = base64.StdEncoding.EncodeToString([]byte(path))
	}
	return f
}

// failureKind names the cause of a failure:
//
//	format      the format of the file is not supported, or the file is not an image
//	damaged     the format is supported, but the file cannot be decoded
//	too-large   more pixels than --max-pixels, or than fit in memory
//	missing     there is no such file
//	permission  no permission to read the file or folder
//	read        it could not be read for another reason
//	not-finite  the features are NaN or infinite, or too large for --out-dtype
//	other       anything else
func failureKind(err error) string {
	var format *image.FormatError
	var limit *overLimit
	var memory *radio.TooLargeError
	var damaged *notDecoded
	var value *notFinite
	var path *fs.PathError
	switch {
	case errors.As(err, &format):
		return "format"
	case errors.As(err, &limit), errors.As(err, &memory):
		return "too-large"
	case errors.As(err, &damaged):
		return "damaged"
	case errors.As(err, &value):
		return "not-finite"
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.Is(err, fs.ErrPermission):
		return "permission"
	case errors.As(err, &path):
		return "read"
	}
	return "other"
}

// MarshalJSON escapes unprintable characters.
func (f failure) MarshalJSON() ([]byte, error) { return f.line(), nil }

// line returns the failure as JSON.
func (f failure) line() []byte {
	b := append([]byte(`{"path":`), output.Quote(f.Path)...)
	if f.PathBase64 != "" {
		b = append(append(b, `,"path_base64":`...), output.Quote(f.PathBase64)...)
	}
	b = append(append(b, `,"error":`...), output.Quote(f.Error)...)
	return append(append(append(b, `,"kind":`...), output.Quote(f.Kind)...), '}')
}

// writeFailures writes failures to a file, one per line. Without failures the file is empty.
func writeFailures(path string, list []failure) error {
	return loader.WriteFile(path, func(w io.Writer) error {
		for _, f := range list {
			if _, err := w.Write(append(f.line(), '\n')); err != nil {
				return err
			}
		}
		return nil
	})
}

// name returns the path, with its exact bytes.
func (f failure) name() string {
	if b, err := base64.StdEncoding.DecodeString(f.PathBase64); err == nil && f.PathBase64 != "" {
		return string(b)
	}
	return f.Path
}
