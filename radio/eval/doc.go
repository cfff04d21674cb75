// Package eval measures how good features are: it classifies with them, and compares the
// answers with the labels.
//
//	near, err := eval.Nearest(ctx, train.Features, test.Features, train.Width, 20, eval.Options{})
//	answers := near.Predict(train.Labels, classes, 20, eval.Temperature)
//	confusion, err := eval.Confuse(classes, test.Labels, answers)
//	fmt.Println(confusion.Accuracy())
//
// Where to start:
//
//   - Nearest finds the nearest neighbours of queries, and Neighbours.Predict lets them vote
//     (kNN). Nothing is trained. It is the measure that NVlabs reports for RADIO.
//   - FitLogistic fits a logistic regression, and Sweep chooses how strongly to regularise it.
//   - FitProbe trains linear probes: many learning rates and inputs at once, on one read of rows
//     that lie anywhere. Choose picks one on a validation part.
//   - Confuse counts answers: accuracy, and recall, precision and F1 for each class.
//     Ranks and TopK are for scores: top-1, top-5. Severally is for several labels a
//     picture: average precision, F1.
//   - Areas counts the pixels of masks: mIoU, Dice, pixel accuracy.
//   - Slide predicts a picture whole or window by window, with a function that predicts a window.
//   - Depth compares maps of depth: relative error, rmse, delta, SILog.
//   - Bootstrap gives the interval of any of these figures.
//
// A class without examples has no recall, and a class without pixels no IoU. These are NaN,
// and Mean leaves them out.
//
// Everything is deterministic: equal inputs give equal bits, for any number of threads.
//
// The references are in conformance/train/evaluate. They come from scikit-learn,
// torchmetrics and PyTorch; conformance/train/README.md describes them.
package eval
