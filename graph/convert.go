package graph

// Convert gives its input in the form and the type of its output. Only Compile adds it.
type Convert struct {
	noDiff
	noProducts
	unary
}

func (Convert) String() string { return "Convert" }
