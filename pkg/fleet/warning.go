package fleet

// Warning is a likely problem that was found before the run was sent. It does not stop the run.
type Warning struct {
	Code          string // one of the codes below
	Message       string
	Line          int `json:",omitempty"` // of the script, from 1; 0 if it is not about a line
	Column        int `json:",omitempty"` // in characters, from 1
	InstanceCount int `json:",omitempty"` // the number of instances that it is about; 0: all of them
}

// The codes of warnings.
const (
	WarnBashOnly             = "BashOnly"             // only bash supports it, and sh will run the script
	WarnUnendedHereDocument  = "UnendedHereDocument"  // no line ends the here-document
	WarnScriptSyntax         = "ScriptSyntax"         // a saved script is not valid shell
	WarnCarriageReturn       = "CarriageReturn"       // lines end with CR LF
	WarnByteOrderMark        = "ByteOrderMark"        // the script begins with a byte order mark, or is in UTF-16
	WarnOperatorArgument     = "OperatorArgument"     // a word after -- is an operator of the shell
	WarnParameterWithoutText = "ParameterWithoutText" // {{name}} has no value, and becomes empty
	WarnParameterNotFilled   = "ParameterNotFilled"   // {{name}} is sent unchanged
	WarnLauncherIgnored      = "LauncherIgnored"      // agents are too old for Launcher and ignore it
	WarnTerminationIgnored   = "TerminationIgnored"   // agents are too old for TerminationMode and ignore it
	WarnSecretLeft           = "SecretLeft"           // agents may leave the script on the instance, with its secret parameters
)

// WarningCodes returns the codes of all warnings.
func WarningCodes() []string {
	return []string{
		WarnBashOnly, WarnUnendedHereDocument, WarnScriptSyntax, WarnCarriageReturn, WarnByteOrderMark, WarnOperatorArgument,
		WarnParameterWithoutText, WarnParameterNotFilled, WarnLauncherIgnored, WarnTerminationIgnored, WarnSecretLeft,
	}
}
