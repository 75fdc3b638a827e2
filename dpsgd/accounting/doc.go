// Package accounting turns the list of noisy releases of a run into one (ε, δ) guarantee under add/remove of
// one row, calibrates noise and steps to a budget, and keeps the ledger of what was spent.
//
// Two accountants are given. RDP adds Rényi divergences over a fixed set of orders (Mironov 2017,
// arXiv:1702.07476; Mironov, Talwar, Zhang 2019, arXiv:1908.10530) and converts the sum once (Canonne, Kamath,
// Steinke 2020, arXiv:2004.00010, Proposition 12). PLD composes privacy loss distributions (Sommer, Meiser,
// Mohammadi 2019; Koskela, Jälkö, Honkela 2020, arXiv:1906.03049) on a grid, discretised by connect-the-dots
// (Doroshenko et al. 2022, arXiv:2207.04380) and convolved by an exponentially tilted FFT. Both are upper
// bounds: an ε given here is never below the true one of the events, beyond what float64 rounding is covered
// for. PLD is the tighter, often by a tenth.
//
// Error of the PLD accountant. All of its approximations push ε upwards:
//
//   - The grid. Splitting a loss between the ends of its cell adds at most α·T·h²/12 to ε for T releases on a
//     grid of width h, where α−1 is the tilt at the answer. h is the widest 1e-4·2^k that keeps this below
//     5e-6 (beyond ε = 100: 5e-10·ε²), and never below 1e-4, so for long runs the error is α·T·1e-8/12: about 3e-4 of ε = 9 after 100,000
//     steps. The floor is the default grid of Google's dp_accounting, and makes the values comparable. Losses
//     that fill no cell (sample_rate 1e-5), or of discrete noise where δ is near the probability of one of its
//     atoms, are overstated by a cell or two, 1e-4 each, a release. Where a table of 2²¹ cells
//     cannot hold the losses (noise_multiplier far below 0.1), h grows until it does.
//   - Truncation. Outcomes beyond 10.2 standard deviations count as infinite loss: 2e-24 of δ a release.
//   - Wrap-around and round-off of the FFT. Bounded and added to δ before ε is read: about 1e-8 of δ.
//
// The package is pure float64 Go; it imports nothing of this module and knows nothing of tables, devices or
// networks. An event it does not understand is an error, never a guess.
package accounting
