package cmd

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// oddOpenings returns a pattern for openings of doc comments, after the name, that do not say what a thing is or does.
func oddOpenings() *regexp.Regexp {
	return regexp.MustCompile(`^((tell|give|say)s?|(is|are) (what|how|whether|where|when|who|why)|(has|have) \S+( \S+){0,5}? (be|do)) `)
}

// TestDocComments finds doc comments that are not written like those of Go's standard library.
func TestDocComments(t *testing.T) {
	odd, amount := oddOpenings(), regexp.MustCompile(`^(is|are) how (long|many|much|often) `)
	for _, file := range sourceFiles(t) {
		for name, doc := range docComments(file.syntax) {
			_, rest, ok := strings.Cut(strings.Join(strings.Fields(doc.Text()), " "), name+" ")
			if opening := odd.FindString(rest); ok && strings.HasPrefix(doc.Text(), name) && opening != "" && !amount.MatchString(rest) {
				t.Errorf("%s: the comment of %s begins with %q: write what it returns, reports, is or does", file.path, name, name+" "+opening)
			}
		}
	}
}

// TestMethodsAreInFewFiles finds types whose methods are spread over too many files.
func TestMethodsAreInFewFiles(t *testing.T) {
	const most = 6
	files := map[string][]string{} // by package and type
	for _, file := range sourceFiles(t) {
		for _, declaration := range file.syntax.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv != nil {
				owner := path.Dir(file.path) + "." + receiverName(function.Recv.List[0].Type)
				if !slices.Contains(files[owner], file.path) {
					files[owner] = append(files[owner], file.path)
				}
			}
		}
	}
	for owner, list := range files {
		if len(list) > most {
			t.Errorf("the methods of %s lie in %d files: %s", owner, len(list), strings.Join(list, ", "))
		}
	}
}

// TestNoTinyFiles finds files that are too small.
func TestNoTinyFiles(t *testing.T) {
	const least = 30
	for _, file := range sourceFiles(t) {
		dir := path.Dir(file.path)
		if dir != "cmd" && dir != "pkg/lab" || path.Base(file.path) == "doc.go" || file.constrained {
			continue
		}
		if lines := strings.Count(file.text, "\n"); lines < least {
			t.Errorf("%s has %d lines: move them to the file that they belong to", file.path, lines)
		}
	}
}

// sourceFile is a Go file of the module other than a test.
type sourceFile struct {
	path        string // relative to the root of the module
	text        string
	syntax      *ast.File
	constrained bool // it is built for some systems only
}

func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		file := sourceFile{path: strings.TrimPrefix(filepath.ToSlash(name), "../"), text: string(text), syntax: syntax}
		file.constrained = slices.ContainsFunc(strings.Split(file.text, "\n"), constraint.IsGoBuild) || systemInName(file.path)
		files = append(files, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// systemInName reports whether a file's name restricts it to a system.
func systemInName(name string) bool {
	return slices.ContainsFunc([]string{"linux", "darwin", "windows", "unix"}, func(system string) bool {
		return strings.HasSuffix(name, "_"+system+".go")
	})
}

// docComments returns the doc comments of a file's functions, methods, types, constants and variables, by name.
func docComments(file *ast.File) map[string]*ast.CommentGroup {
	docs := map[string]*ast.CommentGroup{}
	add := func(name string, doc *ast.CommentGroup) {
		if doc != nil {
			docs[name] = doc
		}
	}
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			add(d.Name.Name, d.Doc)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name.Name, d.Doc)
					add(s.Name.Name, s.Doc)
				case *ast.ValueSpec:
					add(s.Names[0].Name, d.Doc)
					add(s.Names[0].Name, s.Doc)
				}
			}
		}
	}
	return docs
}

// receiverName returns the name of a method's type.
func receiverName(receiver ast.Expr) string {
	switch r := receiver.(type) {
	case *ast.StarExpr:
		return receiverName(r.X)
	case *ast.IndexExpr:
		return receiverName(r.X)
	case *ast.Ident:
		return r.Name
	}
	return ""
}
