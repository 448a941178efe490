package assist

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
)

var fileMode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-7]{3,4}$`) })

// SendFileRequest puts a file on instances. It returns before anything is delivered. One instance that cannot take it
// makes the service refuse the whole call.
type SendFileRequest struct {
	RegionId        string
	ResourceGroupId string
	Name            string // of the file, at most 255 characters
	TargetDir       string // made where it is missing; at most 255 characters
	Content         string // at most 32 KB in Base64
	ContentType     string // PlainText when left out, or Base64
	FileOwner       string // root when left out
	FileGroup       string // root when left out
	FileMode        string // octal; 0644 when left out
	Overwrite       bool
	Description     string
	Timeout         int64 // seconds; 60 when left out, and at least 10
	InstanceId      []string
	Tag             []Tag
	ClientToken     string
}

// SendFileResponse names what was made.
type SendFileResponse struct {
	RequestId string
	InvokeId  string // f-…
}

// Action is the API's name for the call.
func (*SendFileRequest) Action() string { return "SendFile" }

// Repeatable holds with a ClientToken: the service answers a repeated one with its first answer.
func (r *SendFileRequest) Repeatable() bool { return r.ClientToken != "" }

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *SendFileRequest) Validate(limits Limits) error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.missing("Name", r.Name)
	f.missing("TargetDir", r.TargetDir)
	f.missing("Content", r.Content)
	for _, p := range []struct {
		name, value string
		most        int
	}{
		{"Name", r.Name, MaxFileName}, {"TargetDir", r.TargetDir, MaxFileName}, {"FileOwner", r.FileOwner, MaxFileOwner},
		{"FileGroup", r.FileGroup, MaxFileOwner}, {"Description", r.Description, MaxDescription},
	} {
		f.tooLong(p.value, p.most, http.StatusBadRequest, "InvalidParameter."+p.name, "parameter "+p.name)
	}
	if strings.ContainsAny(r.Name, "/\\\x00") {
		f.add(http.StatusBadRequest, "InvalidParameter.Name", "The specified parameter Name is not valid: it is a file's name, without a directory.")
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

func (f *Faults) fileContent(text, encoding string) {
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
