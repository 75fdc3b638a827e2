//go:build ignore

// Package main generates cpu's assembly: every kernel for one instruction set.
//
//	go run -modfile=tools/go.mod ./cpu/gen/*.go -set avx2 -pkg cpu -out cpu/avx2_amd64.s -stubs cpu/avx2_amd64.go
//
// `make generate` runs it for each set. The files carry the ignore constraint,
// as avo belongs to the tools and not to the product.
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	name := flag.String("set", "avx2", "instruction `set`: avx2 or avx512")
	flag.Parse()
	sets := map[string]set{"avx2": {suffix: "AVX2", lanes: 8}, "avx512": {suffix: "AVX512", lanes: 16}}
	s, known := sets[*name]
	if !known {
		fmt.Fprintf(os.Stderr, "gen: set=%q: must be avx2 or avx512\n", *name)
		os.Exit(2)
	}
	for _, kernel := range []func(set){
		pause, tile, packRows, packScaled, transpose, dot, axpy, gatherRows, scatterRows, nonzeros,
		activate, dropout, derive, deriveScaled, add, sumSquares, addScaled, sumRows,
		uniform, gumbel, exp, descend, share, shareBack,
		noise, noised, adam, average,
		gridPair, sumTile, scatterSums,
		squareDistances, normalise, normSums, normBack,
	} {
		kernel(s)
	}
	if s.wide() {
		for _, kernel := range []func(set){strip, roundRows, roundPairs, sumTileVNNI} {
			kernel(s)
		}
	}
	Generate()
}
