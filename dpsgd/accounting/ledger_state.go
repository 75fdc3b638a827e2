package accounting

import (
	"fmt"
	"sort"
)

// ledgerState is what the lines add up to.
type ledgerState struct {
	next   Reservation
	open   map[Reservation]Reserved
	closed map[string][]Event // by run
	taken  map[string][]Event // by run, as last said
}

// replay adds up records.
func replay(name string, records []Record) (ledgerState, error) {
	s := ledgerState{next: 1, open: map[Reservation]Reserved{}, closed: map[string][]Event{}, taken: map[string][]Event{}}
	for i, r := range records {
		if err := s.apply(r); err != nil {
			return s, fmt.Errorf("accounting: %w %s, line %d: %w", ErrLedger, name, i+1, err)
		}
	}
	return s, nil
}

func (s *ledgerState) apply(r Record) error {
	switch {
	case r.Reserve != nil:
		if r.Reserve.ID != s.next {
			return fmt.Errorf("reservation %d follows %d", r.Reserve.ID, s.next-1)
		}
		s.open[s.next] = *r.Reserve
		s.next++
	case r.Settle != nil:
		reserved, ok := s.open[r.Settle.ID]
		if !ok {
			return fmt.Errorf("reservation %d is settled but not open", r.Settle.ID)
		}
		if r.Settle.Used < 0 || r.Settle.Used > reserved.Event.Count {
			return fmt.Errorf("used=%d of %d reserved releases", r.Settle.Used, reserved.Event.Count)
		}
		delete(s.open, r.Settle.ID)
		s.spend(reserved, r.Settle.Used)
	case r.Taken != nil:
		s.taken[r.Taken.Run] = r.Taken.Events
	case r.Torn != nil:
		s.next++
		if r.Torn.Spent != nil {
			s.spend(*r.Torn.Spent, r.Torn.Spent.Event.Count)
		}
	}
	return nil
}

func (s *ledgerState) spend(r Reserved, count int) {
	if count > 0 {
		r.Event.Count = count
		s.closed[r.Run] = Merge(s.closed[r.Run], r.Event)
	}
}

func (s *ledgerState) spent(run string) []Event {
	events := append([]Event(nil), s.closed[run]...)
	ids := make([]Reservation, 0, len(s.open))
	for id := range s.open {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		if r := s.open[id]; r.Run == run {
			events = Merge(events, r.Event)
		}
	}
	return events
}

// Merge adds e to events: to the count of an event that differs from it in the
// count alone, or as an event of its own. It does not change the argument.
func Merge(events []Event, e Event) []Event {
	merged := append([]Event(nil), events...)
	for i, have := range merged {
		same := have
		same.Count = e.Count
		if same == e {
			merged[i].Count += e.Count
			return merged
		}
	}
	return append(merged, e)
}
