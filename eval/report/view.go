package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"github.com/dpgan/dpgan/eval"
)

// view is the page as the template sees it. In a release the parts of real
// rows are empty.
type view struct {
	Title     string
	Style     template.CSS
	Release   bool
	Result    *eval.Result // nil in a release
	Tables    []tableView
	Statement *Statement
	Stages    []stage
	Metrics   []metricRow
	Curves    []figure
	Marginals []figure
	Others    []figure // marginals after the first
	Heats     []heatRow
	Rules     []ruleRow
	Notes     []string
}

// tableView is one synthetic table.
type tableView struct {
	eval.TableResult
	Series  int // number of its colour
	Verdict verdict
	Worst   []eval.Column
}

// stage is what one stage of a run spent.
type stage struct {
	Name     string
	Releases int
	Epsilon  float64 // of its events one by one, summed up: no bound on all
	Events   []Event
}

type figure struct{ Title, Note, SVG string }

// heatRow is the maps of one table: train, synthetic, difference.
type heatRow struct {
	Title string
	Maps  []figure
}

// ruleRow is what the rows of one table break.
type ruleRow struct {
	Name  string
	Share float64
	Rules []eval.Violation
}

const (
	firstMarginals = 12
	mostMarginals  = 60
	mostHeat       = 30 // columns of a heat map
	worstRows      = 10
)

func newView(p *Page) (*view, error) {
	r := p.Result
	v := &view{Title: p.Title, Style: template.CSS(styleText), Release: p.Release, Statement: p.Statement, Notes: r.Notes}
	if p.Statement != nil {
		v.Stages = stages(p.Statement.Events)
	}
	for k, t := range r.Tables {
		if p.Release && t.Baseline {
			continue // made from real rows
		}
		row := tableView{TableResult: t, Series: k % len(series)}
		if s, ok := t.Scores.Get("violations"); ok && !math.IsNaN(s.Value) {
			v.Rules = append(v.Rules, ruleRow{t.Name, s.Value, t.Violations})
		}
		if !p.Release {
			row.Verdict = judge(r, &t)
			row.Worst = slices.Clone(t.Columns)
			slices.SortStableFunc(row.Worst, func(a, b eval.Column) int { return cmp.Compare(b.TVD, a.TVD) })
			row.Worst = row.Worst[:min(len(row.Worst), worstRows)]
			row.Pairs = t.Pairs[:min(len(t.Pairs), worstRows)]
		}
		v.Tables = append(v.Tables, row)
	}
	if p.Release {
		v.Notes = nil
	} else {
		v.Result = r
		v.Metrics = metrics(r)
	}
	return v, v.draw(r)
}

// draw makes all plots.
func (v *view) draw(r *eval.Result) error {
	for _, j := range v.order(r) {
		m := r.Marginals[j]
		o := overlay{name: m.Name, number: m.Number, ordered: m.Ordered, labels: m.Labels, last: m.Last}
		if !v.Release {
			o.train = m.Shares
		}
		for _, t := range v.Tables {
			o.tables = append(o.tables, t.Shares[j])
		}
		svg, err := o.draw()
		if err != nil {
			return err
		}
		f := figure{Title: m.Name, SVG: svg}
		if len(v.Marginals) < firstMarginals {
			v.Marginals = append(v.Marginals, f)
		} else {
			v.Others = append(v.Others, f)
		}
	}
	if err := v.drawCurves(r); err != nil {
		return err
	}
	return v.drawHeats(r)
}

// order is the columns to plot: the worst of any table first; in a release
// those of the schema, since an order by distance would tell of real rows.
func (v *view) order(r *eval.Result) []int {
	order := make([]int, len(r.Marginals))
	worst := make([]float64, len(order))
	for j := range order {
		order[j] = j
		for _, t := range v.Tables {
			if !t.Baseline {
				worst[j] = max(worst[j], float64(t.Columns[j].TVD))
			}
		}
	}
	if !v.Release {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(worst[b], worst[a]) })
	}
	return order[:min(len(order), mostMarginals)]
}

func (v *view) drawCurves(r *eval.Result) error {
	if v.Release || len(r.Predictions) == 0 || len(r.Predictions[0].FPR) == 0 {
		return nil
	}
	for k, p := range r.Predictions {
		curves := []curve{{ink, p.FPR, p.TPR}}
		for _, t := range v.Tables {
			q := t.Predictions[k]
			curves = append(curves, curve{seriesColor(t.Series), q.FPR, q.TPR})
		}
		svg, err := drawROC(curves, "ROC curves of "+p.Title)
		if err != nil {
			return err
		}
		v.Curves = append(v.Curves, figure{Title: p.Title, SVG: svg})
	}
	return nil
}

// drawHeats makes the maps of associations; of wide tables those of the columns
// that are farthest from train, in a release of the first ones.
func (v *view) drawHeats(r *eval.Result) error {
	n := r.Associations.Shape()[0]
	train := r.Associations.Data().([]float64)
	for _, t := range v.Tables {
		if t.Baseline {
			continue
		}
		synthetic := t.Associations.Data().([]float64)
		chosen := v.heatColumns(train, synthetic, n)
		names := make([]string, len(chosen))
		for i, j := range chosen {
			names[i] = r.Names[j]
		}
		at := func(values []float64) func(i, j int) float64 {
			return func(i, j int) float64 { return values[chosen[i]*n+chosen[j]] }
		}
		maps := []struct {
			title  string
			values func(i, j int) float64
			scale  float64
			real   bool
		}{
			{"train", at(train), 1, true},
			{"synthetic", at(synthetic), 1, false},
			{"synthetic − train, full colour at ±0.25", func(i, j int) float64 { return at(synthetic)(i, j) - at(train)(i, j) }, .25, true},
		}
		row := heatRow{Title: t.Name}
		for _, m := range maps {
			if m.real && v.Release {
				continue
			}
			h := heat{names: names, values: m.values, scale: m.scale}
			svg, err := h.draw("Associations, " + m.title + ", " + t.Name)
			if err != nil {
				return err
			}
			row.Maps = append(row.Maps, figure{Title: m.title, SVG: svg})
		}
		v.Heats = append(v.Heats, row)
	}
	return nil
}

func (v *view) heatColumns(train, synthetic []float64, n int) []int {
	order := make([]int, n)
	distance := make([]float64, n)
	for i := range order {
		order[i] = i
		for j := range n {
			distance[i] += math.Abs(train[i*n+j] - synthetic[i*n+j])
		}
	}
	if !v.Release {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(distance[b], distance[a]) })
	}
	order = order[:min(n, mostHeat)]
	slices.Sort(order)
	return order
}

// stages groups events in the order in which stages occur.
func stages(events []Event) []stage {
	var out []stage
	for _, e := range events {
		k := slices.IndexFunc(out, func(s stage) bool { return s.Name == e.Stage })
		if k < 0 {
			k = len(out)
			out = append(out, stage{Name: e.Stage})
		}
		out[k].Releases += e.Count
		out[k].Epsilon += e.Epsilon
		out[k].Events = append(out[k].Events, e)
	}
	return out
}
