package report

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Plots are drawn in these colours, each of which stands for a variable of the
// style sheet, so that they follow light and dark.
var (
	ink    = color.NRGBA{1, 1, 1, 255}
	grid   = color.NRGBA{2, 2, 2, 255}
	real   = color.NRGBA{3, 3, 3, 255}
	series = []color.NRGBA{{17, 17, 17, 255}, {18, 18, 18, 255}, {19, 19, 19, 255}, {20, 20, 20, 255}, {21, 21, 21, 255}, {22, 22, 22, 255}}
)

// variables are the colours above in the style sheet.
var variables = strings.NewReplacer(
	"#010101", "var(--ink)", "#020202", "var(--grid)", "#030303", "var(--real)",
	"#111111", "var(--s0)", "#121212", "var(--s1)", "#131313", "var(--s2)", "#141414", "var(--s3)", "#151515", "var(--s4)",
	"#161616", "var(--s5)",
)

// seriesColor is the colour of synthetic table k.
func seriesColor(k int) color.NRGBA { return series[k%len(series)] }

// shade stands for a percentage of the warm or the cold colour: the drawing
// package would mix a transparent colour with black.
func shade(cold bool, percent uint8) color.NRGBA {
	if cold {
		return color.NRGBA{5, 255, percent, 255}
	}
	return color.NRGBA{4, 255, percent, 255}
}

var shades = regexp.MustCompile(`fill:#0([45])FF([0-9A-F]{2})`)

// mix turns a shade into a variable and an opacity.
func mix(fill string) string {
	m := shades.FindStringSubmatch(fill)
	name := "--warm"
	if m[1] == "5" {
		name = "--cold"
	}
	percent, _ := strconv.ParseUint(m[2], 16, 8) // two hexadecimal digits
	return fmt.Sprintf("fill:var(%s);fill-opacity:%.2f", name, float64(percent)/100)
}

// newPlot is an empty plot in the report's colours.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Padding, p.Y.Padding = 0, 0
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Label.TextStyle.Color, a.Tick.Color, a.Tick.Label.Color = grid, ink, grid, ink
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = 10, 10
		a.Label.TextStyle.Font.Variant, a.Tick.Label.Font.Variant = "Sans", "Sans"
		a.Tick.Length = 3
	}
	return p
}

var fontStyle = regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:[^;"]*;font-style:[^;"]*;`)

var lineBreak = regexp.MustCompile(`\s*\n\s*`)

// render draws p as an SVG of the given size in points, which label tells to
// who cannot see it.
func render(p *plot.Plot, width, height float64, label string) (string, error) {
	canvas := vgsvg.New(vg.Length(width), vg.Length(height))
	p.Draw(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("report: plot: %w", err)
	}
	return inline(b.String(), label)
}

// inline makes a document of vgsvg a part of a page.
func inline(svg, label string) (string, error) {
	start := strings.Index(svg, "<svg ")
	if start < 0 {
		return "", fmt.Errorf("report: plot: no <svg> in the drawing")
	}
	head := fmt.Sprintf(`<svg role="img" aria-label="%s" `, html.EscapeString(label))
	svg = head + shades.ReplaceAllStringFunc(svg[start+len("<svg "):], mix)
	return variables.Replace(lineBreak.ReplaceAllString(fontStyle.ReplaceAllString(svg, ""), " ")), nil
}
