// Package render writes documents for people and programs: tables, JSON, NDJSON, YAML and other formats. A document is one
// value with several forms; its JSON uses the API's own names in the API's own case, is documented in docs/json.md, and changes
// only by addition.
//
// The package makes no decisions and no calls: it is given results and writes them.
package render
