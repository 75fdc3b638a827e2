package tabular

import "slices"

// never forbids conjunctions. An implication is one conjunction for each of its
// consequences: the conditions, and that the consequence fails.
type never struct {
	rule         int
	sizes        map[int]uint32 // of the columns
	mentioned    []int
	conjunctions [][]clause
}

// clause is that the code of a column is in a set.
type clause struct {
	column int
	codes  CodeSet
}

func (n *never) number() int    { return n.rule }
func (n *never) columns() []int { return n.mentioned }

func (n *never) broken(row []uint32) bool {
	return slices.ContainsFunc(n.conjunctions, func(all []clause) bool { return holds(all, row, -1) })
}

// holds tells whether all clauses but those about column except hold.
func holds(all []clause, row []uint32, except int) bool {
	for _, c := range all {
		if c.column != except && !c.codes.Has(row[c.column]) {
			return false
		}
	}
	return true
}

func (n *never) admits(row []uint32, j int) CodeSet {
	out := CodeSet{{0, n.sizes[j]}}
	for _, all := range n.conjunctions {
		k := slices.IndexFunc(all, func(c clause) bool { return c.column == j })
		if k >= 0 && holds(all, row, j) {
			out = out.And(all[k].codes.not(n.sizes[j]))
		}
	}
	return out
}

// forbid forbids a conjunction; clauses about one column are made one.
func (n *never) forbid(codec *Codec, all []clause) {
	var joined []clause
	for _, c := range all {
		n.sizes[c.column] = codec.Size(c.column)
		if !slices.Contains(n.mentioned, c.column) {
			n.mentioned = append(n.mentioned, c.column)
		}
		k := slices.IndexFunc(joined, func(d clause) bool { return d.column == c.column })
		if k < 0 {
			joined = append(joined, c)
		} else {
			joined[k].codes = joined[k].codes.And(c.codes)
		}
	}
	n.conjunctions = append(n.conjunctions, joined)
}

// clauses compiles conditions on columns.
func (r *Rules) clauses(key string, terms Terms, fail failer) (out []clause, ok bool) {
	ok = true
	for i, t := range terms {
		j, err := r.codec.Find(t.Name)
		if err != nil {
			fail(key, i, "%v", err)
			ok = false
			continue
		}
		codes, err := r.codec.Condition(j, t.Values)
		if err != nil {
			fail(key, i, "column %q: %v", shorten(t.Name), err)
			ok = false
			continue
		}
		out = append(out, clause{j, codes})
	}
	return out, ok
}

func (r *Rules) compileNever(index int, d *Rule, fail failer) {
	all, ok := r.clauses("never", d.Never, fail)
	if !ok {
		return
	}
	n := &never{rule: index, sizes: map[int]uint32{}}
	n.forbid(r.codec, all)
	r.rules = append(r.rules, n)
}

func (r *Rules) compileImplication(index int, d *Rule, fail failer) {
	when, whenOK := r.clauses("if", d.If, fail)
	then, thenOK := r.clauses("then", d.Then, fail)
	if !whenOK || !thenOK {
		return
	}
	n := &never{rule: index, sizes: map[int]uint32{}}
	for _, c := range then {
		n.forbid(r.codec, append(slices.Clone(when), clause{c.column, c.codes.not(r.codec.Size(c.column))}))
	}
	r.rules = append(r.rules, n)
}
