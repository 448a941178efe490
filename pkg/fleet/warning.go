package fleet

// Warning is something that is likely to go wrong, found before the run was sent. It does not stop the run.
type Warning struct {
	Code          string // one of the codes below
	Message       string
	Line          int `json:",omitempty"` // of the script, from 1 on, where it is about one
	Column        int `json:",omitempty"` // counts characters, from 1 on
	InstanceCount int `json:",omitempty"` // how many instances it is about; none: all of them
}

// The codes of warnings.
const (
	WarnBashOnly             = "BashOnly"             // only bash understands it, and sh will run the script
	WarnUnendedHereDocument  = "UnendedHereDocument"  // no line ends the here-document
	WarnScriptSyntax         = "ScriptSyntax"         // a saved script is not valid shell
	WarnCarriageReturn       = "CarriageReturn"       // lines end with CR LF
	WarnByteOrderMark        = "ByteOrderMark"        // the script begins with a byte order mark, or is in UTF-16
	WarnOperatorArgument     = "OperatorArgument"     // a word after -- is an operator of the shell
	WarnParameterWithoutText = "ParameterWithoutText" // {{name}} has no value, and becomes empty
	WarnParameterNotFilled   = "ParameterNotFilled"   // {{name}} is sent unchanged
	WarnLauncherIgnored      = "LauncherIgnored"      // agents are too old for Launcher and ignore it
	WarnTerminationIgnored   = "TerminationIgnored"   // agents are too old for TerminationMode and ignore it
)

// WarningCodes returns the codes of all warnings.
func WarningCodes() []string {
	return []string{
		WarnBashOnly, WarnUnendedHereDocument, WarnScriptSyntax, WarnCarriageReturn, WarnByteOrderMark, WarnOperatorArgument,
		WarnParameterWithoutText, WarnParameterNotFilled, WarnLauncherIgnored, WarnTerminationIgnored,
	}
}
