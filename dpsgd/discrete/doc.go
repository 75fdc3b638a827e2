// Package discrete draws integer noise exactly: from the normal distribution rounded
// to integers, by inversion.
//
// Integers and fair random bits decide every draw, so there is no rounding for an
// attacker to exploit, which float noise cannot promise (Mironov 2012). The package
// knows nothing of what the noise protects.
package discrete
