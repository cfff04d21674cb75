package main

// The help of flags that many commands have about how images are prepared.
const (
	orientHelp = "apply the EXIF orientation (Python's pipeline does not)"
	fastHelp   = "decode JPEG at reduced size, as Pillow's draft mode: faster, pixels differ slightly"
)
