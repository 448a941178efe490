package assist

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
)

var fileMode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-7]{3,4}$`) })

// SendFileRequest sends a file to instances. It returns before the file is delivered. If one instance cannot receive the file, the
// service refuses the whole call.
type SendFileRequest struct {
	RegionId        string
	ResourceGroupId string
	Name            string // of the file, at most 255 characters
	TargetDir       string // created if missing; at most 255 characters
	Content         string // at most 32 KB in Base64
	ContentType     string // PlainText (the default) or Base64
	FileOwner       string // root if empty
	FileGroup       string // root if empty
	FileMode        string // octal; 0644 if empty
	Overwrite       bool
	Description     string
	Timeout         int64 // seconds, at least 10; 60 if zero
	InstanceId      []string
	Tag             []Tag
	ClientToken     string
}

// SendFileResponse contains the ids of what was created.
type SendFileResponse struct {
	RequestId string
	InvokeId  string // f-…
}

// Action returns the API's name of the action.
func (*SendFileRequest) Action() string { return "SendFile" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *SendFileRequest) Repeatable() bool { return r.ClientToken != "" }

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *SendFileRequest) Validate(limits Limits) error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.missing("Name", r.Name)
	f.missing("TargetDir", r.TargetDir)
	f.missing("Content", r.Content)
	for _, p := range []struct {
		name, value string
		max         int
	}{
		{"Name", r.Name, MaxFileName}, {"TargetDir", r.TargetDir, MaxFileName}, {"FileOwner", r.FileOwner, MaxFileOwner},
		{"FileGroup", r.FileGroup, MaxFileOwner}, {"Description", r.Description, MaxDescription},
	} {
		f.tooLong(p.value, p.max, http.StatusBadRequest, "InvalidParameter."+p.name, "parameter "+p.name)
	}
	if strings.ContainsAny(r.Name, "/\\\x00") {
		f.add(http.StatusBadRequest, "InvalidParameter.Name", "The specified parameter Name is not valid: it must be a file name without a directory.")
	}
	if r.FileMode != "" && !fileMode().MatchString(r.FileMode) {
		f.add(http.StatusBadRequest, "InvalidParameter.FileMode", "The specified parameter FileMode is not valid: %s is not octal.", r.FileMode)
	}
	f.fileContent(r.Content, Encoding(r.ContentType, PlainText))
	f.targets(r.InstanceId, nil, nil, min(limits.RunInstances, MaxSendFileInstances))
	f.tags(r.Tag)
	f.negativeTimeout(r.Timeout)
	f.clientToken(r.ClientToken)
	return f.orNil()
}

func (f *ValidationErrors) fileContent(text, encoding string) {
	content, err := DecodeContent(text, encoding)
	if err != nil {
		f.add(http.StatusBadRequest, "InvalidParameter.Content", "The specified parameter Content is not valid: it can not be base64 decoded.")
		return
	}
	if size := Base64Size(content); size > MaxFileContent {
		f.add(http.StatusBadRequest, "InvalidParameter.Content",
			"The specified parameter Content is not valid: %d bytes in Base64, at most %d.", size, MaxFileContent)
	}
}
