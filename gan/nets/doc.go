// Package nets trains a generator against its discriminators as sequences of operations
// of a device: the generator is a mixture of products with learned codes (generator.go),
// the discriminators are one of second order (device.PairTables) and a net of layers
// (discriminator.go). Engine is what a run asks of either implementation: the one here, or
// gan/reference's expression graphs.
//
// Private rows reach it as batches on the device, through dpsgd's steps. It must not know
// columns, tables or budgets.
package nets
