package cpu

import "github.com/dpgan/dpgan/device"

// uniforms is n numbers draw.Uniform(first), … in scratch.
func (k *kernels) uniforms(scratch *[]float32, draw device.Draw, first, n int) []float32 {
	skip := first % 4 // whole blocks of four around the numbers that are wanted
	u := grow(scratch, roundUp(skip+n, 2*k.lanes))
	k.uniform(u, draw.Seed, uint32(first/4), draw.Stream, draw.Step)
	return u[skip : skip+n]
}

// roundUp is the least multiple of size that is at least n.
func roundUp(n, size int) int { return (n + size - 1) / size * size }
