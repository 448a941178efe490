package journal

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"os"
	"sync"
)

// endSize is larger than the event of a run's end.
const endSize = 8 << 10

// lineReader reads the first and the last lines of journals. It is safe for concurrent use.
type lineReader struct{ buffers sync.Pool }

// outerLines returns the first line of a file, and the last one if it is complete and not longer than endSize.
func (r *lineReader) outerLines(file *os.File) (first, last []byte, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	buffer, _ := r.buffers.Get().(*[endSize]byte)
	if buffer == nil {
		buffer = new([endSize]byte)
	}
	defer r.buffers.Put(buffer)
	from := max(info.Size()-endSize, 0)
	tail := buffer[:info.Size()-from]
	n, _ := file.ReadAt(tail, from) // without the end, if it fails
	whole := n == len(tail)
	if end := bytes.IndexByte(tail[:n], '\n'); from == 0 && end >= 0 {
		first = bytes.Clone(tail[:end+1])
	} else if first, err = bufio.NewReader(io.NewSectionReader(file, 0, math.MaxInt64)).ReadBytes('\n'); err != nil {
		return nil, nil, err
	}
	if !whole || !bytes.HasSuffix(tail, []byte("\n")) {
		return first, nil, nil
	}
	return first, bytes.Clone(tail[bytes.LastIndexByte(tail[:len(tail)-1], '\n')+1:]), nil
}
