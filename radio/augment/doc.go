// Package augment crops, resizes, flips and recolours pictures at random for training, and their masks
// and depth maps with the same geometry. It also loads batches of augmented pictures while the model
// computes.
//
//	policy := augment.Policy{Size: [2]int{224, 224}, Scale: [2]float64{0.08, 1}, Flip: 0.5, Brightness: 0.4}
//	params, err := policy.Draw(data.Rand(seed, epoch, sample, "augment"), img.H, img.W)
//	img, err = params.Apply(img)
//	mask, err = params.ApplyMask(mask)
//
// The numbers are drawn apart from their application: a Policy draws Params, and Params are
// applied. What they are drawn from depends on the seed, the epoch and the sample only (data.Rand),
// so a batch is the same for any number of workers, and after an interruption.
//
// Where to start:
//
//	one picture, numbers given      Params.Apply, ApplyMask, ApplyDepth
//	one picture, random numbers     Policy.Draw
//	batches for a training          Loader
//
// The pixels equal Pillow's bit for bit: crop, resize (bicubic; nearest for a mask), transpose, and the
// classes of PIL.ImageEnhance; hue as torchvision does it to Pillow's images. Policies draw what
// torchvision's RandomResizedCrop, RandomHorizontalFlip and ColorJitter draw, from other random
// numbers. The test compares with conformance/train/augment.
package augment
