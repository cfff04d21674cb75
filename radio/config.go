package radio

import "cradio/radio/checkpoint"

// Config is the architecture, as a checkpoint describes it.
type Config = checkpoint.Config

// AdaptorConfig describes the two heads of a teacher.
type AdaptorConfig = checkpoint.AdaptorConfig

// HeadConfig describes one head.
type HeadConfig = checkpoint.HeadConfig

// InterNormalizerConfig describes the normaliser of intermediates.
type InterNormalizerConfig = checkpoint.InterNormalizerConfig

// SizeError is the error of an image whose height and width a model does not take as they are,
// of CheckSize and of all that compute. It knows a size near it that the model takes.
type SizeError = checkpoint.SizeError

// ParseConfig reads a config.json; see [checkpoint.ParseConfig].
func ParseConfig(data []byte) (*Config, error) { return checkpoint.ParseConfig(data) }

// TeacherModel is [checkpoint.TeacherModel].
type TeacherModel = checkpoint.TeacherModel
