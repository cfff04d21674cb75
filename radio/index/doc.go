// Package index finds pictures: those most like another picture or a vector of a text, and those that
// are nearly the same.
//
//	job := features.Job{Dir: "photos.index", Encoder: radio.NewEncoder(m), Set: set, Sources: []radio.Source{radio.SummarySource}}
//	report, err := index.Update(ctx, job, nil) // computes what is new, and forgets what is gone
//
//	x, err := index.Open("photos.index")
//	defer x.Close()
//	hits, err := x.Search(ctx, radio.SummarySource, query, 10, index.Options{})
//
// The commands cradio index, search and dups do the same.
//
// Where to start:
//
//	make an index, or bring it up to date   Update; Current says that there is nothing to do
//	search it                               Open, Index.Search
//	find copies                             Index.Duplicates
//	give it to other programs               package cradio/radio/index/export
//
// # What is in an index
//
// An index is a store of package features: a row of float32 numbers for each picture, found by the
// SHA-256 of its file, in files that are mapped into memory. Beside the rows are their codes, which a
// search reads first: a quarter of the bytes. See codes.go.
//
// # Exact
//
// A search compares every row, and its result is that of cosines in float64. Codes are int8: of each row
// it is known how far it is from its codes, and so within which bounds its cosine is. Rows whose upper
// bound is below the lower bounds of k others are left out, and of the others the cosine is computed. So
// there is nothing to tune, and no picture that a search misses.
//
// # Interruptions and damage
//
// Whatever moment Update ends at, the index can be searched: it has the pictures of the last Update, or
// those that this one has done so far. Rows without codes, or with damaged ones, are compared as they
// are; the next Update writes their codes.
package index
