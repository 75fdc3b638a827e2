package problems

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestOf(t *testing.T) {
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	sentence := fmt.Errorf("%w, for %w", a, b)
	for _, tt := range []struct {
		err  error
		want []error
	}{
		{nil, nil},
		{a, []error{a}},
		{errors.Join(a, nil, errors.Join(b, errors.Join(c))), []error{a, b, c}},
		{errors.Join(sentence, c), []error{sentence, c}},
	} {
		if got := Of(tt.err); !slices.Equal(got, tt.want) {
			t.Errorf("Of(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}
