package dpsgd

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/dpgan/dpgan/device"
)

// Entropy is where keys come from: the operating system, unless a test or
// --insecure-seed asks for repeatable numbers, which voids the guarantee.
type Entropy struct {
	insecure bool
	seed     uint64
	keys     uint32
}

// SecureEntropy draws from crypto/rand.
func SecureEntropy() *Entropy { return &Entropy{} }

// InsecureEntropy derives every key from seed. What is released with it is not private.
func InsecureEntropy(seed uint64) *Entropy { return &Entropy{insecure: true, seed: seed} }

// Insecure reports whether the keys can be guessed.
func (e *Entropy) Insecure() bool { return e.insecure }

// key is a fresh 256-bit key.
func (e *Entropy) key() ([8]uint32, error) {
	var key [8]uint32
	if e.insecure {
		e.keys++
		words := device.ChaCha20Block(&[8]uint32{uint32(e.seed), uint32(e.seed >> 32), e.keys}, 0, [3]uint32{})
		copy(key[:], words[:8])
		return key, nil
	}
	var raw [32]byte
	if _, err := io.ReadFull(rand.Reader, raw[:]); err != nil {
		return key, fmt.Errorf("dpsgd: no randomness from the operating system: %w", err)
	}
	for i := range key {
		key[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return key, nil
}

// secretSeed is a fresh 64-bit seed, for what a step draws on private rows.
func (e *Entropy) secretSeed() (uint64, error) {
	key, err := e.key()
	return uint64(key[0]) | uint64(key[1])<<32, err
}

// stream is an endless reader of ChaCha20 output under a fresh key.
type stream struct {
	key     [8]uint32
	counter uint64
	buffer  [64]byte
	used    int
}

func newStream(e *Entropy) (*stream, error) {
	key, err := e.key()
	return &stream{key: key, used: 64}, err
}

func (s *stream) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if s.used == len(s.buffer) {
			words := device.ChaCha20Block(&s.key, uint32(s.counter), [3]uint32{uint32(s.counter >> 32)})
			for i, w := range words {
				binary.LittleEndian.PutUint32(s.buffer[4*i:], w)
			}
			s.counter++
			s.used = 0
		}
		k := copy(p[n:], s.buffer[s.used:])
		s.used += k
		n += k
	}
	return len(p), nil
}

// uint64 is the next 64 bits.
func (s *stream) uint64() uint64 {
	var raw [8]byte
	_, _ = s.Read(raw[:]) // never fails
	return binary.LittleEndian.Uint64(raw[:])
}
