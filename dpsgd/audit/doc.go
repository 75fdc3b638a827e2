// Package audit attacks the privatized step and the noisy counts of a run and
// reports how much they leak beside how much is claimed.
//
// It opens no data. The tables it audits hold records made up for the purpose,
// whose gradients it chooses: canaries at exactly the clipping norm, along axes
// of their own, and hostile records that are huge, tiny, infinite or not a
// number. What runs over them is dpsgd.Gate and dpsgd.Step themselves, on the
// device and with the sample rate, noise and clipping norm of the configuration.
// Their releases are of those records only, so they are charged to no budget, and no
// ledger of the user is opened.
//
// Three kinds of checks:
//
//   - exact ones: with the noise shared, one record moves the noised sum by at
//     most max_grad_norm; fakes do not follow the batch; the step after the last
//     affordable one is refused;
//   - statistics of the noise and of the batches, each with a false-alarm rate
//     below 1e-5 on right code;
//   - lower bounds on ε: from telling two tables apart over many steps
//     (Jagielski, Ullman, Oprea 2020, arXiv 2006.07709; Nasr et al. 2021, arXiv
//     2101.04535), and from guessing which of many canaries one run has seen
//     (Steinke, Nasr, Jagielski 2023, arXiv 2305.08846; Mahloujifar, Melis,
//     Chaudhuri 2024, arXiv 2410.22235). Each holds with 95 % confidence; one
//     above the claim is a failure.
//
// A pass is evidence, not proof: the lower bounds reach about half of a true
// claim, and an audit finds only the leaks that it looks for. SelfTest says
// which: it plants bugs known from the field into plain mechanisms on the host,
// and each must be caught.
//
// The package imports device, dpsgd and dpsgd/accounting, and knows nothing of
// tables or networks.
package audit
