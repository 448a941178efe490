package jq

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// The content of the classes that are Unicode in Oniguruma and ASCII in RE2.
const (
	digits = `\p{Nd}`
	words  = `\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}`
	spaces = `\t-\r\x{85}\p{Z}`
)

// translate converts an Oniguruma pattern to RE2. If extended is set, it removes white space and comments, as the flag x requires.
func translate(re string, extended bool) string {
	var b strings.Builder
	inClass, comment := false, false
	for i := 0; i < len(re); i++ {
		c := re[i]
		switch {
		case comment:
			comment = c != '\n'
		case c == '\\' && i+1 < len(re):
			i++
			if re[i] == 'Q' {
				end := i + strings.Index(re[i:]+`\E`, `\E`)
				b.WriteString(`\` + re[i:min(end+2, len(re))])
				i = end + 1
				continue
			}
			b.WriteString(escaped(re[i], inClass))
		case inClass && strings.HasPrefix(re[i:], "[:"):
			b.WriteString("[:")
			i++
		case inClass:
			if c == ']' {
				inClass = false
			}
			b.WriteByte(c)
		case c == '[':
			inClass = true
			b.WriteByte(c)
			for _, first := range []string{"^", "]"} { // a leading ] is literal
				if strings.HasPrefix(re[i+1:], first) {
					b.WriteString(first)
					i++
				}
			}
		case extended && strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		case extended && c == '#':
			comment = true
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escaped returns the RE2 syntax for a backslash followed by c.
func escaped(c byte, inClass bool) string {
	class, negated := "", false
	switch c {
	case 'd', 'D':
		class, negated = digits, c == 'D'
	case 'w', 'W':
		class, negated = words, c == 'W'
	case 's', 'S':
		class, negated = spaces, c == 'S'
	case 'Z':
		if !inClass {
			return `(?-m:$)`
		}
	}
	switch {
	case class == "":
		return string([]byte{'\\', c}) // c may be the first of several bytes; the others follow
	case negated && inClass:
		return ranges(`[^` + class + `]`)
	case inClass:
		return class
	case negated:
		return `[^` + class + `]`
	}
	return `[` + class + `]`
}

// ranges returns the ranges of a class, for use within another class.
func ranges(class string) string {
	parsed, err := syntax.Parse(class, syntax.Perl)
	if err != nil {
		panic(err) // the classes are constants of this file
	}
	var b strings.Builder
	for i := 0; i+1 < len(parsed.Rune); i += 2 {
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, parsed.Rune[i], parsed.Rune[i+1])
	}
	return b.String()
}
