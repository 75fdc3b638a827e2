// Package tabular turns typed tables into integer codes and back.
//
// A declared schema fixes a public grid for every column: a category is one
// code, an integer column has one code an integer of its bounds, a real column
// one code a step of its precision, a datetime column one code a day, hour,
// minute or second. A nullable column has one more code, the last, which means
// "missing". Nothing about the grid is taken from the data: bounds, values,
// precision and formats are declarations, so codes, histogram bins and the
// text of a cell cost no privacy. A Codec is that compiled grid.
//
// Read streams CSV and Parquet files into codes, Writer does the reverse, and
// Codec.Encoding cuts a code grid into modes from a histogram which the caller
// has already made private. The package knows no table by heart, holds no rows,
// draws no randomness and imports of the project only what writes files and finds
// what an unknown name meant.
//
// Modes with an offset follow Xu, Skoularidou, Cuesta-Infante, Veeramachaneni,
// "Modeling Tabular Data using Conditional GAN", 2019, section 4.2,
// arXiv:1907.00503, with quantile bins in place of a Gaussian mixture. CSV is
// that of RFC 4180.
package tabular
