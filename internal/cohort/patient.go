package cohort

import (
	"math"
	"math/rand/v2"
)

// patient is one simulated stay, complete: what the chart failed to record is
// decided by chart, after the causal model has run.
type patient struct {
	female      bool
	age         int // years
	smoker      bool
	bmi         float64 // kg/m²
	diabetes    bool
	hba1c       float64 // %
	systolic    int     // mmHg
	pregnancies int     // meaningful only if female
	ward        int     // index into wards
	severity    int     // index into severities
	admission   int     // days after firstDay
	stay        int     // days
	cost        float64 // currency units
	outcome     int     // index into outcomes
}

// draw runs the causal model once, causes before effects. Each call consumes
// the generator in the same order, so a seed fixes the table.
func draw(r *rand.Rand) patient {
	var p patient
	p.female = chance(r, 0.53)
	p.age = drawAge(r, p)

	// Fewer of the old smoke; more men do.
	p.smoker = chance(r, logistic(-1.3-0.02*float64(p.age-50)+when(!p.female, 0.4)))

	// Weight peaks near 60 and has a long right tail; smokers are a little lighter.
	mean := 27.2 - 0.0016*square(float64(p.age-60)) - when(p.smoker, 0.9)
	p.bmi = round(clamp(mean*math.Exp(0.17*r.NormFloat64()), 14, 60), 1)

	// Type 2 diabetes follows age and weight.
	p.diabetes = chance(r, logistic(-2.0+0.045*float64(p.age-60)+0.13*(p.bmi-27)))

	// Glycated haemoglobin: a narrow band for the healthy, a high and skewed one for diabetics.
	p.hba1c = 5.3 + 0.006*float64(p.age-50) + 0.28*r.NormFloat64()
	if p.diabetes {
		p.hba1c += 1.1 + 0.9*r.ExpFloat64()
	}
	p.hba1c = round(clamp(p.hba1c, 4, 15), 1)

	p.systolic = drawSystolic(r, p)
	p.pregnancies = drawPregnancies(r, p)
	p.ward = drawWard(r, p)
	p.severity = drawSeverity(r, p)
	p.admission = drawAdmission(r)
	p.stay = drawStay(r, p)
	p.cost = drawCost(r, p)
	p.outcome = drawOutcome(r, p)
	return p
}

// drawAge mixes the young (births, accidents; more of the women) with the old.
// A draw outside 18 to 100 is drawn again, which leaves no heap at the bounds.
func drawAge(r *rand.Rand, p patient) int {
	for {
		age := 66 + 14*r.NormFloat64()
		if chance(r, 0.2+when(p.female, 0.12)) {
			age = 33 + 8*r.NormFloat64()
		}
		if age >= 18 && age < 101 {
			return int(age)
		}
	}
}

// drawSystolic: pressure rises with age, weight, tobacco and diabetes. One
// unremarkable reading in ten is written down as 120, hence the spike.
func drawSystolic(r *rand.Rand, p patient) int {
	mmHg := 124 + 0.45*float64(p.age-55) + 0.7*(p.bmi-27) + when(p.smoker, 4) + when(p.diabetes, 5) + 13*r.NormFloat64()
	noted := chance(r, 0.25)
	if noted && mmHg > 112 && mmHg < 130 {
		return 120
	}
	return int(math.Round(clamp(mmHg, 80, 230)))
}

// drawPregnancies counts past pregnancies: they accrue between 18 and 45.
func drawPregnancies(r *rand.Rand, p patient) int {
	if !p.female {
		return 0
	}
	rate := 0.25 + 2.1*clamp(float64(p.age-18)/27, 0, 1)
	return min(poisson(r, rate), 12)
}

// drawWard picks a ward in proportion to exp(score): the heart ward gets old
// smokers, the medical ward diabetics, obstetrics women under 50 and no others.
func drawWard(r *rand.Rand, p patient) int {
	age := float64(p.age)
	scores := [...]float64{
		cardiology: -0.6 + 0.03*(age-60) + when(p.smoker, 0.6),
		emergency:  -0.2,
		medicine:   0.1 + 0.015*(age-60) + when(p.diabetes, 0.7),
		obstetrics: math.Inf(-1),
		oncology:   -1.2 + 0.02*(age-60) + when(p.smoker, 0.5),
		surgery:    0.2,
	}
	if p.female && p.age < 50 {
		scores[obstetrics] = 1.4 - square((age-30)/9)
	}
	var total float64
	for i, s := range scores {
		scores[i] = math.Exp(s)
		total += scores[i]
	}
	u := r.Float64() * total
	for i, weight := range scores {
		if u < weight {
			return i
		}
		u -= weight
	}
	return surgery
}

// drawSeverity cuts a latent score with logistic noise at fixed heights
// (proportional odds): age, tobacco, sugar and pressure make a stay graver.
func drawSeverity(r *rand.Rand, p patient) int {
	score := 0.025*float64(p.age-60) + when(p.smoker, 0.4) + 0.25*(p.hba1c-5.5) + 0.012*float64(p.systolic-125)
	switch p.ward {
	case oncology:
		score += 0.8
	case cardiology:
		score += 0.3
	case obstetrics:
		score -= 1.5
	}
	u := r.Float64() // 0 gives -Inf, which is mild
	score += math.Log(u / (1 - u))
	severity := 0
	for _, cut := range [...]float64{0, 1.7, 3.4} {
		if score > cut {
			severity++
		}
	}
	return severity
}

// drawAdmission picks a day; one in six belongs to a winter wave, which
// centres on 1 February of its year.
func drawAdmission(r *rand.Rand) int {
	for {
		day := r.IntN(days)
		if chance(r, 1.0/6) {
			day = 365*r.IntN(3) + 31 + int(math.Round(20*r.NormFloat64()))
		}
		if day >= 0 && day < days {
			return day
		}
	}
}

// drawStay: log-normal days, longer for grave cases, the old and diabetics;
// day cases (0) are common among the mild.
func drawStay(r *rand.Rand, p patient) int {
	mean := 0.2 + 0.55*float64(p.severity) + 0.012*float64(p.age-55) + when(p.diabetes, 0.25)
	switch p.ward {
	case emergency:
		mean -= 0.5
	case surgery, oncology:
		mean += 0.3
	}
	return int(clamp(math.Exp(mean+0.6*r.NormFloat64()), 0, 60))
}

// drawCost: a charge of admission that depends on the ward, multiplied with
// days and gravity; 7 % of stays are borne by a fund and billed 0.
func drawCost(r *rand.Rand, p patient) float64 {
	base := [...]float64{cardiology: 7.6, emergency: 6.3, medicine: 6.8, obstetrics: 7.1, oncology: 8.1, surgery: 7.9}
	logCost := base[p.ward] + 0.8*math.Log1p(float64(p.stay)) + 0.2*float64(p.severity) + when(p.diabetes, 0.15) + 0.35*r.NormFloat64()
	if chance(r, 0.07) {
		return 0
	}
	return round(clamp(math.Exp(logCost), 0, 1e6), 2)
}

// drawOutcome: death is rare and steep in age and gravity; the frail survivors
// are transferred to care, the rest go home.
func drawOutcome(r *rand.Rand, p patient) int {
	frailty := 0.05*float64(p.age-65) + 1.1*float64(p.severity)
	u := r.Float64()
	risk := logistic(frailty - 5.75)
	if u < risk {
		return died
	}
	if u < risk+(1-risk)*logistic(frailty-3.4) {
		return transfer
	}
	return home
}
