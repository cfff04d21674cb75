package main

import (
	"path/filepath"
	"slices"
	"strings"
)

// extensions are the names under which folders and patterns are searched for images.
// What a file holds decides how it is read, not its name.
var extensions = []string{
	".apng", ".bmp", ".gif", ".jfif", ".jif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm",
	".tif", ".tiff", ".webp",
}

// unreadable are extensions of images that cannot be read here.
var unreadable = []string{
	".arw", ".avif", ".cr2", ".cr3", ".dng", ".exr", ".hdr", ".heic", ".heif", ".hif", ".ico", ".j2k", ".jp2", ".jpf", ".jpx",
	".jxl", ".nef", ".orf", ".pcx", ".psd", ".qoi", ".raf", ".rw2", ".svg", ".tga", ".xbm", ".xpm",
}

// extensionOf is in lower case; a hidden file's name is no extension.
func extensionOf(path string) string {
	name := filepath.Base(path)
	if ext := strings.ToLower(filepath.Ext(name)); len(ext) < len(name) {
		return ext
	}
	return ""
}

func isImage(path string) bool { return slices.Contains(extensions, extensionOf(path)) }
