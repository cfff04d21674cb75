package radio

import "cradio/graph"

// Target is what the model's programs are compiled for: its device, and what tells of files that
// were changed in use. Programs of others, such as those of training, share its packed weights.
func (m *Model) Target() graph.Target { return m.target }
