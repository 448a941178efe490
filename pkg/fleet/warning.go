package fleet

// Warning is something about a run that was seen before it was sent, and that is likely to go wrong. It stops nothing.
type Warning struct {
	Code          string // one of the codes below
	Message       string
	Line          int `json:",omitempty"` // of the script, from 1 on, where it is about one
	Column        int `json:",omitempty"` // counts characters, from 1 on
	InstanceCount int `json:",omitempty"` // how many instances it is about; none: all of them
}

// The codes of warnings.
const (
	WarnBashOnly             = "BashOnly"             // only bash understands it, and the script does not ask for bash
	WarnUnendedHereDocument  = "UnendedHereDocument"  // the rest of the script is its text
	WarnScriptSyntax         = "ScriptSyntax"         // a saved script is none that a shell reads
	WarnCarriageReturn       = "CarriageReturn"       // lines end with CR LF
	WarnByteOrderMark        = "ByteOrderMark"        // the script begins with one
	WarnOperatorArgument     = "OperatorArgument"     // a word after -- is an operator of the shell
	WarnParameterWithoutText = "ParameterWithoutText" // {{name}} has no value, and becomes empty
	WarnParameterNotFilled   = "ParameterNotFilled"   // {{name}} stays as it is
	WarnLauncherIgnored      = "LauncherIgnored"      // agents are too old for Launcher
	WarnTerminationIgnored   = "TerminationIgnored"   // agents are too old for TerminationMode
)

// WarningCodes returns the codes of all warnings.
func WarningCodes() []string {
	return []string{
		WarnBashOnly, WarnUnendedHereDocument, WarnScriptSyntax, WarnCarriageReturn, WarnByteOrderMark, WarnOperatorArgument,
		WarnParameterWithoutText, WarnParameterNotFilled, WarnLauncherIgnored, WarnTerminationIgnored,
	}
}
