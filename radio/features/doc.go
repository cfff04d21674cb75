// Package features stores features of pictures, so that a head can be trained and evaluated on them
// without the backbone. The backbone runs once for each picture, or for each of a few crops.
//
//	job := features.Job{Dir: "features", Encoder: radio.NewEncoder(m), Set: set, Sources: []radio.Source{radio.SummarySource}}
//	report, err := job.Run(ctx) // computes what is missing
//
//	s, err := features.Open("features")
//	defer s.Close()
//	a, err := s.Array(radio.SummarySource)
//	for _, i := range s.Set.Part(data.Train) {
//		use(a.Float32(s.Row(i, 0)), s.Set.Items[i].Labels)
//	}
//
// The command cradio features does the same.
//
// Where to start:
//
//	fill a store from pictures         Job; Job.Plan says how large it becomes
//	read one                           Open, Store.Array, Store.Row; Verify compares checksums
//	fill one with other numbers        Create, Writer.Add, Writer.Finish
//
// # What is in a store
//
// A store is a folder. Each row is a view of a picture: the whole picture, or a crop of it; see Views.
// It has the numbers of one or more sources (radio.Source), in float32 or bfloat16. They are mapped
// into memory, and read without a copy. Beside them is the set: paths, labels, parts and checksums of
// the pictures.
//
// A row is found by the SHA-256 of the picture's file and by its crop, in the folder of its Recipe:
// model, precision, preprocessing, sources and type. So a picture that has changed is computed again,
// and so are all pictures if the model or an option changes, and nothing else. Going back to an earlier
// model or option finds the earlier rows. Rows that no picture needs any more stay, until Compact
// (cradio features prune) frees their space.
//
// # Interruptions and damage
//
// A Job may be killed at any moment. Rows that were computed are kept, and the next run computes the
// others. One process writes to a store at a time; another one gets an error that wraps ErrLocked.
// Several may read.
//
// Each row and each record of the index has a checksum. What is cut short or damaged is an error that
// names the file, the row and the picture. The next run of the Job computes just these rows again.
//
// # Files
//
//	set.jsonl             the set; written last, whole or not at all
//	lock, lock.json       who writes
//	RECIPE/index          a record for each row, see index.go
//	RECIPE/0-summary.bfloat16, …   the rows of each source, one after another, little-endian
package features
