package dpsgd

import "testing"

func TestKeysDiffer(t *testing.T) {
	for name, e := range map[string]*Entropy{"secure": SecureEntropy(), "insecure": InsecureEntropy(1)} {
		seen := map[[8]uint32]bool{}
		for range 100 {
			key, err := e.key()
			if err != nil {
				t.Fatal(err)
			}
			if seen[key] {
				t.Fatalf("%s entropy gave the same key twice", name)
			}
			seen[key] = true
		}
	}
}

func TestInsecureEntropyRepeats(t *testing.T) {
	a, b, other := InsecureEntropy(5), InsecureEntropy(5), InsecureEntropy(6)
	x, _ := a.key()
	y, _ := b.key()
	z, _ := other.key()
	if x != y || x == z {
		t.Error("the key must depend on the seed alone")
	}
	if !a.Insecure() || SecureEntropy().Insecure() {
		t.Error("only entropy from a seed is insecure")
	}
}
