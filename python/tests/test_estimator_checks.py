"""scikit-learn's own checks of estimators, all of them."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from epocl import EpoclClassifier, EpoclRegressor


@parametrize_with_checks([EpoclClassifier(), EpoclRegressor()])
def test_check(estimator, check):
    check(estimator)
