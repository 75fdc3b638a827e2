// Package device is the contract between the training algorithm and the
// hardware that runs it.
//
// gan and dpsgd state one training step as a sequence of about twenty
// operations over device buffers. A Device runs them: cpu at once, cuda by
// recording the sequence into a graph and replaying it. Whatever changes from
// step to step (step counter, learning rate, row indices, row count) lives in
// device buffers, never in an argument, so a recorded sequence stays valid.
//
// The package knows nothing of tables, privacy or networks. It holds the
// contract, the row layout that every device shares, and the two counter-based
// generators (Philox4x32-10 for what is public, ChaCha20 for privacy noise),
// which all devices must reproduce bit for bit.
//
// device/devicetest is the definition of a correct device.
package device
