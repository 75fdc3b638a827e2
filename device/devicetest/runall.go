package devicetest

import (
	"testing"

	"github.com/dpgan/dpgan/device"
)

// RunAll runs every test against devices made by open. Each test opens its own
// and closes it.
func RunAll(t *testing.T, open func(t *testing.T) device.Device) {
	for _, test := range []struct {
		name string
		run  func(f *fixture)
	}{
		{"Buffers", testBuffers},
		{"ExpandCodes", testExpandCodes},
		{"Copy", testCopy},
		{"LinearForward", testLinearForward},
		{"Dropout", testDropout},
		{"LinearBackwardData", testLinearBackwardData},
		{"LinearBackwardWeights", testLinearBackwardWeights},
		{"BatchNormForward", testBatchNormForward},
		{"BatchNormBackward", testBatchNormBackward},
		{"HeadsForward", testHeadsForward},
		{"HeadsBackward", testHeadsBackward},
		{"LogisticDelta", testLogisticDelta},
		{"ClippedSum", testClippedSum},
		{"HostileRecords", testHostileRecords},
		{"BatchMates", testBatchMates},
		{"Crowds", testCrowds},
		{"PrivateAdam", testPrivateAdam},
		{"Noise", testNoise},
		{"AdamUpdate", testAdamUpdate},
		{"MovingAverage", testMovingAverage},
		{"Fill", testFill},
		{"Increment", testIncrement},
		{"Softmax", testSoftmax},
		{"MomentDelta", testMomentDelta},
		{"MomentRefusal", func(f *fixture) { testMomentRefusal(f, open) }},
		{"Lean", testLean},
		{"PairGradients", testPairGradients},
		{"PairCrowds", testPairCrowds},
		{"PairRefusal", func(f *fixture) { testPairRefusal(f, open) }},
		{"PrivateMean", testPrivateMean},
		{"MeanNoise", testMeanNoise},
		{"MeanRefusal", func(f *fixture) { testMeanRefusal(f, open) }},
		{"Record", testRecord},
		{"Release", func(f *fixture) { testRelease(f, open) }},
		{"Errors", func(f *fixture) { testErrors(f, open) }},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newFixture(t, open)) })
	}
}
