package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// heat draws a square matrix of numbers in [−1, 1], row 0 on top.
type heat struct {
	names  []string
	values func(i, j int) float64
	scale  float64 // the number of full colour
}

// Plot implements plot.Plotter.
func (h *heat) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	n := len(h.names)
	for i := range n {
		for j := range n {
			v := h.values(i, j) / h.scale
			level := uint8(math.Round(100 * min(math.Abs(v), 1)))
			if level < 2 {
				continue
			}
			fill := shade(v < 0, level)
			left, right := x(float64(j)-.5), x(float64(j)+.5)
			low, high := y(float64(n-1-i)-.5), y(float64(n-1-i)+.5)
			c.FillPolygon(fill, []vg.Point{{X: left, Y: low}, {X: right, Y: low}, {X: right, Y: high}, {X: left, Y: high}})
		}
	}
}

func (h *heat) draw(label string) (string, error) {
	p := newPlot("", "")
	n := len(h.names)
	p.Add(h)
	ticks := make([]plot.Tick, n)
	for i, name := range h.names {
		ticks[i] = plot.Tick{Value: float64(n - 1 - i), Label: shorten(name, 14)}
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Tick.Marker = plot.ConstantTicks(nil)
	p.Y.Tick.Length = 0
	size := vg.Length(min(10, 200/float64(n)+2))
	p.Y.Tick.Label.Font.Size = size
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -.5, float64(n)-.5, -.5, float64(n)-.5
	return render(p, plotWidth, plotWidth-60, label)
}
