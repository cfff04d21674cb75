package conformance

// OpenTensors opens the file of a bundle, compressed or not.
var OpenTensors = openTensors
