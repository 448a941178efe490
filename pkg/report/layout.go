package report

import (
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// layout returns the page with its style, to which some of the page's own is added, and its script, and a policy that allows
// only these two, by their hashes.
func layout(own string) (*template.Template, error) {
	style, styleHash := inline(pageCSS + own)
	script, scriptHash := inline(pageJS)
	policy := "default-src 'none'; style-src " + styleHash + "; script-src " + scriptHash + "; base-uri 'none'; form-action 'none'"
	return template.New("page").Funcs(template.FuncMap{
		"policy": func() string { return policy },
		"style":  func() template.HTML { return template.HTML("<style>" + style + "</style>") },
		"script": func() template.HTML { return template.HTML("<script>" + script + "</script>") },
	}).Parse(strings.ReplaceAll(pageHTML, "\r\n", "\n"))
}

// inline returns a text as a browser reads it, and its hash.
func inline(text string) (read, hash string) {
	read = strings.ReplaceAll(text, "\r\n", "\n")
	sum := sha256.Sum256([]byte(read))
	return read, "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
