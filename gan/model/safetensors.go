package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/dpgan/dpgan/gan/nets"
	"gorgonia.org/tensor"
)

// maxHeader bounds the JSON header of a safetensors file, as its specification does.
const maxHeader = 100 << 20

type tensorHeader struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// WriteSafetensors writes tensors and metadata in the safetensors format: eight
// bytes of header length, a JSON header padded to eight bytes, then the values,
// little-endian, in the order of their names.
func WriteSafetensors(w io.Writer, tensors nets.Tensors, metadata map[string]string) error {
	names := make([]string, 0, len(tensors))
	for name := range tensors {
		names = append(names, name)
	}
	sort.Strings(names)
	header := map[string]any{"__metadata__": metadata}
	offset := int64(0)
	for _, name := range names {
		size := 4 * int64(tensors[name].Shape().TotalSize())
		header[name] = tensorHeader{"F32", tensors[name].Shape(), [2]int64{offset, offset + size}}
		offset += size
	}
	text, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("gan: model header: %w", err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	if err := binary.Write(w, binary.LittleEndian, uint64(len(text))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, name := range names {
		if err := binary.Write(w, binary.LittleEndian, tensors[name].Data()); err != nil {
			return err
		}
	}
	return nil
}

// ReadSafetensors reads what writeSafetensors wrote, from data of known size. It
// admits float32 tensors only and checks every length before it allocates.
func ReadSafetensors(data []byte) (nets.Tensors, map[string]string, error) {
	if len(data) < 8 {
		return nil, nil, fmt.Errorf("only %d bytes: not a safetensors file, or cut short", len(data))
	}
	size := binary.LittleEndian.Uint64(data)
	if size > maxHeader || size > uint64(len(data)-8) {
		return nil, nil, fmt.Errorf("a header of %d bytes in a file of %d: not a safetensors file, or cut short", size, len(data))
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+size], &raw); err != nil {
		return nil, nil, fmt.Errorf("the header is not JSON: not a safetensors file: %w", err)
	}
	values := data[8+size:]
	tensors, metadata := nets.Tensors{}, map[string]string{}
	for name, text := range raw {
		if name == "__metadata__" {
			if err := json.Unmarshal(text, &metadata); err != nil {
				return nil, nil, fmt.Errorf("the metadata is not a map of strings: %w", err)
			}
			continue
		}
		var h tensorHeader
		if err := json.Unmarshal(text, &h); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		t, err := h.read(values)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors[name] = t
	}
	return tensors, metadata, nil
}

func (h *tensorHeader) read(values []byte) (*tensor.Dense, error) {
	if h.DType != "F32" {
		return nil, fmt.Errorf("dtype %q: only F32 is read", h.DType)
	}
	n := int64(1)
	for _, d := range h.Shape {
		if d < 1 || n > int64(len(values))/int64(d) {
			return nil, fmt.Errorf("shape %v does not fit %d bytes of values: the file is cut short", h.Shape, len(values))
		}
		n *= int64(d)
	}
	from, to := h.Offsets[0], h.Offsets[1]
	if from < 0 || to < from || to > int64(len(values)) || to-from != 4*n {
		return nil, fmt.Errorf("values at %d … %d of %d: the file is cut short", from, to, len(values))
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(values[from+4*int64(i):]))
	}
	if len(h.Shape) == 0 {
		return nil, fmt.Errorf("a scalar: only arrays are read")
	}
	return tensor.New(tensor.WithShape(h.Shape...), tensor.WithBacking(out)), nil
}
