"""scikit-learn's own checks of estimators, all of them."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from epocl import EpoclClassifier, EpoclRegressor

# It asks for equality to 1e-7, which is less than the rounding of one step in float32. What it is about is tested in
# test_estimators.py.
EXPECTED = {"check_sample_weight_equivalence_on_dense_data": "float32"}


@parametrize_with_checks([EpoclClassifier(), EpoclRegressor()], expected_failed_checks=lambda estimator: EXPECTED)
def test_check(estimator, check):
    check(estimator)
