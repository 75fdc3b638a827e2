// Package gantest holds what tests of gan's rooms measure and compare: tables, mixtures.
package gantest
