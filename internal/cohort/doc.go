// Package cohort simulates the table that dpgan demo trains on: adult patients
// of a fictional hospital, one stay each. Nobody in it exists. It is a
// simulation written for this project, seeded and public, so its generator
// (PCG) is none of the privacy machinery and must never be used there.
//
// # Columns
//
// One of every type a schema knows, in the order of header:
//
//	patient_id   id           P000001, P000002, ... unique
//	sex          categorical  F, M
//	age          integer      18 to 100 years
//	smoker       boolean      about 3 % not asked
//	bmi          real, 1      14 to 60 kg/m², about 4 % not measured
//	diabetes     boolean
//	hba1c        real, 1      4 to 15 %, ordered mostly for diabetics
//	systolic_bp  integer      80 to 230 mmHg, a spike at 120, about 1 % missing
//	pregnancies  integer      0 to 12, missing for every man
//	ward         categorical  six wards, obstetrics only for women under 50
//	severity     ordinal      mild < moderate < severe < critical
//	admission    datetime     2022-01-01 to 2024-12-31
//	discharge    datetime     admission or up to 60 days later
//	cost         real, 2, log 0 to 1e6, a spike at 0, about 2 % missing
//	outcome      categorical  home, transfer, died (1 to 2 %)
//
// # Causal model
//
// An arrow points from cause to effect. Each variable is drawn once from its
// causes and from noise of its own, so every correlation in the table has a
// path here that explains it.
//
//	sex ────────> age, smoker, ward, pregnancies
//	age ────────> smoker, bmi, diabetes, hba1c, systolic_bp, pregnancies, ward, severity, stay, outcome
//	smoker ─────> bmi, systolic_bp, ward, severity
//	bmi ────────> diabetes, systolic_bp
//	diabetes ───> hba1c, systolic_bp, ward, stay, cost
//	hba1c ──────> severity
//	systolic_bp > severity
//	ward ───────> severity, stay, cost
//	severity ───> stay, cost, outcome
//	stay ───────> cost           discharge = admission + stay
//
// What an equation means in words stands beside it in patient.go. Coefficients
// are chosen for plausible size and sign, not estimated from any data.
//
// # Missing cells
//
// smoker, bmi, systolic_bp and cost are missing completely at random; hba1c
// depends on diabetes (nobody orders the test without a reason), hence missing
// at random given a recorded column; pregnancies of men do not exist, which is
// legitimate and not a gap.
package cohort
