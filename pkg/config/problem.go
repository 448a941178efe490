package config

// Problem is something in the settings that cannot be used. The Config is resolved without it: a setting has its default,
// and a file or a profile counts as absent. Whether a command can do without it is for the caller to decide.
type Problem struct {
	// Err is an *Error or a *FileError.
	Err error
	// Kind says what the problem affects.
	Kind ProblemKind
	// Key is the setting, or a longer name such as groups.web; empty for a file as a whole.
	Key string
	// Path is the file as people see it; empty for a flag or a variable.
	Path string
	// Line is 0 where no line is to blame.
	Line int
}

// ProblemKind says what a problem affects.
type ProblemKind int

const (
	// BadFlag is the value of a flag that the user gave.
	BadFlag ProblemKind = iota
	// BadSetting is a value of the environment or of a settings file, or such a file as a whole.
	BadSetting
	// BadProfile is the aliyun CLI's config.json, or a profile that it does not have: it affects the credentials, the
	// region and the endpoint, and nothing else.
	BadProfile
)

// problem adds a value that cannot be used, which stands at e.
func (c *Config) problem(kind ProblemKind, err *Error, e entry) {
	c.Problems = append(c.Problems, Problem{Err: err, Kind: kind, Key: err.Key, Path: e.path, Line: e.line})
}

func fileProblem(kind ProblemKind, err *FileError) Problem {
	return Problem{Err: err, Kind: kind, Path: err.Path, Line: err.Line}
}
