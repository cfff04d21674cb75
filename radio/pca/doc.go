// Package pca shows spatial features as a picture: their first three principal
// components as red, green and blue, as papers on vision transformers do.
//
// [Components] finds the components, [Components.Colours] makes a pixel of each
// token, and [Beside] puts two pictures next to each other. Everything is
// deterministic: the same features give the same picture.
package pca
