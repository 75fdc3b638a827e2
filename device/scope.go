package device

// Scope is a device that remembers what is placed on it, so that all of it can be
// released at once: the buffers, tables and programs of one stage of a run.
// Operations on buffers from outside the scope are as good as on its own.
type Scope struct {
	Device
	bytes    int64
	releases []func() // in the order of their making
}

// NewScope is a scope on dev, which may be one itself. Closing it closes dev.
func NewScope(dev Device) *Scope { return &Scope{Device: dev} }

// Bytes is the memory of the buffers and tables of the scope.
func (s *Scope) Bytes() int64 { return s.bytes }

// Alloc makes a buffer that Release frees.
func (s *Scope) Alloc(kind Kind, n int) (Buffer, error) {
	b, err := s.Device.Alloc(kind, n)
	if err == nil {
		s.keep(kind.Bytes(n), b.Release)
	}
	return b, err
}

// NewTable makes columns resident until Release.
func (s *Scope) NewTable(columns []Codes) (Table, error) {
	t, err := s.Device.NewTable(columns)
	if err == nil {
		bytes := int64(0)
		for _, c := range columns {
			bytes += int64(len(c.U8)) + 2*int64(len(c.U16)) + 4*int64(len(c.U32))
		}
		s.keep(bytes, t.Release)
	}
	return t, err
}

// Record makes a program that Release frees.
func (s *Scope) Record(name string, sequence func()) Program {
	p := s.Device.Record(name, sequence)
	s.keep(0, p.Release)
	return p
}

func (s *Scope) keep(bytes int64, release func()) {
	s.bytes += bytes
	s.releases = append(s.releases, release)
}

// Release frees what the scope has made, the last first. The scope is then empty,
// and ready for more.
func (s *Scope) Release() {
	for i := len(s.releases) - 1; i >= 0; i-- {
		s.releases[i]()
	}
	s.bytes, s.releases = 0, nil
}
