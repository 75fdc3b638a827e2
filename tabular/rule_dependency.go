package tabular

import (
	"fmt"
	"slices"
	"sort"
)

// Dependency is a column that another one determines.
type Dependency struct {
	Source, Target int // columns
	rule           int
	runs           []Run    // of codes of the source, all of them, ascending
	values         []uint32 // the target's code for each run
	sourceSize     uint32
	targetSize     uint32
}

// Of is the target's code for a code of the source.
func (d *Dependency) Of(code uint32) uint32 {
	return d.values[sort.Search(len(d.runs), func(k int) bool { return d.runs[k].To > code })]
}

func (d *Dependency) number() int              { return d.rule }
func (d *Dependency) columns() []int           { return []int{d.Source, d.Target} }
func (d *Dependency) broken(row []uint32) bool { return d.Of(row[d.Source]) != row[d.Target] }

func (d *Dependency) admits(row []uint32, j int) CodeSet {
	if j == d.Target {
		return OneCode(d.Of(row[d.Source]))
	}
	return d.Sources(OneCode(row[d.Target]))
}

// Sources is the codes of the source that give the target one of codes.
func (d *Dependency) Sources(codes CodeSet) CodeSet {
	var out CodeSet
	for k, run := range d.runs {
		if codes.Has(d.values[k]) {
			out = out.appendRun(run)
		}
	}
	return out
}

// Determined are the columns that others determine, by column: what they hold follows
// from their sources.
func (r *Rules) Determined() map[int]Dependency {
	out := map[int]Dependency{}
	for _, d := range r.Dependencies() {
		out[d.Target] = d
	}
	return out
}

// Root is the column, determined by none, that determines column j by way of others,
// and the codes of it that give j one of codes.
func (r *Rules) Root(j int, codes CodeSet) (int, CodeSet) {
	determined := r.Determined()
	for d, follows := determined[j]; follows; d, follows = determined[j] {
		j, codes = d.Source, d.Sources(codes)
	}
	return j, codes
}

// mapped tells that it is known which function it is.
func (d *Dependency) mapped() bool { return len(d.runs) > 0 }

// Unmapped are the dependencies whose map is to be found. No row breaks one.
func (r *Rules) Unmapped() []Dependency {
	return slices.DeleteFunc(r.Dependencies(), func(d Dependency) bool { return d.mapped() })
}

// Map is the map that gives the codes [edges[b], edges[b+1]) of column source the
// code values[b] of column target.
func (r *Rules) Map(source, target int, edges, values []uint32) Terms {
	terms := make(Terms, len(values))
	for b, value := range values {
		name := r.codec.name(source, edges[b])
		if last := edges[b+1] - 1; last > edges[b] {
			name += wordRange + r.codec.name(source, last)
		}
		terms[b] = Term{name, []string{r.codec.name(target, value)}}
	}
	return terms
}

// Complete gives those of declared that lack a map the map that r's rule about the
// same columns has.
func (r *Rules) Complete(declared []Rule) []Rule {
	declared = slices.Clone(declared)
	for k := range declared {
		d := &declared[k]
		for _, known := range r.Declared() {
			if len(d.Map) == 0 && d.Dependency != "" && known.Dependency == d.Dependency && known.Determines == d.Determines {
				d.Map = known.Map
			}
		}
	}
	return declared
}

// name is a code as a condition names it.
func (c *Codec) name(j int, code uint32) string {
	if code >= c.columns[j].values {
		return wordMissing
	}
	return string(c.AppendCell(nil, j, code))
}

// RuleNumber is the number of the rule among those declared.
func (d *Dependency) RuleNumber() int { return d.rule }

