// Package render turns what muster found out into what people and programs read: tables, JSON, NDJSON and YAML. A
// document is one value with several forms; its JSON is the API's own names in the API's own case, documented in
// docs/json.md, and changes only by addition.
//
// It decides nothing and asks nobody: it is given results and writes them.
package render
