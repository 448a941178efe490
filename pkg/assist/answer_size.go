package assist

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
)

// Limits of the size of a response, in bytes after decompression. The size per record allows the maximum of all documented limits:
// an output of 24 KB is 32 KB in Base64, and twenty tags in Chinese are 12 KB.
const (
	minAnswer   = 1 << 20 // also for a refusal
	maxAnswer   = 16 << 20
	maxHead     = 1 << 10 // the part of a response that is kept for an AnswerError
	perInstance = 24 << 10
	perAgent    = 1 << 10
	perResult   = 48 << 10
	perTask     = 320 << 10 // a script of 24 KB, its parameters, and half a KB for each of 500 instances, which a raised quota allows
	perFile     = 96 << 10
	plainText   = 48 << 10 // additional size of a text of 24 KB that is not in Base64, with escaped quotes and line breaks
)

// answerSize returns the maximum size of the response to a request, from the number of records that it asks for.
func answerSize(request Request) int {
	size := 0
	switch r := request.(type) {
	case *DescribeInstancesRequest:
		size = r.records() * perInstance
	case *DescribeManagedInstancesRequest:
		size = r.records() * perInstance
	case *DescribeActivationsRequest:
		size = r.records() * perInstance
	case *DescribeCloudAssistantStatusRequest:
		size = max(r.records(), len(r.InstanceId)) * perAgent
	case *DescribeInvocationResultsRequest:
		size = r.records() * (perResult + plainSize(r.ContentEncoding))
	case *DescribeInvocationsRequest:
		size = r.records() * (perTask + plainSize(r.ContentEncoding))
		switch {
		case r.IncludeOutput:
			size = maxAnswer
		case r.InvokeId != "":
			size = 2 * minAnswer
		}
	case *DescribeCommandsRequest:
		size = r.records() * (perResult + plainSize(r.ContentEncoding))
	case *DescribeSendFileResultsRequest:
		size = r.records() * perFile
	}
	return min(max(size, minAnswer), maxAnswer)
}

// plainSize returns the additional size per record for an encoding.
func plainSize(encoding string) int {
	if strings.EqualFold(encoding, PlainText) {
		return plainText
	}
	return 0
}

// records returns the maximum number of records on a page. It is generous for small numbers: the service's smallest page has 10
// records, and other services of the API have other defaults.
func (p *Page) records() int {
	return int(min(max(cmp.Or(p.MaxResults, p.PageSize, 50), DefaultPageSize), maxList))
}

const (
	// maxSmall is the size up to which responses are read concurrently. At most maxLarge larger ones are read at a time.
	maxSmall = 5 << 19
	maxLarge = 1
	// A response may have freeObjects JSON objects, and one more for each bytesPerObject bytes: an object of two bytes takes
	// hundreds of bytes in memory.
	freeObjects    = 10_000
	bytesPerObject = 100
)

// largeAnswers is a semaphore for reading responses of more than maxSmall.
type largeAnswers chan struct{}

// bounded is the body of a response with a maximum size.
type bounded struct {
	io.ReadCloser
	size    int
	read    int
	objects int
	head    []byte // the first bytes
	err     error  // the error of reading, other than io.EOF

	large largeAnswers    // nil if concurrency is not limited
	ended <-chan struct{} // closed when the call ends
	turn  bool            // whether this response holds the semaphore
}

func newBounded(body io.ReadCloser, size int) *bounded { return &bounded{ReadCloser: body, size: size} }

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.read >= b.size:
		return 0, &sizeError{fmt.Sprintf("it is larger than %d KiB", b.size>>10)}
	case b.objects > freeObjects+b.read/bytesPerObject:
		return 0, &sizeError{"it has too many objects"}
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

// sizeError reports a response that is too large.
type sizeError struct{ text string }

func (e *sizeError) Error() string { return e.text }
