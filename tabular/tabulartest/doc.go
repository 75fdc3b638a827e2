// Package tabulartest holds small tables with their schemas, for tests.
package tabulartest
