// Package export gives an index to other programs: files that clip-retrieval and autofaiss read, lines of
// JSON, a script for PostgreSQL with pgvector, and the vector database Qdrant.
//
//	x, err := index.Open("photos.index")
//	to, err := export.Open("photos.jsonl")
//	n, err := export.Write(ctx, x, radio.SummarySource, to, nil)
//
// Vectors are divided by their length: an inner product is then a cosine.
//
// A file appears only when it is complete. What a database had of an earlier export of the same index, and
// is in it no more, is removed at the end.
package export
