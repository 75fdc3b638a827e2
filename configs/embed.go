package configs

import _ "embed" // the files below become part of the binary

// Medical trains on the simulated hospital table that dpgan demo writes.
//
//go:embed medical.yaml
var Medical []byte

// Adult is the public schema of the UCI Adult table.
//
//go:embed adult.yaml
var Adult []byte

// Diabetes130 is the public schema of the UCI table "Diabetes 130-US Hospitals
// for Years 1999-2008", without the two identifier columns.
//
//go:embed diabetes130.yaml
var Diabetes130 []byte
