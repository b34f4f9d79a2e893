"""One peer on one table, in a process of its own: trains on the part to train on, chooses by the part to validate if it
chooses at all, and predicts the inputs of the part to test, whose targets it is not given.

Usage: python -m bench.tables.peers PEER FOLDER TABLE SEED PREDICTIONS.npy
"""

import sys
import warnings

import numpy

from bench.tables.data import TARGETS, read_part, score

warnings.filterwarnings("ignore")


def text_of(inputs):
    """Categories as text, the missing one too, as CatBoost wants them."""
    inputs = inputs.copy()
    for column in inputs.select_dtypes("category"):
        inputs[column] = inputs[column].astype(object).where(inputs[column].notna(), "").astype(str)
    return inputs


def scikit_mlp(table, train, valid, seed):
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")))
    kind = MLPClassifier if train.classes else MLPRegressor
    return make_pipeline(prepare, kind(random_state=seed)).fit(train.inputs, train.targets), lambda inputs: inputs


def hist_gradient_boosting(table, train, valid, seed):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if train.classes else HistGradientBoostingRegressor
    model = kind(random_state=seed, categorical_features="from_dtype")
    return model.fit(train.inputs, train.targets), lambda inputs: inputs


def lightgbm(table, train, valid, seed):
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if train.classes else LGBMRegressor
    return kind(random_state=seed, verbose=-1).fit(train.inputs, train.targets), lambda inputs: inputs


def lightgbm_best(table, train, valid, seed):
    """The best of six by the part to validate, each with its best number of trees."""
    from lightgbm import LGBMClassifier, LGBMRegressor, early_stopping

    kind = LGBMClassifier if train.classes else LGBMRegressor
    best, least = None, numpy.inf
    for leaves in (15, 31, 127):
        for share in (0.6, 1.0):
            model = kind(random_state=seed, verbose=-1, n_estimators=3000, learning_rate=0.05, num_leaves=leaves,
                         colsample_bytree=share, subsample=share, subsample_freq=1)
            model.fit(train.inputs, train.targets, eval_set=[(valid.inputs, valid.targets)],
                      callbacks=[early_stopping(100, verbose=False)])
            found = score(table, valid.targets, predict(model, valid))
            if found < least:
                best, least = model, found
    return best, lambda inputs: inputs


def catboost(table, train, valid, seed):
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if train.classes else CatBoostRegressor
    texts = list(train.inputs.select_dtypes("category"))
    model = kind(random_seed=seed, verbose=False, allow_writing_files=False, cat_features=texts)
    return model.fit(text_of(train.inputs), train.targets, eval_set=(text_of(valid.inputs), valid.targets)), text_of


def realmlp(table, train, valid, seed):
    import pandas
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    kind = RealMLP_TD_Classifier if train.classes else RealMLP_TD_Regressor
    places = numpy.arange(len(train.targets), len(train.targets) + len(valid.targets))
    inputs = pandas.concat([train.inputs, valid.inputs], ignore_index=True)
    targets = numpy.concatenate([train.targets, valid.targets])
    means = train.inputs.mean(numeric_only=True)  # it takes no missing numbers
    model = kind(random_state=seed, device="cpu", n_cv=1, n_refit=0)
    return model.fit(inputs.fillna(means), targets, val_idxs=places), lambda inputs: inputs.fillna(means)


PEERS = {
    "scikit-learn MLP": scikit_mlp,
    "HistGradientBoosting": hist_gradient_boosting,
    "LightGBM": lightgbm,
    "LightGBM best of 6": lightgbm_best,
    "CatBoost": catboost,
    "RealMLP": realmlp,
}


def predict(model, part, prepare=lambda inputs: inputs):
    inputs = prepare(part.inputs)
    return model.predict_proba(inputs) if part.classes else model.predict(inputs)


def main():
    peer, folder, table, seed, output = sys.argv[1:]
    train, valid, test = (read_part(folder, table, part) for part in ("train", "valid", "test"))
    test.targets = None
    model, prepare = PEERS[peer](table, train, valid, int(seed))
    numpy.save(output, predict(model, test, prepare))


if __name__ == "__main__":
    main()
