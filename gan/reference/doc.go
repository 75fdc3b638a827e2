// Package reference is the executable specification of the nets: the generator over
// atoms, the second-order discriminator, the net beside it and their losses as gorgonia
// expression graphs, in float64, with gorgonia's symbolic gradients. Every record's
// gradient is formed by itself, and that of the net measured and clipped, which is what
// the devices must equal without forming any.
//
// NewEngine trains on the graphs whatever a device trains on its operations.
// Verify trains both side by side on a simulated table and compares all that
// they learned. The package knows no device but through the contract.
package reference
