package assist

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"muster/pkg/schedule"
)

var (
	containerID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^((docker|containerd|cri-o)://)?[0-9a-fA-F]{64}$`) })
	// containerName matches the names that container runtimes accept.
	containerName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`) })
	ossBucket     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`) })
)

// maxOssKey is the maximum length of an OSS key, in bytes.
const maxOssKey = 1023

// execution has the parameters that all actions for running or saving a command have in common.
type execution struct {
	WorkingDir, Username, WindowsPasswordName, Type string
	ContainerId, ContainerName, RepeatMode          string
	Frequency, Launcher, TerminationMode            string
	OssOutputDelivery, ClientToken                  string
	Timed                                           bool // see InvokeCommandRequest.timedByOldest
	Timeout                                         int64
}

func (f *ValidationErrors) execution(e execution) {
	if n := utf8.RuneCountInString(e.WorkingDir); n > MaxWorkingDir {
		f.add(http.StatusBadRequest, "InvalidParameter.WorkingDir",
			"The specified parameter WorkingDir is not valid: %d characters, at most %d.", n, MaxWorkingDir)
	}
	f.tooLong(e.Username, MaxUsername, http.StatusForbidden, "Username.ExceedLimit", "username")
	f.tooLong(e.WindowsPasswordName, MaxPasswordName, http.StatusForbidden, "WindowsPasswordName.ExceedLimit", "WindowsPasswordName")
	if e.ContainerId != "" && !containerID().MatchString(e.ContainerId) {
		f.add(http.StatusBadRequest, "InvalidContainerId.Malformed", "The specified parameter ContainerId is not valid.")
	}
	if e.ContainerName != "" && !containerName().MatchString(e.ContainerName) {
		f.add(http.StatusBadRequest, "InvalidContainerName.Malformed", "The specified parameter ContainerName is not valid.")
	}
	f.repeatMode(e)
	if len(e.Launcher) > MaxLauncher {
		f.add(http.StatusForbidden, "InvalidLauncher.LengthLimitExceeded", "The length of the parameter Launcher exceeds the limit of 1 KB characters.")
	}
	if !slices.Contains([]string{"", "process", "processtree"}, strings.ToLower(e.TerminationMode)) {
		f.add(http.StatusNotFound, "InvalidTerminationMode.NotFound", "The specified parameter TerminationMode does not exist: %s.", e.TerminationMode)
	}
	f.ossOutputDelivery(e.OssOutputDelivery)
	f.clientToken(e.ClientToken)
}

func (f *ValidationErrors) clientToken(token string) {
	if len(token) > MaxClientToken || !ascii(token) {
		f.add(http.StatusBadRequest, "InvalidClientToken.Malformed", "The specified parameter clientToken is not valid.")
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func (f *ValidationErrors) windowsPassword(commandType, username, passwordName string, status int) {
	windows := commandType == "RunBatScript" || commandType == "RunPowerShellScript"
	if windows && username != "" && !strings.EqualFold(username, "System") && passwordName == "" {
		f.add(status, "WindowsPasswordName.Missed", "WindowsPasswordName must be specified when you create a Windows task.")
	}
}

// ossOutputDelivery accepts oss://bucket and oss://bucket/prefix. An OSS key has at most 1,023 bytes, does not start with a slash, and has
// no empty parts or control characters.
func (f *ValidationErrors) ossOutputDelivery(address string) {
	if address == "" {
		return
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(address, "oss://"), "/")
	if !strings.HasPrefix(address, "oss://") || !ossBucket().MatchString(bucket) {
		f.add(http.StatusBadRequest, "InvalidParameter.OssOutputDelivery", "The specified parameter OssOutputDelivery is not valid.")
		return
	}
	malformed := strings.HasPrefix(prefix, "/") || strings.Contains(prefix, "//") || len(prefix) > maxOssKey ||
		strings.ContainsFunc(prefix, unicode.IsControl) || !utf8.ValidString(prefix)
	if malformed {
		f.add(http.StatusBadRequest, "InvalidOssOutputDelivery.KeyPrefixMalformed",
			"The prefix of the OSS key specified in the parameter OssOutputDelivery is not valid.")
	}
}

// repeatMode checks RepeatMode and Frequency. In the oldest documentation, Timed makes a call periodic, and a missing Frequency has
// another code.
func (f *ValidationErrors) repeatMode(e execution) {
	modes := []string{"", "Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"}
	if !slices.Contains(modes, e.RepeatMode) {
		f.add(http.StatusNotFound, "InvalidRepeatMode.NotFound", "The specified repeat mode does not exist: %s.", e.RepeatMode)
	}
	if e.Frequency == "" {
		switch {
		case e.RepeatMode == "Period":
			f.add(http.StatusBadRequest, "MissingParam.Frequency", "The frequency must be specified when you create a timed task.")
		case e.Timed:
			f.add(http.StatusBadRequest, "MissingParameter.Frequency", "The frequency parameter must exist when create a timed Invocation.")
		}
		return
	}
	f.frequency(e.Frequency, e.Timeout)
}

// frequency checks the frequency of a periodic command. A timeout of 0 is unknown.
func (f *ValidationErrors) frequency(text string, timeout int64) {
	if err := frequencyError(text, timeout); err != nil {
		f.add(http.StatusBadRequest, "InvalidParam.Frequency", "The specified frequency is invalid: %v.", err)
	}
}

// frequencyError returns what is wrong with a frequency, if anything, for a command with a timeout in seconds, or without one if it is 0.
func frequencyError(text string, timeout int64) error {
	if text == "" {
		return nil
	}
	frequency, err := schedule.Parse(text)
	if err != nil {
		return err
	}
	return frequency.Check(time.Duration(timeout) * time.Second)
}

func (f *ValidationErrors) negativeTimeout(seconds int64) {
	if seconds < 0 {
		f.add(http.StatusBadRequest, "InvalidParameter.Timeout", "The specified parameter Timeout is not valid: it is negative.")
	}
}