// compileUnmapped takes a dependency whose map is to be found by counting each bin
// of the source with each value of the target, which must therefore be few.
func (r *Rules) compileUnmapped(index, source, target int, fail failer) {
	from, to := &r.codec.columns[source], &r.codec.columns[target]
	if bins := uint32(len(to.fine) - 1); bins != to.size() {
		fail("determines", -1, "column %q has %d values, too many to find the map: declare map", shorten(to.name), to.size())
		return
	}
	for _, column := range []*learnedColumn{from, to} {
		if _, taken := column.coder.encode(wordMissing); taken && column.nullable {
			fail("map", -1, "is missing, and in column %q %q is a value besides what is missing: declare map", shorten(column.name), wordMissing)
			return
		}
	}
	r.dependencies = append(r.dependencies, Dependency{Source: source, Target: target, rule: index,
		sourceSize: r.codec.Size(source), targetSize: r.codec.Size(target)})
}

func (r *Rules) compileDependency(index int, d *Rule, fail failer) {
	source, err := r.codec.Find(d.Dependency)
	if err != nil {
		fail("dependency", -1, "%v", err)
		return
	}
	target, err := r.codec.Find(d.Determines)
	if err != nil {
		fail("determines", -1, "%v", err)
		return
	}
	if source == target {
		fail("determines", -1, "column %q determines itself: name another", shorten(d.Determines))
		return
	}
	if len(d.Map) == 0 {
		r.compileUnmapped(index, source, target, fail)
		return
	}
	out := Dependency{Source: source, Target: target, rule: index, sourceSize: r.codec.Size(source), targetSize: r.codec.Size(target)}
	if out.compileMap(r.codec, d.Map, fail) {
		r.dependencies = append(r.dependencies, out)
		r.rules = append(r.rules, &out)
	}
}

// compileMap reads the map, which must give every code of the source one value.
func (d *Dependency) compileMap(codec *Codec, entries Terms, fail failer) bool {
	source, target := &codec.columns[d.Source], &codec.columns[d.Target]
	var covered CodeSet
	faults := 0
	add := func(from CodeSet, to uint32) {
		covered = covered.or(from)
		for _, run := range from {
			d.runs, d.values = append(d.runs, run), append(d.values, to)
		}
	}
	for i, entry := range entries {
		from, err := codec.Condition(d.Source, []string{entry.Name})
		if err != nil {
			fail("map", i, "column %q: %v", shorten(source.name), err)
			faults++
			continue
		}
		to, err := codec.Condition(d.Target, entry.Values)
		if err == nil && (len(to) != 1 || to[0].To-to[0].From != 1) {
			err = fmt.Errorf("%q: more than one value: name the one", entry.Values)
		}
		if err != nil {
			fail("map", i, "column %q: %v", shorten(target.name), err)
			faults++
			continue
		}
		if twice := covered.And(from); len(twice) > 0 {
			fail("map", i, "%s of column %q has a value already: remove one", codec.cell(d.Source, twice[0].From), shorten(source.name))
			faults++
		}
		add(from, to[0].From)
	}
	if absent := (CodeSet{{source.values, source.size()}}); source.nullable && target.nullable && len(covered.And(absent)) == 0 {
		add(absent, target.values) // what is determined by nothing is nothing
	}
	if left := covered.not(d.sourceSize); faults == 0 && len(left) > 0 {
		fail("map", -1, "gives no value for %s of column %q: add it", codec.cell(d.Source, left[0].From), shorten(source.name))
		faults++
	}
	d.sort()
	return faults == 0
}

// cell is a code as a message shows it.
func (c *Codec) cell(j int, code uint32) string {
	if code >= c.columns[j].values {
		return wordMissing
	}
	return fmt.Sprintf("%q", shorten(string(c.AppendCell(nil, j, code))))
}

func (d *Dependency) sort() {
	order := make([]int, len(d.runs))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int { return int(int64(d.runs[a].From) - int64(d.runs[b].From)) })
	runs, values := make([]Run, len(order)), make([]uint32, len(order))
	for k, from := range order {
		runs[k], values[k] = d.runs[from], d.values[from]
	}
	d.runs, d.values = runs, values
}
