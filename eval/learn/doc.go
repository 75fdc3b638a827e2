// Package learn holds the two learners with which an evaluation asks what a
// table teaches: a linear model on one-hot cells and gradient-boosted trees on
// histograms, both for two classes, several classes and numbers, and the scores
// of their predictions.
//
// It knows nothing of files, schemas or privacy: features are columns of cells
// or of numbers, targets are float64. Same input, same result, on any number of
// cores: sums run in a fixed order and nothing is drawn at random.
//
// Trees follow Chen, Guestrin, "XGBoost: A Scalable Tree Boosting System", 2016,
// arXiv:1603.02754, and, for leaf-wise growth and categories, Ke et al.,
// "LightGBM", NeurIPS 2017. The linear model is ridge-penalised maximum
// likelihood, as scikit-learn's LogisticRegression(C=1).
package learn
