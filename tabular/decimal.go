package tabular

import (
	"math"
	"strconv"
)

// maxDigits is how many decimal digits fit an int64 without overflow.
const maxDigits = 18

// pow10 holds the powers of ten that an int64 holds.
var pow10 = [maxDigits + 1]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// parseDecimal reads [+-]digits[.digits] as units of 10^-precision, rounded
// half away from zero on the decimal text itself, so that no binary rounding
// moves a cell to the neighbouring code. exact says that nothing was rounded
// off. It refuses (ok=false) other texts, and those beyond 18 digits of units.
func parseDecimal(s string, precision int) (units int64, exact, ok bool) {
	i := 0
	negative := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	start, digits := i, 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if units > (math.MaxInt64-9)/10 {
			return 0, false, false
		}
		units = units*10 + int64(s[i]-'0')
	}
	digits = i - start
	exact = true
	decimals := 0
	if i < len(s) && s[i] == '.' {
		i++
		fraction := i
		for ; i < len(s) && s[i]-'0' <= 9; i++ {
			d := int64(s[i] - '0')
			switch at := i - fraction; {
			case at < precision:
				if units > (math.MaxInt64-9)/10 {
					return 0, false, false
				}
				units = units*10 + d
				decimals++
			case at == precision && d >= 5:
				units++
				exact = false
			case d != 0:
				exact = false
			}
		}
		digits += i - fraction
	}
	if digits == 0 || i != len(s) {
		return 0, false, false
	}
	if rest := precision - decimals; rest > 0 {
		if units > pow10[maxDigits]/pow10[rest] {
			return 0, false, false
		}
		units *= pow10[rest]
	}
	if negative {
		units = -units
	}
	return units, exact, true
}

// parseUnits is parseDecimal that reads exponents too.
func parseUnits(s string, precision int) (units int64, exact, ok bool) {
	if units, exact, ok = parseDecimal(s, precision); ok {
		return units, exact, true
	}
	if !hasExponent(s) {
		return 0, false, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false, false
	}
	return floatUnits(v, precision)
}

// floatUnits rounds v to units of 10^-precision by its shortest decimal text:
// 1.005 is 1.01 at two decimals, as a reader of the text expects, although the
// float64 lies below. ok is false beyond 10^15 units, where float64 no longer
// tells neighbouring units apart.
func floatUnits(v float64, precision int) (units int64, exact, ok bool) {
	scaled := v * float64(pow10[precision])
	if !(math.Abs(scaled) <= maxUnits) {
		return 0, false, false
	}
	// Away from the halves, the rounding of the product does not matter.
	nearest := math.Round(scaled)
	if scaled == nearest && precision == 0 {
		return int64(nearest), true, true
	}
	if distance := math.Abs(scaled - nearest); precision > 0 && distance < 0.49 && math.Abs(scaled) < 1e12 {
		return int64(nearest), false, true
	}
	var text [64]byte
	return parseDecimal(string(strconv.AppendFloat(text[:0], v, 'f', -1, 64)), precision)
}

// hasExponent says whether s is made of the characters of a decimal number
// with an exponent: what strconv may read without accepting "inf" or "0x1p-2".
func hasExponent(s string) bool {
	exponent := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == 'e' || c == 'E':
			exponent = true
		case c-'0' > 9 && c != '.' && c != '-' && c != '+':
			return false
		}
	}
	return exponent
}

// parseFloat reads a finite decimal number, with or without exponent.
func parseFloat(s string) (float64, bool) {
	// Up to 2^53, mantissa and power of ten are exact, so their quotient is
	// correctly rounded (Clinger 1990).
	mantissa, point, i := int64(0), -1, 0
	negative := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		i++
	}
	digits := 0
	for ; i < len(s) && digits <= maxDigits; i++ {
		if s[i] == '.' && point < 0 {
			point = i
			continue
		}
		if s[i]-'0' > 9 {
			break
		}
		mantissa = mantissa*10 + int64(s[i]-'0')
		digits++
	}
	if i == len(s) && digits > 0 && digits <= maxDigits && mantissa <= 1<<53 {
		v := float64(mantissa)
		if point >= 0 {
			v /= float64(pow10[len(s)-point-1])
		}
		if negative {
			v = -v
		}
		return v, true
	}
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// appendUnits writes units of 10^-precision with exactly precision decimals.
// Zero has no sign.
func appendUnits(dst []byte, units int64, precision int) []byte {
	magnitude := uint64(units)
	if units < 0 {
		dst = append(dst, '-')
		magnitude = -magnitude
	}
	if precision == 0 {
		return strconv.AppendUint(dst, magnitude, 10)
	}
	scale := uint64(pow10[precision])
	dst = strconv.AppendUint(dst, magnitude/scale, 10)
	dst = append(dst, '.')
	fraction := magnitude % scale
	at := len(dst) + precision
	for range precision {
		dst = append(dst, '0')
	}
	for i := at - 1; fraction > 0; i-- {
		dst[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	return dst
}
