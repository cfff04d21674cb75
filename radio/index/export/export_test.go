package export

// WriteParts is Write to the folders of clip-retrieval, with so many pictures in a file.
func WriteParts(dir string, s *Set, rows int) error { return clipRetrieval{dir}.write(s, rows) }
