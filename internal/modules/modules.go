//go:build modules

// Package modules holds a requirement of go.mod that no code imports: gorgonia asks for a
// genproto from before googleapis/rpc left it, so that a module which uses this one as a
// library would find its packages twice.
package modules

import _ "google.golang.org/genproto/googleapis/type/date"
