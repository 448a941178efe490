package assist

import (
	"bytes"
	"cmp"
	"context"
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
	perTask     = 320 << 10 // a script of 24 KB, its parameters, and half a KB for each of 500 instances, as a raised quota allows
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
		switch {
		case r.IncludeOutput:
			size = maxAnswer
		case r.InvokeId != "":
			size = 2 * minAnswer
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

const (
	// maxSmall is how much of each answer is read at the same time as others. What is larger is read by one call at a time.
	maxSmall = 5 << 19
	maxLarge = 1
	// An answer may have so many JSON objects, and one more for so many bytes: an object of two bytes takes hundreds in memory.
	freeObjects    = 10_000
	bytesPerObject = 100
)

// largeAnswers are turns to read answers of more than maxSmall.
type largeAnswers chan struct{}

// bounded is an answer's body up to a size.
type bounded struct {
	io.ReadCloser
	size    int
	read    int
	objects int
	head    []byte // the first bytes
	err     error  // what reading failed with, other than the end

	large largeAnswers    // nil for one without turns
	ended <-chan struct{} // of the call
	turn  bool            // this answer has one
}

func newBounded(body io.ReadCloser, size int) *bounded { return &bounded{ReadCloser: body, size: size} }

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.read >= b.size:
		return 0, &sizeError{fmt.Sprintf("it is larger than %d KiB", b.size>>10)}
	case b.objects > freeObjects+b.read/bytesPerObject:
		return 0, &sizeError{"it has more objects than any such answer"}
	case b.read >= maxSmall && !b.turn && b.large != nil:
		select {
		case b.large <- struct{}{}:
			b.turn = true
		case <-b.ended:
			b.err = context.Canceled
			return 0, b.err
		}
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.size-b.read)])
	b.read += n
	b.objects += bytes.Count(p[:n], []byte{'{'})
	if len(b.head) < maxHead {
		b.head = append(b.head, p[:min(n, maxHead-len(b.head))]...)
	}
	if err != nil && err != io.EOF {
		b.err = bare(err)
		return n, b.err
	}
	return n, err
}

func (b *bounded) Close() error {
	if b.turn {
		b.turn = false
		<-b.large
	}
	return b.ReadCloser.Close()
}

// sizeError is an answer that is larger than it can be.
type sizeError struct{ text string }

func (e *sizeError) Error() string { return e.text }
