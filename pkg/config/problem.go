package config

// Problem is something in the settings that cannot be used. The Config is resolved without it: a setting has its default,
// and a file or a profile counts as absent. The caller decides whether a command can do without it.
type Problem struct {
	// Err is an *Error or a *FileError.
	Err error
	// Kind is what the problem affects.
	Kind ProblemKind
	// Key is the setting, or a longer name such as groups.web. It is empty for a whole file.
	Key string
	// Path is the displayed path of the file. It is empty for a flag or a variable.
	Path string
	// Line is 0 if the problem has no line.
	Line int
}

// ProblemKind classifies problems by what they affect.
type ProblemKind int

const (
	// BadFlag is the value of a flag that the user gave.
	BadFlag ProblemKind = iota
	// BadSetting is a value in the environment or in a settings file, or a whole settings file.
	BadSetting
	// BadProfile is the aliyun CLI's config.json, or a profile that it does not have. It only affects the credentials, the
	// region and the endpoint.
	BadProfile
)

// problem adds a value that cannot be used. e is the value's origin.
func (c *Config) problem(kind ProblemKind, err *Error, e entry) {
	c.Problems = append(c.Problems, Problem{Err: err, Kind: kind, Key: err.Key, Path: e.path, Line: e.line})
}

func fileProblem(kind ProblemKind, err *FileError) Problem {
	return Problem{Err: err, Kind: kind, Path: err.Path, Line: err.Line}
}
