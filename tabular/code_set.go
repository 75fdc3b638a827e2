package tabular

import "sort"

// Run is the codes [From, To).
type Run struct{ From, To uint32 }

// CodeSet is a set of codes of one column: runs that ascend and do not touch.
type CodeSet []Run

// OneCode is the set of one code.
func OneCode(code uint32) CodeSet { return CodeSet{{code, code + 1}} }

// Has tells whether code is in s.
func (s CodeSet) Has(code uint32) bool {
	k := sort.Search(len(s), func(k int) bool { return s[k].To > code })
	return k < len(s) && s[k].From <= code
}

// appendRun appends a run that begins no earlier than the last one.
func (s CodeSet) appendRun(r Run) CodeSet {
	if r.From >= r.To {
		return s
	}
	if last := len(s) - 1; last >= 0 && s[last].To >= r.From {
		s[last].To = max(s[last].To, r.To)
		return s
	}
	return append(s, r)
}

// or is the union of s and t.
func (s CodeSet) or(t CodeSet) CodeSet {
	all := append(append(CodeSet(nil), s...), t...)
	sort.Slice(all, func(a, b int) bool { return all[a].From < all[b].From })
	var out CodeSet
	for _, r := range all {
		out = out.appendRun(r)
	}
	return out
}

// And is the intersection of s and t.
func (s CodeSet) And(t CodeSet) CodeSet {
	var out CodeSet
	for i, j := 0, 0; i < len(s) && j < len(t); {
		out = out.appendRun(Run{max(s[i].From, t[j].From), min(s[i].To, t[j].To)})
		if s[i].To < t[j].To {
			i++
		} else {
			j++
		}
	}
	return out
}

// not is the codes below size that are not in s.
func (s CodeSet) not(size uint32) CodeSet {
	var out CodeSet
	from := uint32(0)
	for _, r := range s {
		out = out.appendRun(Run{from, r.From})
		from = r.To
	}
	return out.appendRun(Run{from, size})
}

// nearest is the code of s, which is not empty, next to code; the lower of two.
func (s CodeSet) nearest(code uint32) uint32 {
	k := sort.Search(len(s), func(k int) bool { return s[k].To > code })
	switch {
	case k == len(s):
		return s[k-1].To - 1
	case s[k].From <= code:
		return code
	case k > 0 && code-(s[k-1].To-1) <= s[k].From-code:
		return s[k-1].To - 1
	}
	return s[k].From
}
