package assist

import (
	"encoding/base64"
	"encoding/binary"
	"sync"
)

// noDigit marks bytes that are not Base64 digits.
const noDigit = 1 << 31

// base64Digits returns the value of each byte as the first, second, third or fourth digit of a group.
var base64Digits = sync.OnceValue(func() *[4][256]uint32 {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	values := new([4][256]uint32)
	for place := range values {
		for c := range values[place] {
			values[place][c] = noDigit
		}
		for value, c := range []byte(digits) {
			values[place][c] = uint32(value) << (18 - 6*place) //nolint:gosec // less than 64
		}
	}
	return values
})

// decodeBase64 decodes text without padding and line breaks into dst. It takes half the time of the standard library, because outputs
// can be hundreds of megabytes. It may overwrite all of dst.
func decodeBase64(dst, text []byte) (n int, ok bool) {
	values := base64Digits()
	seen := uint32(0)
	for len(text) >= 8 && len(dst)-n >= 8 {
		first := values[0][text[0]] | values[1][text[1]] | values[2][text[2]] | values[3][text[3]]
		second := values[0][text[4]] | values[1][text[5]] | values[2][text[6]] | values[3][text[7]]
		seen |= first | second
		binary.BigEndian.PutUint64(dst[n:], uint64(first)<<40|uint64(second)<<16)
		text, n = text[8:], n+6
	}
	rest, err := base64.RawStdEncoding.Decode(dst[n:], text)
	if err != nil || rest != base64.RawStdEncoding.DecodedLen(len(text)) || seen&noDigit != 0 {
		return 0, false
	}
	return n + rest, true
}
