package assist

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
)

// Bounds of what is read of an answer, in bytes after decompression. A record's share has room for all that the documents
// let it hold: an output of 24 KB is 32 KB in Base64, twenty tags in Chinese letters are 12 KB.
const (
	minAnswer   = 1 << 20 // also of a refusal
	maxAnswer   = 16 << 20
	maxHead     = 1 << 10 // of an answer that is kept, to be told when it is not the API's
	perInstance = 24 << 10
	perAgent    = 1 << 10
	perResult   = 48 << 10
	perTask     = 128 << 10 // a script of 24 KB, its parameters, and a line for each of some 100 instances
	perFile     = 96 << 10
	plainText   = 48 << 10 // more where a text of 24 KB is not in Base64, and its quotes and line ends are escaped
)

// answerSize bounds the answer to a request: by what each of the records that it asks for can hold.
func answerSize(request Request) int {
	size := 0
	switch r := request.(type) {
	case *DescribeInstancesRequest:
		size = r.records() * perInstance
	case *DescribeManagedInstancesRequest:
		size = r.records() * perInstance
	case *DescribeCloudAssistantStatusRequest:
		size = max(r.records(), len(r.InstanceId)) * perAgent
	case *DescribeInvocationResultsRequest:
		size = r.records() * (perResult + plainly(r.ContentEncoding))
	case *DescribeInvocationsRequest:
		size = r.records() * (perTask + plainly(r.ContentEncoding))
		if r.IncludeOutput {
			size = maxAnswer
		}
	case *DescribeCommandsRequest:
		size = r.records() * (perResult + plainly(r.ContentEncoding))
	case *DescribeSendFileResultsRequest:
		size = r.records() * perFile
	}
	return min(max(size, minAnswer), maxAnswer)
}

func plainly(encoding string) int {
	if strings.EqualFold(encoding, PlainText) {
		return plainText
	}
	return 0
}

// records is how many records a page may have, with room where none or few are asked for: the service makes small pages of
// 10, and other services of the API have other defaults.
func (p *Page) records() int {
	return int(min(max(cmp.Or(p.MaxResults, p.PageSize, 50), DefaultPageSize), maxList))
}

// bounded is an answer's body up to a size, and up to a number of JSON objects: an object of two bytes takes hundreds in
// memory.
type bounded struct {
	io.ReadCloser
	size    int
	left    int
	objects int
	head    []byte // the first bytes
	err     error  // what reading failed with, other than the end
}

func newBounded(body io.ReadCloser, size int) *bounded {
	return &bounded{ReadCloser: body, size: size, left: size, objects: 20_000 + size/128}
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.left <= 0:
		return 0, &sizeError{fmt.Sprintf("it is larger than %d KiB", b.size>>10)}
	case b.objects <= 0:
		return 0, &sizeError{"it has more objects than any such answer"}
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.objects -= bytes.Count(p[:n], []byte{'{'})
	if len(b.head) < maxHead {
		b.head = append(b.head, p[:min(n, maxHead-len(b.head))]...)
	}
	if err != nil && err != io.EOF {
		b.err = bare(err)
		return n, b.err
	}
	return n, err
}

// sizeError is an answer that is larger than it can be.
type sizeError struct{ text string }

func (e *sizeError) Error() string { return e.text }
