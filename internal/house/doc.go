// Package house holds no code: its tests compare the project with what docs/design.md says
// of its rooms.
package house
