package dpsgd

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/internal/check"
)

// Config is all that changes the guarantee: the `privacy` section.
type Config struct {
	TargetEpsilon float64 `mapstructure:"target_epsilon" yaml:"target_epsilon" json:"target_epsilon"`
	TargetDelta   float64 `mapstructure:"target_delta" yaml:"target_delta" json:"target_delta"`
	// MaxGradNorm is C: no record's gradient is longer in the sum.
	MaxGradNorm float64 `mapstructure:"max_grad_norm" yaml:"max_grad_norm" json:"max_grad_norm"`
	// NoiseMultiplier is σ/C of the noise on the summed gradients; nil ("auto")
	// calibrates the smallest that lets the configured steps fit the budget.
	NoiseMultiplier *float64 `mapstructure:"noise_multiplier" yaml:"noise_multiplier" json:"noise_multiplier"`
	Accountant      string   `mapstructure:"accountant" yaml:"accountant" json:"accountant"`
	// RowCount states how the number of rows is known: "public", or "discovered",
	// a noisy count that Discovery.RowCount pays for.
	RowCount string `mapstructure:"row_count" yaml:"row_count" json:"row_count"`
	// Discovery pays for what the schema leaves open.
	Discovery DiscoveryConfig `mapstructure:"discovery" yaml:"discovery" json:"discovery"`
	Budget    Shares          `mapstructure:"budget" yaml:"budget" json:"budget"`
	// Ledger is the file that all runs on this table share; "" keeps none.
	Ledger string `mapstructure:"ledger" yaml:"ledger" json:"ledger"`
	// TableEpsilon and TableDelta are the total of all runs in Ledger, which its first
	// line fixes: 0 takes what is said there. Where this run makes the ledger, 0 is no
	// total, and TargetDelta.
	TableEpsilon float64 `mapstructure:"table_epsilon" yaml:"table_epsilon" json:"table_epsilon"`
	TableDelta   float64 `mapstructure:"table_delta" yaml:"table_delta" json:"table_delta"`
}

// Shares split the budget, as shares of 1/σ² of the one Gaussian that would
// spend it all. Nil ("auto") leaves a share to the run, which knows the table's
// size. Marginals 0 trains by the discriminator alone, which still pays for the
// 1-way tables that it needs; Discriminator 0 fits the noisy tables alone.
type Shares struct {
	Marginals     *float64 `mapstructure:"marginals" yaml:"marginals" json:"marginals"`
	Discriminator *float64 `mapstructure:"discriminator" yaml:"discriminator" json:"discriminator"`
}

// DefaultConfig holds the values of keys that a config leaves out.
func DefaultConfig() Config {
	return Config{
		TargetEpsilon: 3, TargetDelta: 1e-5, MaxGradNorm: 1,
		Accountant: string(accounting.PLD), RowCount: RowCountPublic,
	}
}

// Bounds of MaxGradNorm.
const leastGradNorm, mostGradNorm = 1e-6, 1e6

// Validate reports every value that makes the guarantee senseless.
func (c *Config) Validate() error {
	v := check.Values{Prefix: "privacy."}
	positive := func(x float64) bool { return x > 0 && !math.IsInf(x, 1) }
	v.Must(positive(c.TargetEpsilon), "target_epsilon", c.TargetEpsilon, "must be > 0 and finite")
	v.Must(c.TargetDelta > 0 && c.TargetDelta < 1, "target_delta", c.TargetDelta,
		"must lie between 0 and 1; choose less than 1 over the number of rows, such as 1e-5")
	v.Must(c.MaxGradNorm >= leastGradNorm && c.MaxGradNorm <= mostGradNorm, "max_grad_norm", c.MaxGradNorm,
		fmt.Sprintf("must lie between %g and %g: "+
			"sums and noise of other sizes leave what floating point holds; 1 suits most models", leastGradNorm, mostGradNorm))
	if c.NoiseMultiplier != nil {
		v.Must(positive(*c.NoiseMultiplier), "noise_multiplier", *c.NoiseMultiplier,
			"must be > 0, or auto; without noise there is no privacy")
	}
	if _, err := accounting.ParseAccountant(c.Accountant); err != nil {
		v.Add(fmt.Errorf("privacy.accountant=%q: must be pld or rdp", c.Accountant))
	}
	v.Must(c.RowCount == RowCountPublic || c.RowCount == RowCountDiscovered, "row_count", c.RowCount,
		"must be public, if the number of rows may be known, or discovered, if privacy.discovery.row_count pays for a noisy one")
	v.Add(c.Discovery.validate(c.RowCount))
	v.Add(c.Budget.validate())
	v.Must(c.TableEpsilon >= 0 && !math.IsInf(c.TableEpsilon, 0) && !math.IsNaN(c.TableEpsilon), "table_epsilon", c.TableEpsilon,
		"must be > 0, or left out")
	v.Must(c.TableEpsilon == 0 || c.Ledger != "", "table_epsilon", c.TableEpsilon,
		"needs privacy.ledger, the file that remembers what was spent")
	v.Must(c.TableDelta >= 0 && c.TableDelta < 1, "table_delta", c.TableDelta, "must lie between 0 and 1, or be left out")
	v.Must(c.TableDelta == 0 || c.TableEpsilon > 0, "table_delta", c.TableDelta, "needs privacy.table_epsilon: both are one total")
	return v.Err()
}
