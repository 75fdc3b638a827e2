package tabular

const (
	secondsPerDay = 86400
	daysPerEra    = 146097 // 400 Gregorian years
	daysToUnix    = 719468 // from 0000-03-01 to 1970-01-01
)

var (
	months = [12]string{
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December",
	}
	halves     = [2]string{"AM", "PM"}
	monthDays  = [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	daysBefore = [12]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}
)

// clock is a wall-clock time of the proleptic Gregorian calendar, without zone.
type clock struct {
	year, month, day, yearDay int // a yearDay > 0 stands for month and day
	hour, minute, second      int
}

// seconds since 1970-01-01 00:00; false if there is no such day.
func (t clock) seconds() (int64, bool) {
	days := 0
	if t.yearDay > 0 {
		if t.yearDay == 366 && !leap(t.year) {
			return 0, false
		}
		days = daysFromCivil(t.year, 1, 1) + t.yearDay - 1
	} else {
		length := monthDays[t.month-1]
		if t.month == 2 && leap(t.year) {
			length = 29
		}
		if t.day > length {
			return 0, false
		}
		days = daysFromCivil(t.year, t.month, t.day)
	}
	return int64(days)*secondsPerDay + int64(t.hour*3600+t.minute*60+t.second), true
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// daysFromCivil counts days since 1970-01-01, with years that start in March so
// that the leap day comes last (Hinnant, "chrono-Compatible Low-Level Date
// Algorithms", 2013). Valid for years >= 0.
func daysFromCivil(year, month, day int) int {
	if month <= 2 {
		year--
	}
	era, yearOfEra := year/400, year%400
	if year < 0 {
		era, yearOfEra = -1, year+400
	}
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*daysPerEra + dayOfEra - daysToUnix
}

// newClock is the inverse of seconds, for the years 1 to 9999.
func newClock(seconds int64) clock {
	days := seconds / secondsPerDay
	rest := int(seconds % secondsPerDay)
	if rest < 0 {
		days--
		rest += secondsPerDay
	}
	z := int(days) + daysToUnix
	era, dayOfEra := z/daysPerEra, z%daysPerEra
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153
	t := clock{
		year: yearOfEra + era*400, month: (shifted+2)%12 + 1, day: dayOfYear - (153*shifted+2)/5 + 1,
		hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60,
	}
	if t.month <= 2 {
		t.year++
	}
	t.yearDay = daysBefore[t.month-1] + t.day
	if t.month > 2 && leap(t.year) {
		t.yearDay++
	}
	return t
}
