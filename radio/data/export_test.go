package data

// What fuzzing needs of parsers that read files.
var (
	ParsePart  = parsePart
	ParsePairs = parsePairs
)
