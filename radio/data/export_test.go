package data

// What fuzzing needs of parsers that read files.
var (
	ParsePart  = parsePart
	ParsePairs = parsePairs
)

// Parse is parse.
func (g Columns) Parse(path string, text []byte, disk bool) (*Dataset, error) {
	return g.parse(path, text, disk)
}
