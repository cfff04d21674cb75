package main

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// failure is an image that has no features, or a folder that could not be searched.
type failure struct {
	Path       string `json:"path"`
	PathBase64 string `json:"path_base64,omitempty"` // where path is not UTF-8
	Error      string `json:"error"`                 // in one line, for a terminal too
}

func newFailure(path string, err error) failure {
	f := failure{Path: path, Error: strings.ReplaceAll(err.Error(), path, shown(path))}
	f.Error = escaped(f.Error, false)
	if !utf8.ValidString(path) {
		f.PathBase64 = base64.StdEncoding.EncodeToString([]byte(path))
	}
	return f
}
