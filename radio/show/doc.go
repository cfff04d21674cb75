// Package show makes images of features, and the numbers behind them: what cradio pca,
// similar, clusters, attention and compare draw.
//
// [Fit] finds the [Basis] of one or several images, whose [Basis.Colours] are their
// principal components as red, green and blue, as papers on vision transformers show them;
// [WriteBasis] keeps it. [Outliers] names patches that are far larger than others.
// [Cosines] compares a patch with all others, [KMeans] groups patches, [Compare] and [CKA]
// tell two models' features apart.
//
// Each gives a [Map], a number or a colour for each patch, that [Map.Resize] brings to the
// size of the image and a [ColourMap] paints. A [Sheet] puts such panels side by side with
// titles, bars and a legend, and [WritePNG] writes it.
//
// Everything is deterministic: the same features give the same bits, on any number of
// threads.
package show
