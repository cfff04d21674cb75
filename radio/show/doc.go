// Package show draws features as images. The commands cradio pca, similar, clusters, attention
// and compare use it.
//
// Start with the kind of image:
//
//   - [Fit] computes the principal components of one or several images, a [Basis].
//     [Basis.Colours] shows them as red, green and blue, as in papers on vision transformers.
//     [WriteBasis] writes a basis to a file.
//   - [Cosines] compares one patch with all others.
//   - [KMeans] groups patches with similar features.
//   - [Compare] and [CKA] measure how the features of two models differ.
//   - [Outliers] finds patches with an unusual norm.
//
// A [Map] holds a number or a colour for each patch. [Map.Resize] resizes it to the size of
// the image, and a [ColourMap] colours it. A [Sheet] places such panels side by side, with
// titles, colour bars and a legend. [WritePNG] writes it to a file.
//
// All functions are deterministic: the same features give the same bits, on any number of
// threads.
package show
