package eval

// Shares of the rows that define a common and a rare category.
const (
	commonShare = .001
	rareShare   = .01
)

// coverage counts the categories of train, missing among them, that other has
// too: of those with a share of at least 0.1 %, and of those with a share below
// 1 %. A result is NaN where there is no such category.
func coverage(columns []column, train, other *Table) (common, rare float64) {
	var wanted, found, rareWanted, rareFound int
	for j := range columns {
		if columns[j].number {
			continue
		}
		present := make([]bool, columns[j].size)
		for _, code := range other.columns[j] {
			present[code] = true
		}
		counts := make([]int, columns[j].size)
		for _, code := range train.columns[j] {
			counts[code]++
		}
		for code, count := range counts {
			share := float64(count) / float64(train.rows)
			if share >= commonShare {
				wanted++
				if present[code] {
					found++
				}
			}
			if count > 0 && share < rareShare {
				rareWanted++
				if present[code] {
					rareFound++
				}
			}
		}
	}
	return float64(found) / float64(wanted), float64(rareFound) / float64(rareWanted)
}
