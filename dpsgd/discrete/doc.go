// Package discrete draws integer noise exactly: from the discrete Gaussian and
// the discrete Laplace distribution, by the algorithms of Canonne, Kamath and
// Steinke (2020, "The discrete Gaussian for differential privacy", arXiv
// 2004.00010, algorithms 1-3).
//
// Only integers and fair random bits are used, so there is no rounding for an
// attacker to exploit, which float noise cannot promise (Mironov 2012). The
// package knows nothing of what the noise protects.
package discrete
