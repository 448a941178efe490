package nodeset

// Field is one word of a list.
type Field struct {
	Text   string
	Offset int // of the word in the list, in bytes
}

// Split divides a list into words at blanks, line breaks and commas outside of brackets. A backslash makes the next character
// literal; Split keeps it for [Parse]. Errors are of type [*SyntaxError].
func Split(text string) ([]Field, error) {
	if err := findEllipsis(text); err != nil {
		return nil, err
	}
	var fields []Field
	start := -1
	for i := 0; i < len(text); {
		if text[i] == ',' || blank(text[i:]) {
			if start >= 0 {
				fields = append(fields, Field{text[start:i], start})
				start = -1
			}
			i += runeLen(text[i:])
			continue
		}
		if start < 0 {
			start = i
		}
		switch text[i] {
		case '\\':
			i += 1 + runeLen(text[i+1:])
		case '[':
			end, err := closing(text, i)
			if err != nil {
				return nil, err
			}
			i = end + 1
		default:
			i += runeLen(text[i:])
		}
	}
	if start >= 0 {
		fields = append(fields, Field{text[start:], start})
	}
	return fields, nil
}
