// Package reference is the executable specification of the nets: the generator,
// the discriminator and their losses as gorgonia expression graphs, in float64,
// with gorgonia's symbolic gradients. Every record's discriminator gradient is
// formed, measured and clipped by itself, which is what the devices must equal
// without forming any.
//
// NewEngine trains on the graphs whatever a device trains on its operations.
// Verify trains both side by side on a simulated table and compares all that
// they learned. The package knows no device but through the contract.
package reference
