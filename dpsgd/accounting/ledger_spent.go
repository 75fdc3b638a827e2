package accounting

// SpentOf lists what all runs in records have released or reserved.
func SpentOf(records []Record) ([]Event, error) {
	state, err := replay("", records)
	if err != nil {
		return nil, err
	}
	l := Ledger{state: state}
	var events []Event
	for _, run := range l.Runs() {
		events = append(events, l.Spent(run)...)
	}
	return events, nil
}
