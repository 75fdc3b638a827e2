package report

import (
	"fmt"
	"image/color"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	plotWidth   = 330.0 // points
	plotHeight  = 200.0
	barHeight   = 15.0 // of a category
	shownLevels = 12   // categories of a column; the others are drawn as one
	labelRunes  = 22
)

// overlay is one column: the share of rows in each public bin.
type overlay struct {
	name   string
	number bool
	// ordered keeps categories in their order where all of them are shown.
	ordered bool
	labels  []string
	last    string
	train   []float64   // nil in a release
	tables  [][]float64 // by synthetic table
}

// draw makes the plot of o: bars for train, points for synthetic tables.
func (o *overlay) draw() (string, error) {
	if o.number {
		return o.drawNumber()
	}
	return o.drawLevels()
}

func (o *overlay) drawNumber() (string, error) {
	p := newPlot("", "share of rows")
	if o.train != nil {
		bars, err := plotter.NewBarChart(plotter.Values(o.train), vg.Points(260/float64(len(o.labels))))
		if err != nil {
			return "", fmt.Errorf("report: %s: %w", o.name, err)
		}
		bars.Color, bars.LineStyle.Width = real, 0
		p.Add(bars)
	}
	for k, shares := range o.tables {
		points := make(plotter.XYs, len(shares))
		for i, s := range shares {
			points[i] = plotter.XY{X: float64(i), Y: s}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return "", fmt.Errorf("report: %s: %w", o.name, err)
		}
		line.Color, line.Width = seriesColor(k), vg.Points(1.3)
		dots.Color, dots.Shape, dots.Radius = seriesColor(k), draw.CircleGlyph{}, vg.Points(1.8)
		p.Add(line, dots)
	}
	p.X.Min, p.X.Max = -.6, float64(len(o.labels))-.4
	p.Y.Min = 0
	p.X.Tick.Marker = plot.ConstantTicks(o.ticks())
	return render(p, plotWidth, plotHeight, "Distribution of "+o.name)
}

// ticks labels the first bins and about four between; the last label of a
// number is its highest value.
func (o *overlay) ticks() []plot.Tick {
	n := len(o.labels)
	missing := n > 1 && o.labels[n-1] == "missing"
	numbers := n
	if missing {
		numbers--
	}
	step := max(1, (numbers+3)/4)
	var out []plot.Tick
	for i := 0; i < numbers-step/2; i += step {
		out = append(out, plot.Tick{Value: float64(i), Label: shorten(o.labels[i], 11)})
	}
	if missing {
		out = append(out, plot.Tick{Value: float64(n - 1), Label: "missing"})
	} else if n > 1 && len(out) > 0 && out[len(out)-1].Value < float64(n)-1.5 {
		out = append(out, plot.Tick{Value: float64(n - 1), Label: shorten(o.last, 11)})
	}
	return out
}

func (o *overlay) drawLevels() (string, error) {
	labels, train, tables := o.largest()
	p := newPlot("share of rows", "")
	n := len(labels)
	if train != nil {
		bars, err := plotter.NewBarChart(plotter.Values(train), vg.Points(barHeight*.62))
		if err != nil {
			return "", fmt.Errorf("report: %s: %w", o.name, err)
		}
		bars.Horizontal, bars.Color, bars.LineStyle.Width = true, real, 0
		p.Add(bars)
	}
	for k, shares := range tables {
		points := make(plotter.XYs, n)
		for i, s := range shares {
			points[i] = plotter.XY{X: s, Y: float64(i)}
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return "", fmt.Errorf("report: %s: %w", o.name, err)
		}
		dots.Color, dots.Shape, dots.Radius = seriesColor(k), draw.CircleGlyph{}, vg.Points(3)
		p.Add(dots)
	}
	p.NominalY(labels...)
	p.Y.Tick.Length = 0
	p.X.Min, p.Y.Min, p.Y.Max = 0, -.7, float64(n)-.3
	return render(p, plotWidth, max(90, 45+barHeight*float64(n)), "Distribution of "+o.name)
}

// largest keeps the most frequent categories, or few ordered ones in their
// order, and sums up the others. The first one comes last, since plots grow
// upwards.
func (o *overlay) largest() (labels []string, train []float64, tables [][]float64) {
	order := make([]int, len(o.labels))
	weight := make([]float64, len(o.labels))
	for i := range order {
		order[i] = i
		for _, shares := range o.tables {
			weight[i] += shares[i] / float64(len(o.tables))
		}
		if o.train != nil {
			weight[i] = o.train[i]
		}
	}
	if !o.ordered || len(order) > shownLevels {
		sort.SliceStable(order, func(a, b int) bool { return weight[order[a]] > weight[order[b]] })
	}
	kept := order
	if len(order) > shownLevels {
		kept = order[:shownLevels-1]
	}
	pick := func(shares []float64) []float64 {
		var out []float64
		for i := len(kept) - 1; i >= 0; i-- {
			out = append(out, shares[kept[i]])
		}
		if len(kept) < len(order) {
			rest := 0.0
			for _, i := range order[len(kept):] {
				rest += shares[i]
			}
			out = append([]float64{rest}, out...)
		}
		return out
	}
	for i := len(kept) - 1; i >= 0; i-- {
		labels = append(labels, shorten(o.labels[kept[i]], labelRunes))
	}
	if len(kept) < len(order) {
		labels = append([]string{fmt.Sprintf("%d others", len(order)-len(kept))}, labels...)
	}
	if o.train != nil {
		train = pick(o.train)
	}
	for _, shares := range o.tables {
		tables = append(tables, pick(shares))
	}
	return labels, train, tables
}

func shorten(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return s
}

// curve is one ROC curve.
type curve struct {
	color    color.Color
	fpr, tpr []float64
}

func drawROC(curves []curve, label string) (string, error) {
	p := newPlot("false positive rate", "true positive rate")
	chance, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}})
	if err != nil {
		return "", fmt.Errorf("report: ROC: %w", err)
	}
	chance.Color, chance.Dashes = grid, []vg.Length{3, 3}
	p.Add(chance)
	for _, c := range curves {
		points := make(plotter.XYs, len(c.fpr))
		for i := range points {
			points[i] = plotter.XY{X: c.fpr[i], Y: c.tpr[i]}
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return "", fmt.Errorf("report: ROC: %w", err)
		}
		line.Color, line.Width = c.color, vg.Points(1.5)
		p.Add(line)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	return render(p, 300, 280, label)
}
