package dpsgd

// tablesOf are count tables with noise.
func tablesOf(count int, noise float64) Release {
	return Release{Kind: Kind{Name: "tables", Purpose: "joint tables"}, Count: count, Noise: noise}
}
